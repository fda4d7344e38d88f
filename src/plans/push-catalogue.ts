import type Stripe from 'stripe';
import { idOf, instant } from '../stripe/objects.js';
import {
  type CatalogueAction,
  type PriceFields,
  type ProductFields,
  sellersOf,
  type SoldPrice,
  type SoldProduct,
} from './catalogue-diff.js';
import { APP, METADATA } from './metadata.js';

/** Everything of ours that Stripe sells, archived products included; page by page to the end. */
export async function readSoldProducts(stripe: Stripe): Promise<SoldProduct[]> {
  const sold: SoldProduct[] = [];
  for (const active of [true, false]) {
    for await (const product of stripe.products.list({ active, limit: 100 })) {
      if (product.metadata[METADATA.app] === APP) sold.push(await toSold(stripe, product));
    }
  }
  return sold;
}

async function toSold(stripe: Stripe, product: Stripe.Product): Promise<SoldProduct> {
  const prices: SoldPrice[] = [];
  const every = stripe.prices.list({
    product: product.id,
    active: true,
    limit: 100,
    expand: ['data.currency_options'],
  });
  for await (const price of every) {
    const flat = price.recurring?.usage_type === 'licensed' && price.unit_amount !== null && !price.transform_quantity;
    if (flat && price.recurring?.interval_count === 1) prices.push(toSoldPrice(price));
  }
  return {
    id: product.id,
    name: product.name,
    description: product.description,
    active: product.active,
    createdAt: instant(product.created),
    highlights: (product.marketing_features ?? []).flatMap(({ name }) => name ?? []),
    metadata: product.metadata,
    // Stripe lists the newest first.
    prices: prices.reverse(),
  };
}

function toSoldPrice(price: Stripe.Price): SoldPrice {
  const others = Object.entries(price.currency_options ?? {}).filter(([code]) => code !== price.currency);
  return {
    id: price.id,
    lookupKey: price.lookup_key,
    interval: price.recurring?.interval ?? '',
    currency: price.currency,
    amount: price.unit_amount ?? 0,
    currencies: Object.fromEntries(others.map(([code, { unit_amount: amount }]) => [code, amount ?? 0])),
    taxBehavior: price.tax_behavior,
  };
}

/** Does what a diff says, in its order; each step alone leaves a catalogue that can be pushed again. */
export async function pushCatalogue(
  stripe: Stripe,
  actions: readonly CatalogueAction[],
  sold: readonly SoldProduct[],
  onAction: (action: CatalogueAction) => void = () => {},
): Promise<void> {
  const products = new Map([...sellersOf(sold)].map(([key, { id }]) => [key, id]));
  for (const action of actions) {
    await carryOut(stripe, action, products);
    onAction(action);
  }
}

async function carryOut(stripe: Stripe, action: CatalogueAction, products: Map<string, string>): Promise<void> {
  switch (action.kind) {
    case 'create_product': {
      const { id } = await stripe.products.create(productParams(action.fields));
      products.set(action.key, id);
      return;
    }
    case 'update_product':
      await stripe.products.update(action.productId, {
        ...productParams(action.fields),
        // Stripe takes an empty text for "none".
        description: action.fields.description ?? '',
        marketing_features:
          action.fields.highlights.length > 0 ? action.fields.highlights.map((name) => ({ name })) : '',
        active: true,
      });
      return;
    case 'create_price':
      await stripe.prices.create(priceParams(action.fields, productOf(products, action.key)));
      return;
    case 'replace_price': {
      const held = await stripe.prices.retrieve(action.priceId);
      await stripe.prices.create(priceParams(action.fields, products.get(action.key) ?? idOf(held.product) ?? ''));
      await stripe.prices.update(action.priceId, { active: false });
      return;
    }
    case 'name_price':
      await stripe.prices.update(action.priceId, { lookup_key: action.lookupKey, transfer_lookup_key: true });
      return;
    case 'add_currencies':
      await stripe.prices.update(action.priceId, { currency_options: optionsOf(action) });
      return;
    case 'archive_price':
      await stripe.prices.update(action.priceId, { active: false });
      return;
    case 'archive_product':
      await stripe.products.update(action.productId, { active: false });
      return;
  }
}

function productOf(products: ReadonlyMap<string, string>, key: string): string {
  const id = products.get(key);
  if (id === undefined) throw new Error(`There is no product for '${key}' to give a price to.`);
  return id;
}

const productParams = ({ name, description, highlights, metadata }: ProductFields): Stripe.ProductCreateParams => ({
  name,
  ...(description !== null && { description }),
  ...(highlights.length > 0 && { marketing_features: highlights.map((text) => ({ name: text })) }),
  metadata,
});

const priceParams = (fields: PriceFields, product: string): Stripe.PriceCreateParams => ({
  product,
  currency: fields.currency,
  unit_amount: fields.amount,
  recurring: { interval: fields.interval },
  lookup_key: fields.lookupKey,
  transfer_lookup_key: true,
  ...(fields.taxBehavior && { tax_behavior: fields.taxBehavior }),
  ...(Object.keys(fields.currencies).length > 0 && { currency_options: optionsOf(fields) }),
});

/** Stripe gives a further currency no tax behavior of its price's. */
const optionsOf = ({ currencies, taxBehavior }: Pick<PriceFields, 'currencies' | 'taxBehavior'>) =>
  Object.fromEntries(
    Object.entries(currencies).map(([code, amount]) => [
      code,
      { unit_amount: amount, ...(taxBehavior && { tax_behavior: taxBehavior }) },
    ]),
  );
