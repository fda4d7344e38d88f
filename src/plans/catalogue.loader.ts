import type { Database } from '../database/database.js';
import { findRows } from '../database/find-rows.js';
import { AddOn } from './add-on.entity.js';
import { Plan } from './plan.entity.js';
import { BUILT_IN_FREE_PLAN, inEachCurrency } from './plan.js';
import { Price } from './price.entity.js';

/** Its row and its topic. */
export const CATALOGUE_ID = 'catalogue';

/** The catalogue as one read: small, and wanted whole by every pricing page. */
export interface Catalogue {
  plans: Plan[];
  addOns: AddOn[];
  /** Each once for every currency it can be paid in. */
  prices: Price[];
  planByKey: ReadonlyMap<string, Plan>;
  priceById: ReadonlyMap<string, Price>;
}

type Read = Database['read'];

/** The last one read from each database, with the revision that was stored before it was read. */
const kept = new WeakMap<Read, { revision: number; catalogue: Catalogue }>();

/**
 * The catalogue as committed, for reading only: answers share it while its revision stands, which rises with every
 * change of it, in the same transaction.
 */
export async function readCatalogue(read: Read): Promise<Catalogue> {
  const [row] = await read.rows<{ revision: number | string }>('SELECT revision FROM catalogue WHERE id = ?', [
    CATALOGUE_ID,
  ]);
  const held = kept.get(read);
  if (row && held?.revision === Number(row.revision)) return held.catalogue;
  const catalogue = await readAll(read);
  // What changed meanwhile has raised the revision, so a mixture of two is never asked for again.
  if (row) kept.set(read, { revision: Number(row.revision), catalogue });
  return catalogue;
}

async function readAll(read: Read): Promise<Catalogue> {
  const plans = await findRows(read, Plan, { order: { rank: 'ASC', key: 'ASC' } });
  const addOns = await findRows(read, AddOn, { order: { key: 'ASC' } });
  const stored = await findRows(read, Price, { order: { createdAt: 'ASC', id: 'ASC' } });
  const prices = stored.flatMap(inEachCurrency);
  if (!plans.some(({ free }) => free)) plans.unshift(Object.assign(new Plan(), BUILT_IN_FREE_PLAN));
  return {
    plans,
    addOns,
    prices,
    planByKey: new Map(plans.map((plan) => [plan.key, plan])),
    priceById: new Map(prices.map((price) => [price.id, price])),
  };
}
