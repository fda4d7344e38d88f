import { In, Not } from 'typeorm';
import type { Transaction } from '../database/database.js';
import { changeOf } from '../history/change.js';
import { AddOn } from '../plans/add-on.entity.js';
import type { SeenProduct } from '../plans/catalogue.fetch.js';
import { CatalogueProblem, type CatalogueProblemState } from '../plans/catalogue-problem.entity.js';
import { METADATA } from '../plans/metadata.js';
import { Plan } from '../plans/plan.entity.js';
import type { AddOnState, PlanState, PriceState } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import type { SeenPrice } from '../plans/price.fetch.js';
import { FoundBy, type KnownSellers, sellerOf, unknownSellers } from '../plans/price-seller.js';
import { goesBefore } from '../plans/rival.js';

export interface ProductWritten {
  /** False when everything was as stored. */
  changed: boolean;
  /** Prices that sell a plan. */
  planPrices: string[];
  /** Prices that now sell another plan than before. */
  movedPrices: string[];
  /** Other products to look at again: their prices name what has just appeared here, or they claim what passed on. */
  products: string[];
  /** What it sells was another product's before. */
  tookOver: boolean;
}

/** Writes what one look saw of a product: its plan or add-on, its prices, and what is wrong with them. */
export async function writeProduct(transaction: Transaction, seen: SeenProduct, now: number): Promise<ProductWritten> {
  const { manager } = transaction;
  const [holder, field] = seen.addOn
    ? [await holderOf(transaction, AddOn, seen.addOn), METADATA.addOnId]
    : [seen.plan && (await holderOf(transaction, Plan, seen.plan)), METADATA.planId];
  const claim = seen.plan ?? seen.addOn;
  const taken = claim !== null && holder !== null && !goesBefore(claim, holder);
  const problems = [...seen.problems, ...(taken && !claim.archived ? [takenKey(field, claim, holder)] : [])];
  const written = { changed: false, appeared: [] as string[], left: [] as string[] };

  if (!seen.unreadable && !taken) {
    const plans = await replace(transaction, Plan, seen.id, seen.plan);
    const addOns = await replace(transaction, AddOn, seen.id, seen.addOn);
    written.changed = plans.changed || addOns.changed;
    written.appeared.push(...plans.appeared, ...addOns.appeared);
    written.left.push(...plans.left, ...addOns.left);
  }
  const tookOver = holder !== null && !taken;
  const known = await knownSellers(transaction);
  const prices = seen.prices.map((price) => sold(price, known));
  const held = await manager.findBy(Price, { productId: seen.id });
  const changedPrices = await writePrices(transaction, held, prices);
  problems.push(...prices.flatMap(weaklyNamed), ...seen.prices.flatMap((price) => namesNobody(price, known)));
  await writeProblems(transaction, seen.id, problems, now);
  return {
    changed: written.changed || changedPrices.length > 0,
    planPrices: prices.flatMap(({ id, planKey }) => (planKey ? id : [])),
    movedPrices: changedPrices
      .filter(({ id, planKey }) => held.find((price) => price.id === id)?.planKey !== planKey)
      .map(({ id }) => id),
    products: [
      ...(tookOver && holder.productId ? [holder.productId] : []),
      ...(await productsNaming(transaction, written, seen.id)),
    ],
    tookOver,
  };
}

/** Another product that sells the same as far as is known. */
async function holderOf<Row extends Plan | AddOn>(
  { manager }: Transaction,
  entity: new () => Row,
  { key, productId }: PlanState | AddOnState,
): Promise<Row | null> {
  const holder = await manager.findOneBy(entity, { key } as never);
  return holder?.productId && holder.productId !== productId ? holder : null;
}

const isTaken = (field: string, key: string, by: string | null) => `${field} '${key}' is taken by ${by}`;

const takenKey = (
  field: string,
  { productId, key }: PlanState | AddOnState,
  holder: Plan | AddOn,
): CatalogueProblemState => ({
  objectId: productId ?? '',
  field,
  reason: isTaken(field, key, holder.productId),
  remedy: `Archive one of the two products, or give one of them another ${field}.`,
  warning: false,
});

/** Who has what is sold no more keeps it, so its row stays and says so. */
async function replace<Row extends Plan | AddOn>(
  { manager }: Transaction,
  entity: new () => Row,
  productId: string,
  next: Pick<Row, 'id' | 'key' | 'archived'> | null,
): Promise<{ changed: boolean; appeared: string[]; left: string[] }> {
  const held = await manager.findBy(entity, { productId } as never);
  const same = next ? await manager.findOneBy(entity, { id: next.id } as never) : null;
  const gone = held.filter(({ key, archived }) => key !== next?.key && !archived);
  for (const { id } of gone) await manager.update(entity, { id } as never, { archived: true } as never);
  const changed = next !== null && changeOf('plan', next.id, same, next) !== null;
  if (changed) await manager.upsert(entity, { ...next } as never, ['id']);
  return {
    changed: changed || gone.length > 0,
    appeared: next && !same ? [next.key] : [],
    left: [...gone.map(({ key }) => key), ...(next?.archived ? [next.key] : [])],
  };
}

async function knownSellers({ manager }: Transaction): Promise<KnownSellers> {
  const plans = await manager.find(Plan, { select: { id: true, key: true } });
  const addOns = await manager.find(AddOn, { select: { id: true, key: true } });
  return { plans: new Set(plans.map(({ key }) => key)), addOns: new Set(addOns.map(({ key }) => key)) };
}

const sold = ({ claims, ...price }: SeenPrice, known: KnownSellers): PriceState => ({
  ...price,
  ...sellerOf(claims, known),
});

/** Answers the prices that differ from what was stored. */
async function writePrices(
  { manager }: Transaction,
  held: readonly Price[],
  prices: readonly PriceState[],
): Promise<PriceState[]> {
  const gone = held.filter((price) => price.active && !prices.some(({ id }) => id === price.id));
  if (gone.length > 0) await manager.update(Price, { id: In(gone.map(({ id }) => id)) }, { active: false });
  const changed = prices.filter(
    (price) => changeOf('plan', price.id, held.find(({ id }) => id === price.id) ?? null, price) !== null,
  );
  for (const price of changed) await manager.upsert(Price, { ...price } as never, ['id']);
  return [...changed, ...gone.map((price) => ({ ...price, active: false }))];
}

/** A price that only the settings know is sold, with a warning. */
function weaklyNamed({
  id,
  active,
  foundBy,
  planKey,
  addOnKey,
  interval,
  currency,
}: PriceState): CatalogueProblemState[] {
  if (!active || foundBy !== FoundBy.CONFIGURED) return [];
  const key = planKey ?? addOnKey;
  const lookupKey = `${key}_${interval.toLowerCase()}_${currency.toLowerCase()}`;
  return [
    {
      objectId: id,
      field: null,
      reason: `the price is known as '${key}' by PLAN_PRICES alone`,
      remedy: `Give it the lookup key ${lookupKey}, and take it out of PLAN_PRICES.`,
      warning: true,
    },
  ];
}

const nobodyIs = (key: string) => `the price names '${key}', which is no plan or add-on`;

/** It is found by a weaker name until that plan or add-on is there; then its product is looked at again. */
const namesNobody = ({ id, active, claims }: SeenPrice, known: KnownSellers): CatalogueProblemState[] =>
  (active ? unknownSellers(claims, known) : []).map(({ foundBy, key }) => ({
    objectId: id,
    field: foundBy === FoundBy.CONFIGURED ? null : METADATA.planId,
    reason: nobodyIs(key),
    remedy: `Make a product with \`${METADATA.planId}\` ${key}, or correct the name.`,
    warning: true,
  }));

async function writeProblems(
  { manager, run }: Transaction,
  productId: string,
  problems: readonly CatalogueProblemState[],
  now: number,
): Promise<void> {
  await run('DELETE FROM catalogue_problems WHERE product_id = ?', [productId]);
  const rows = problems.map((problem, place) => ({ ...problem, id: `${productId}/${place}`, productId, foundAt: now }));
  if (rows.length > 0) await manager.insert(CatalogueProblem, rows);
}

/** Keeps what is stored of a product that could not be looked at, and says why. */
export async function writeProductFailure(
  transaction: Transaction,
  productId: string,
  reason: string,
  now: number,
): Promise<void> {
  const remedy = 'The gateway looks again by itself; run `billing sync --catalogue` to look at once.';
  await writeProblems(
    transaction,
    productId,
    [{ objectId: productId, field: null, reason, remedy, warning: false }],
    now,
  );
}

/**
 * Products looked at before a plan was known, although one of their prices carries its name, and those that claim what
 * this one has left.
 */
async function productsNaming(
  { manager }: Transaction,
  { appeared, left }: { appeared: readonly string[]; left: readonly string[] },
  id: string,
): Promise<string[]> {
  if (appeared.length + left.length === 0) return [];
  const others = appeared.length > 0 ? await manager.findBy(Price, { productId: Not(id) }) : [];
  const named = others.filter(({ lookupKey }) => appeared.some((key) => lookupKey?.startsWith(`${key}_`)));
  const freed = left.flatMap((key) => [METADATA.planId, METADATA.addOnId].map((field) => isTaken(field, key, id)));
  const reasons = [...appeared.map(nobodyIs), ...freed];
  const waiting = await manager.findBy(CatalogueProblem, { productId: Not(id), reason: In(reasons) });
  return [...new Set([...named, ...waiting].map(({ productId }) => productId))];
}
