import type { Account } from '../account.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';
import { checkoutPage } from './checkout.js';
import { consolePage } from './console.js';
import { invoicePage } from './invoice.js';
import { portalPage } from './portal.js';
import { threeDSecurePage } from './three-d-secure.js';

type Page = (account: Account, id: string, request: ApiRequest) => ApiAnswer;

const pages: [RegExp, Page][] = [
  [/^\/c\/pay\/([^/]+)$/, checkoutPage],
  [/^\/3ds\/([^/]+)$/, threeDSecurePage],
  [/^\/p\/session\/([^/]+)$/, portalPage],
  [/^\/invoices\/([^/]+)$/, invoicePage],
];

/** Answers the path of a page a person opens, or null if it is none. */
export function answerPage(account: Account, request: ApiRequest): ApiAnswer | null {
  if (request.path === '/' && request.method === 'GET') return consolePage(account);
  for (const [path, page] of pages) {
    const match = path.exec(request.path);
    if (match && (request.method === 'GET' || request.method === 'POST'))
      return page(account, decodeURIComponent(match[1] ?? ''), request);
  }
  return null;
}
