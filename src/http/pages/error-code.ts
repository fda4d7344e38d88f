import { errorCatalogue } from '../../errors-catalogue.js';
import type { CatalogueEntry } from '../../errors-catalogue.js';
import { escapeHtml, renderPage } from './page.js';

/** `/errors/<code>`: what a code means and what to do; undefined for a code that is never sent. */
export function renderErrorCode(code: string): string | undefined {
  const entry = Object.hasOwn(errorCatalogue, code)
    ? (errorCatalogue as Record<string, CatalogueEntry>)[code]
    : undefined;
  if (!entry) return undefined;
  return renderPage(
    code,
    `<p>${escapeHtml(entry.meaning)}</p>
<h2>What to do</h2>
<p>${escapeHtml(entry.whatToDo)}</p>
<p><a href="/">All codes</a></p>`,
  );
}
