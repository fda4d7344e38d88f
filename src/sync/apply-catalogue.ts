import { In, IsNull } from 'typeorm';
import type { Database, Transaction } from '../database/database.js';
import { CATALOGUE_ID } from '../plans/catalogue.loader.js';
import type { SeenProduct } from '../plans/catalogue.fetch.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { demandsOf, isHandled } from '../webhooks/handlers.js';
import { apply, type RoundEnd } from './apply.js';
import { type ProductWritten, writeProduct, writeProductFailure } from './apply-product.js';
import { driftsOf } from './drift.js';
import { keepDrift } from './keep-drift.js';
import { productChanges } from './product-changes.js';
import type { Round } from './queue.js';
import type { Failure } from './seen.js';
import { judge, retryAfter, type Verdict } from './verdict.js';
import { nothingSeen } from './seen.js';

export interface CatalogueEnd extends RoundEnd {
  /** The catalogue's new revision; null when nothing changed. */
  revision: number | null;
  /** Customers whose subscriptions are on a price that changed its plan, or whose plan they do not show yet. */
  customers: string[];
  /** Other products to look at again. */
  products: string[];
}

export interface SeenCatalogue {
  product: SeenProduct | null;
  failure: Failure | null;
  jitter: number;
}

/** Writes what a round saw of a product. A change of the catalogue writes no account; it asks for those it touches. */
export function applyCatalogue(
  database: Database,
  round: Round,
  productId: string,
  seen: SeenCatalogue,
): Promise<CatalogueEnd> {
  return apply(database, round, async (transaction, storeNow) => {
    const end = {
      verdicts: round.events.map((pending) => verdictOf(pending, seen)),
      ...retryAfter(seen.failure ? [seen.failure] : [], round.attempts, seen.jitter),
    };
    if (seen.failure) await writeProductFailure(transaction, productId, seen.failure.message, storeNow);
    const { product } = seen;
    if (!product) return { ...end, revision: null, customers: [], products: [] };
    await lockCatalogue(transaction, database, storeNow);
    const write = () => writeProduct(transaction, product, storeNow);
    const { result, changes } =
      round.events.length > 0
        ? { result: await write(), changes: [] }
        : await productChanges(transaction, productId, write);
    // What it took over from another product was not told by an event of its own.
    const drifting = changes.filter(({ object }) => object === 'price' || !result.tookOver);
    await keepDrift(transaction, driftsOf(round, drifting, null, storeNow));
    const { changed, products } = result;
    return {
      ...end,
      whole: product.plan || product.addOn || product.prices.length > 0 || product.unreadable ? true : null,
      revision: changed ? await raiseRevision(transaction, storeNow) : null,
      customers: await customersOn(transaction, result),
      products,
    };
  });
}

function verdictOf(pending: Round['events'][number], { failure, jitter }: SeenCatalogue): Verdict {
  const seen = nothingSeen();
  const { event } = pending;
  if (failure && event && isHandled(event.type)) demandsOf(event).forEach(({ id }) => seen.failures.set(id, failure));
  return judge(pending, [], { seen, owned: true, resurrected: new Set(), held: () => true, jitter });
}

/** Products are compared with one another, so one is written at a time: of two at once neither would know of the other. */
async function lockCatalogue({ run }: Transaction, { dialect }: Database, now: number): Promise<void> {
  await run(
    `INSERT INTO catalogue (id, revision, synced_at) VALUES (?, 0, ?) ${dialect.onConflict('id')} revision = revision + 0`,
    [CATALOGUE_ID, now],
  );
}

async function raiseRevision({ rows, run }: Transaction, now: number): Promise<number> {
  await run('UPDATE catalogue SET revision = revision + 1, synced_at = ? WHERE id = ?', [now, CATALOGUE_ID]);
  const [row] = await rows<{ revision: number | string }>('SELECT revision FROM catalogue WHERE id = ?', [
    CATALOGUE_ID,
  ]);
  return Number(row?.revision);
}

/** A round of theirs may have read the catalogue before a price was in it, and been committed after. */
async function customersOn(
  { manager }: Transaction,
  { planPrices, movedPrices }: Pick<ProductWritten, 'planPrices' | 'movedPrices'>,
): Promise<string[]> {
  if (planPrices.length + movedPrices.length === 0) return [];
  const on = await manager.find(BillingSubscription, {
    where: [{ priceId: In(movedPrices) }, { priceId: In(planPrices), unmapped: true, endedAt: IsNull() }],
    select: { id: true, customerId: true },
  });
  return [...new Set(on.map(({ customerId }) => customerId))];
}
