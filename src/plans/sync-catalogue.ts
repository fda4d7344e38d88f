import type { Parts } from '../parts.js';
import { ask } from '../sync/queue.js';
import { subjectKey } from '../sync/subject.js';
import { listProductIds } from './catalogue.fetch.js';
import { Plan } from './plan.entity.js';

export interface CatalogueReport {
  products: number;
  /** Products that were not looked at in time; the sync goes on with them by itself. */
  waiting: string[];
}

/** Looks at every product of Stripe's, one after the other, through the sync; one that fails does not stop the rest. */
export async function syncCatalogue(
  { database, stripe, sync }: Pick<Parts, 'database' | 'stripe' | 'sync'>,
  onProduct: (done: number) => void = () => {},
): Promise<CatalogueReport> {
  const report: CatalogueReport = { products: 0, waiting: [] };
  for await (const id of listProductIds(stripe)) {
    const subject = subjectKey({ kind: 'catalogue', id });
    const now = await database.now();
    const asked = await database.transaction((transaction) => ask(transaction, database.dialect, subject, now));
    if (!(await sync.refreshNow(subject, asked))) report.waiting.push(id);
    report.products += 1;
    onProduct(report.products);
  }
  return report;
}

/** True before the first sync: nothing can be sold yet. */
export const isCatalogueEmpty = async ({ database }: Pick<Parts, 'database'>): Promise<boolean> =>
  (await database.read.manager.count(Plan)) === 0;
