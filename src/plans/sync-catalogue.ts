import type { Parts } from '../parts.js';
import { ask } from '../sync/queue.js';
import { subjectKey } from '../sync/subject.js';
import { listProductIds } from './catalogue.fetch.js';
import { CatalogueProblem, type CatalogueProblemState } from './catalogue-problem.entity.js';
import { Plan } from './plan.entity.js';

export interface CatalogueReport {
  products: number;
  /** Products that were not looked at in time; the sync goes on with them by itself. */
  waiting: string[];
  /** What cannot be sold, and why; warnings are sold all the same. */
  problems: CatalogueProblemState[];
  /** Why Stripe's list of products could not be read to its end; null when it was. Nothing is archived for it. */
  cutShort: string | null;
}

type Needs = Pick<Parts, 'database' | 'stripe' | 'sync'>;

/**
 * Looks at every product of Stripe's, one after the other, through the sync; one that fails does not stop the rest.
 * What is archived is decided product by product from a look at it, never from its absence on a page.
 */
export async function syncCatalogue(
  { database, stripe, sync }: Needs,
  onProduct: (done: number, total: number) => void = () => {},
): Promise<CatalogueReport> {
  const { ids, cutShort } = await everyProduct({ database, stripe });
  const waiting: string[] = [];
  for (const [place, id] of ids.entries()) {
    const subject = subjectKey({ kind: 'catalogue', id });
    const now = await database.now();
    const asked = await database.transaction((transaction) => ask(transaction, database.dialect, subject, now));
    if (!(await sync.refreshNow(subject, asked))) waiting.push(id);
    onProduct(place + 1, ids.length);
  }
  return { products: ids.length, waiting, problems: await readProblems(database), cutShort };
}

/** Stripe's products, as far as its pages can be read, and those that are stored although Stripe lists them no more. */
async function everyProduct({
  database,
  stripe,
}: Omit<Needs, 'sync'>): Promise<{ ids: string[]; cutShort: string | null }> {
  const ids = new Set<string>();
  let cutShort: string | null = null;
  try {
    for await (const id of listProductIds(stripe)) ids.add(id);
  } catch (thrown) {
    if (ids.size === 0) throw thrown;
    cutShort = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const held = await database.read.rows<{ product_id: string | null }>(
    'SELECT product_id FROM plans UNION SELECT product_id FROM add_ons',
  );
  held.forEach(({ product_id: id }) => id !== null && ids.add(id));
  return { ids: [...ids], cutShort };
}

/** Everything that the last look at each product found wrong, by product. */
export const readProblems = ({ read }: Pick<Parts['database'], 'read'>): Promise<CatalogueProblem[]> =>
  read.manager.find(CatalogueProblem, { order: { productId: 'ASC', id: 'ASC' } });

/** True before the first sync: nothing can be sold yet. */
export const isCatalogueEmpty = async ({ database }: Pick<Parts, 'database'>): Promise<boolean> =>
  (await database.read.manager.count(Plan)) === 0;
