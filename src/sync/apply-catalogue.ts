import { In } from 'typeorm';
import type { Database, Transaction } from '../database/database.js';
import { changeOf } from '../history/change.js';
import type { SeenProduct } from '../plans/catalogue.fetch.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { demandsOf, isHandled } from '../webhooks/handlers.js';
import { apply, type RoundEnd } from './apply.js';
import type { Round } from './queue.js';
import type { Failure } from './seen.js';
import { backOff, judge, type Verdict } from './verdict.js';
import { nothingSeen } from './seen.js';

export const CATALOGUE_ID = 'catalogue';

export interface CatalogueEnd extends RoundEnd {
  /** The catalogue's new revision; null when nothing changed. */
  revision: number | null;
  /** Customers whose subscriptions are on a price that changed its plan. */
  customers: string[];
}

export interface SeenCatalogue {
  product: SeenProduct | null;
  failure: Failure | null;
  wallNow: number;
  jitter: number;
}

/** Writes what a round saw of a product. A change of the catalogue writes no account; it asks for those it touches. */
export function applyCatalogue(database: Database, round: Round, seen: SeenCatalogue): Promise<CatalogueEnd> {
  return apply(database, round, async (transaction, storeNow) => {
    const failed = seen.failure !== null;
    const verdicts = round.events.map((pending) => verdictOf(pending, seen));
    const retryDelayMs = failed ? backOff(round.attempts + 1, seen.jitter) : null;
    if (!seen.product) return { verdicts, failed, retryDelayMs, revision: null, customers: [] };
    const touched = await writeProduct(transaction, seen.product);
    const revision = touched === null ? null : await raiseRevision(transaction, database, storeNow);
    return {
      verdicts,
      failed,
      retryDelayMs,
      revision,
      customers: touched ? await customersOn(transaction, touched) : [],
    };
  });
}

function verdictOf(pending: Round['events'][number], { failure, wallNow, jitter }: SeenCatalogue): Verdict {
  const seen = nothingSeen();
  const { event } = pending;
  if (failure && event && isHandled(event.type)) demandsOf(event).forEach(({ id }) => seen.failures.set(id, failure));
  return judge(pending, [], { seen, owned: true, resurrected: new Set(), held: () => true, now: wallNow, jitter });
}

/** Null when everything was as stored; else the ids of prices that now sell another plan than before. */
async function writeProduct({ manager }: Transaction, { id, plan, prices }: SeenProduct): Promise<string[] | null> {
  const heldPlans = await manager.findBy(Plan, { productId: id });
  const heldPrices = await manager.findBy(Price, { productId: id });
  const gonePlans = heldPlans.filter(({ key }) => key !== plan?.key);
  const gonePrices = heldPrices.filter((held) => !prices.some((price) => price.id === held.id));
  const heldPlan = heldPlans.find(({ key }) => key === plan?.key) ?? null;
  const planChanged = plan !== null && changeOf('plan', plan.id, heldPlan, plan) !== null;
  const changedPrices = prices.filter(
    (price) => changeOf('plan', price.id, heldPrices.find((held) => held.id === price.id) ?? null, price) !== null,
  );
  if (!planChanged && changedPrices.length === 0 && gonePlans.length === 0 && gonePrices.length === 0) return null;

  // Who is on a plan that is sold no more keeps it, so its row stays and says so.
  for (const gone of gonePlans) await manager.update(Plan, { id: gone.id }, { archived: true });
  if (gonePrices.length > 0)
    await manager.update(Price, { id: In(gonePrices.map((price) => price.id)) }, { active: false });
  if (plan) await manager.upsert(Plan, { ...plan }, ['id']);
  for (const price of changedPrices) await manager.upsert(Price, { ...price }, ['id']);
  return changedPrices
    .filter((price) => heldPrices.find((held) => held.id === price.id)?.planKey !== price.planKey)
    .map((price) => price.id);
}

async function raiseRevision({ rows, run }: Transaction, { dialect }: Database, now: number): Promise<number> {
  await run(
    `INSERT INTO catalogue (id, revision, synced_at) VALUES (?, 1, ?)
     ${dialect.onConflict('id')} revision = revision + 1, synced_at = ?`,
    [CATALOGUE_ID, now, now],
  );
  const [row] = await rows<{ revision: number | string }>('SELECT revision FROM catalogue WHERE id = ?', [
    CATALOGUE_ID,
  ]);
  return Number(row?.revision);
}

async function customersOn({ manager }: Transaction, priceIds: readonly string[]): Promise<string[]> {
  if (priceIds.length === 0) return [];
  const on = await manager.find(BillingSubscription, {
    where: { priceId: In([...priceIds]) },
    select: { id: true, customerId: true },
  });
  return [...new Set(on.map(({ customerId }) => customerId))];
}
