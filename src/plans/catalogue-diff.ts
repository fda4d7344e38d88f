import { ADD_ON, APP, claimedKey, isAddOn, METADATA } from './metadata.js';
import type { AddOnEntry, PlanEntry, PlansFile, PriceEntry } from './plans-file.js';
import { goesBefore } from './rival.js';

/** A price as Stripe sells it; the file's way of writing has no others. */
export interface SoldPrice {
  id: string;
  lookupKey: string | null;
  interval: string;
  /** Lower case, as Stripe writes it. */
  currency: string;
  amount: number;
  /** The same price in further currencies. */
  currencies: Record<string, number>;
  taxBehavior: string | null;
}

export interface SoldProduct {
  id: string;
  name: string;
  description: string | null;
  active: boolean;
  createdAt: number;
  highlights: string[];
  metadata: Record<string, string>;
  /** Active and flat: one amount a seat and period. Oldest first. */
  prices: SoldPrice[];
}

export interface ProductFields {
  name: string;
  description: string | null;
  highlights: string[];
  /** Only what differs; an empty text takes a field away. */
  metadata: Record<string, string>;
}

export interface PriceFields {
  lookupKey: string;
  interval: PriceEntry['interval'];
  currency: string;
  amount: number;
  currencies: Record<string, number>;
  taxBehavior: 'inclusive' | 'exclusive' | null;
}

/** One thing to do at Stripe. `key` is the plan or add-on. */
export type CatalogueAction = { key: string; text: string } & (
  | { kind: 'create_product'; fields: ProductFields }
  | { kind: 'update_product'; productId: string; fields: ProductFields }
  | { kind: 'create_price'; fields: PriceFields }
  /** The amounts of a price never change, so another one takes over the lookup key. */
  | { kind: 'replace_price'; priceId: string; fields: PriceFields }
  | { kind: 'name_price'; priceId: string; lookupKey: string }
  /** `currencies` are all it is sold in then beside its own, those that it has already with the amounts they have. */
  | ({ kind: 'add_currencies'; priceId: string } & Pick<PriceFields, 'currencies' | 'taxBehavior'>)
  | { kind: 'archive_price'; priceId: string }
  | { kind: 'archive_product'; productId: string }
);

export interface CatalogueDiff {
  /** What a push does. Empty when Stripe sells what the file says. */
  actions: CatalogueAction[];
  /** What Stripe sells and the file does not name; only a push with prune archives it. */
  unlisted: CatalogueAction[];
  /** Products on sale that claim what another one sells: never changed in its place, archived only with prune. */
  duplicates: DuplicateClaim[];
}

export interface DuplicateClaim {
  key: string;
  productId: string;
  text: string;
}

/** What the file says and a push writes; `created` is whoever's who made the product. */
const CONTRACT = new Set<string>(Object.values(METADATA).filter((field) => field !== METADATA.created));
const isOurs = (field: string) =>
  CONTRACT.has(field) || field.startsWith(METADATA.limitPrefix) || field.startsWith(METADATA.meteredPrefix);

/** What must be done at Stripe so that it sells what the file says. Pure; nothing to do twice. */
export function diffCatalogue(file: PlansFile, sold: readonly SoldProduct[]): CatalogueDiff {
  const ours = sold.filter(({ metadata }) => metadata[METADATA.app] === APP);
  const sellers = sellersOf(ours);
  const named = new Set<string>();
  const used = new Set<string>();
  const diff: CatalogueDiff = { actions: [], unlisted: [], duplicates: [] };
  const entries: [string, ProductFields, PriceEntry[]][] = [
    ...Object.entries(file.plans).map(
      ([key, plan]) => [key, planFields(key, plan), plan.prices] as [string, ProductFields, PriceEntry[]],
    ),
    ...Object.entries(file.addOns).map(
      ([key, addOn]) => [key, addOnFields(key, addOn), addOn.prices] as [string, ProductFields, PriceEntry[]],
    ),
  ];
  for (const [key, fields, prices] of entries) {
    const product = sellers.get(key) ?? null;
    if (product) named.add(product.id);
    diff.actions.push(...productActions(key, fields, product));
    for (const id of diffPrices(diff, key, prices, file.currency, product, ours)) used.add(id);
  }
  for (const product of ours.filter((one) => one.active && !named.has(one.id))) {
    const { id, name } = product;
    const key = keyOf(product) ?? id;
    const lent = product.prices.find((price) => used.has(price.id)) ?? null;
    const seller = sellers.get(key);
    const isTwin = seller !== undefined && seller !== product;
    if (isTwin) diff.duplicates.push({ key, productId: id, text: duplicateText(product, seller, lent) });
    // What the file sells at a price of another product would be off sale without that product.
    if (lent) continue;
    const why = isTwin ? `, which claims the same ${keyFieldOf(product)} as ${seller.id}` : '';
    diff.unlisted.push({
      kind: 'archive_product',
      productId: id,
      key,
      text: `archive the product ${name} (${id})${why}`,
    });
  }
  return diff;
}

/** The plan or add-on of a product; null when it names none. */
export const keyOf = ({ metadata }: Pick<SoldProduct, 'metadata'>): string | null => claimedKey(metadata);

/** The product that the gateway sells for each key; of several that are archived, the first one of the list. */
export function sellersOf(sold: readonly SoldProduct[]): Map<string, SoldProduct> {
  const sellers = new Map<string, SoldProduct>();
  for (const product of sold) {
    const key = keyOf(product);
    const held = key === null ? undefined : sellers.get(key);
    if (key !== null && (!held || goesBefore(claimOf(product), claimOf(held)))) sellers.set(key, product);
  }
  return sellers;
}

const claimOf = ({ id, createdAt, active }: SoldProduct) => ({
  productId: id,
  productCreatedAt: createdAt,
  archived: !active,
});

const keyFieldOf = ({ metadata }: SoldProduct): string =>
  isAddOn(metadata) && metadata[METADATA.addOnId] !== undefined ? METADATA.addOnId : METADATA.planId;

function duplicateText(product: SoldProduct, seller: SoldProduct, lent: SoldPrice | null): string {
  const { id, name } = product;
  const field = keyFieldOf(product);
  const claims = `${name} (${id}) claims the same ${field} as ${seller.name} (${seller.id}), which is what is sold`;
  if (!lent) return `${claims}; archive ${id} (--prune does), or give it another ${field}`;
  const { lookupKey } = lent;
  return `${claims}, but at a price of ${id}; move the lookup key ${lookupKey} to a price of ${seller.id}, then archive ${id}`;
}

type Entry = PlanEntry | AddOnEntry;

const limitsAs = (prefix: string, limits: Entry['limits']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(limits).map(([key, limit]) => [
      `${prefix}${key.replaceAll('-', '_')}`,
      limit === 'unlimited' ? '-1' : String(limit),
    ]),
  );

function commonMetadata({ capabilities, limits, metered, softLimits, seats }: Entry): Record<string, string> {
  return {
    [METADATA.app]: APP,
    ...(capabilities.length > 0 && { [METADATA.capabilities]: capabilities.join(',') }),
    ...limitsAs(METADATA.limitPrefix, limits),
    ...limitsAs(METADATA.meteredPrefix, metered),
    ...(softLimits.length > 0 && { [METADATA.softLimits]: softLimits.join(',') }),
    ...(seats && {
      [METADATA.seatsMin]: String(seats.min),
      ...(seats.max !== undefined && { [METADATA.seatsMax]: String(seats.max) }),
      [METADATA.seatsStep]: String(seats.step),
    }),
  };
}

function planFields(key: string, plan: PlanEntry): ProductFields {
  return {
    name: plan.name,
    description: plan.description ?? null,
    highlights: plan.highlights,
    metadata: {
      ...commonMetadata(plan),
      [METADATA.planId]: key,
      [METADATA.tier]: plan.tier ?? String(plan.rank),
      ...(plan.recommended && { [METADATA.recommended]: 'true' }),
      ...(plan.trialDays > 0 && { [METADATA.trialDays]: String(plan.trialDays) }),
      ...(plan.region !== undefined && { [METADATA.region]: plan.region }),
      ...(plan.tenancy !== undefined && { [METADATA.tenancy]: plan.tenancy }),
    },
  };
}

const addOnFields = (key: string, addOn: AddOnEntry): ProductFields => ({
  name: addOn.name,
  description: addOn.description ?? null,
  highlights: [],
  metadata: {
    ...commonMetadata(addOn),
    [METADATA.kind]: ADD_ON,
    [METADATA.addOnId]: key,
    ...(addOn.plans && { [METADATA.plans]: addOn.plans.join(',') }),
  },
});

function productActions(key: string, fields: ProductFields, product: SoldProduct | null): CatalogueAction[] {
  if (!product) return [{ kind: 'create_product', key, fields, text: `create the product ${fields.name}` }];
  const metadata = metadataChanges(product.metadata, fields.metadata);
  const changed = [
    ...(product.name === fields.name ? [] : ['name']),
    ...((product.description ?? null) === fields.description ? [] : ['description']),
    ...(JSON.stringify(product.highlights) === JSON.stringify(fields.highlights) ? [] : ['highlights']),
    ...(product.active ? [] : ['active']),
    ...Object.keys(metadata),
  ];
  if (changed.length === 0) return [];
  const text = `update ${changed.join(', ')} of ${product.id}`;
  return [{ kind: 'update_product', key, productId: product.id, fields: { ...fields, metadata }, text }];
}

/** What people wrote there beside the contract stays. */
function metadataChanges(held: Record<string, string>, wanted: Record<string, string>): Record<string, string> {
  const gone = Object.keys(held).filter((field) => isOurs(field) && !(field in wanted));
  const next = Object.entries(wanted).filter(([field, value]) => held[field] !== value);
  return Object.fromEntries([...next, ...gone.map((field) => [field, ''])]);
}

/** Answers the ids of the prices that stay in use. */
function diffPrices(
  { actions, unlisted }: CatalogueDiff,
  key: string,
  wanted: readonly PriceEntry[],
  common: string,
  product: SoldProduct | null,
  ours: readonly SoldProduct[],
): ReadonlySet<string> {
  const everywhere = ours.flatMap(({ prices }) => prices);
  const taken = new Set<string>();
  const used = new Set<string>();
  for (const entry of wanted) {
    const fields = priceFields(key, entry, common);
    const held =
      everywhere.find(({ lookupKey }) => lookupKey === fields.lookupKey) ??
      product?.prices.find((price) => !taken.has(price.id) && price.lookupKey === null && sameSlot(price, fields));
    if (held) taken.add(held.id);
    const steps = priceActions(key, fields, held ?? null);
    actions.push(...steps);
    if (held && !steps.some(({ kind }) => kind === 'replace_price')) used.add(held.id);
  }
  for (const { id, interval, currency, amount } of (product?.prices ?? []).filter((price) => !taken.has(price.id))) {
    unlisted.push({
      kind: 'archive_price',
      key,
      priceId: id,
      text: `archive ${id}: ${amount} ${currency} a ${interval}`,
    });
  }
  return used;
}

/** The name a price of the file goes by at Stripe. `common` is the file's currency. */
export const lookupKeyOf = (
  key: string,
  { interval, currency }: Pick<PriceEntry, 'interval' | 'currency'>,
  common: string,
): string => (currency === undefined || currency === common ? `${key}_${interval}` : `${key}_${interval}_${currency}`);

function priceFields(
  key: string,
  { interval, amount, currency, currencies, taxBehavior }: PriceEntry,
  common: string,
): PriceFields {
  const paidIn = currency ?? common;
  return {
    lookupKey: lookupKeyOf(key, { interval, currency }, common),
    interval,
    currency: paidIn,
    amount,
    currencies: currencies ?? {},
    taxBehavior: taxBehavior ?? null,
  };
}

const sameSlot = (price: SoldPrice, { interval, currency }: PriceFields): boolean =>
  price.interval === interval && price.currency === currency;

function priceActions(key: string, fields: PriceFields, held: SoldPrice | null): CatalogueAction[] {
  const { lookupKey, amount, currency, currencies, interval } = fields;
  const cost = `${amount} ${currency} a ${interval}`;
  if (!held) return [{ kind: 'create_price', key, fields, text: `create ${lookupKey}: ${cost}` }];
  if (!keeps(held, fields))
    return [
      {
        kind: 'replace_price',
        key,
        priceId: held.id,
        fields,
        text: `move ${lookupKey} from ${held.id} (${held.amount} ${held.currency}) to a new price: ${cost}`,
      },
    ];
  const actions: CatalogueAction[] = [];
  if (held.lookupKey !== lookupKey)
    actions.push({ kind: 'name_price', key, priceId: held.id, lookupKey, text: `name ${held.id} ${lookupKey}` });
  const added = Object.entries(currencies).filter(([code]) => held.currencies[code] === undefined);
  if (added.length > 0)
    actions.push({
      kind: 'add_currencies',
      key,
      priceId: held.id,
      currencies,
      taxBehavior: fields.taxBehavior,
      text: `sell ${held.id} also for ${added.map(([code, each]) => `${each} ${code}`).join(', ')} a ${interval}`,
    });
  return actions;
}

/** Whether the price may stay: nobody pays another amount for it, and every currency it is sold in is still wanted. */
const keeps = (held: SoldPrice, fields: PriceFields): boolean =>
  sameSlot(held, fields) &&
  held.amount === fields.amount &&
  Object.entries(held.currencies).every(([code, amount]) => fields.currencies[code] === amount) &&
  (fields.taxBehavior === null || held.taxBehavior === fields.taxBehavior);
