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
  await keepHowListEnded(database, cutShort);
  const waiting: string[] = [];
  for (const [place, id] of ids.entries()) {
    if (!(await lookAtProduct({ database, sync }, id))) waiting.push(id);
    onProduct(place + 1, ids.length);
  }
  return { products: ids.length, waiting, problems: await readProblems(database), cutShort };
}

/** False when it was not looked at in time. */
export async function lookAtProduct({ database, sync }: Omit<Needs, 'stripe'>, id: string): Promise<boolean> {
  const subject = subjectKey({ kind: 'catalogue', id });
  const now = await database.now();
  const asked = await database.transaction((transaction) => ask(transaction, database.dialect, subject, now));
  return sync.refreshNow(subject, asked);
}

/** Stripe's products, as far as its pages can be read, and those that are stored although Stripe lists them no more. */
export async function everyProduct({
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

/** Stands for Stripe's list of products among the products that something is wrong with. */
const LIST = '/v1/products';

/** Stores that the list could not be read to its end, for as long as that is so. */
export async function keepHowListEnded(database: Parts['database'], cutShort: string | null): Promise<void> {
  await database.run('DELETE FROM catalogue_problems WHERE product_id = ?', [LIST]);
  if (cutShort === null) return;
  const reason = `Stripe's list of products could not be read to its end: ${cutShort}`;
  const remedy = 'Run `billing sync --catalogue` when Stripe answers; the gateway reads all of it at its next start.';
  await database.insertIfAbsent(
    'catalogue_problems',
    ['id', 'product_id', 'object_id', 'reason', 'remedy', 'warning', 'found_at'],
    [[`${LIST}/0`, LIST, LIST, reason, remedy, 0, await database.now()]],
  );
}

/** Everything that the last look at each product found wrong, by product. */
export const readProblems = ({ read }: Pick<Parts['database'], 'read'>): Promise<CatalogueProblem[]> =>
  read.manager.find(CatalogueProblem, { order: { productId: 'ASC', id: 'ASC' } });

/** Whether the last reading of Stripe's list came to its end. A part of it may hold any plans, or none. */
export const isListWhole = async ({ read }: Pick<Parts['database'], 'read'>): Promise<boolean> =>
  !(await read.manager.existsBy(CatalogueProblem, { productId: LIST }));

/** False before the first reading, and after one that broke off. */
export const isCatalogueRead = async ({ database }: Pick<Parts, 'database'>): Promise<boolean> =>
  (await isListWhole(database)) && (await database.read.manager.count(Plan)) > 0;
