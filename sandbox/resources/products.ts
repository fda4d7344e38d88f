import type { Account } from '../account.js';
import { parameterInvalid, notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  byKey,
  choice,
  clearableText,
  currency,
  decimal,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  url,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { erase, find, findNamed } from './find.js';
import { createPrice } from './prices.js';
import { search, searchFields } from './search.js';

const describing = {
  active: yesNo(),
  description: clearableText(),
  images: list(url(), 8).clearable(),
  marketing_features: list(record({ name: text(80).required() }), 15).clearable(),
  metadata: metadata(),
  package_dimensions: record({
    height: decimal().required(),
    length: decimal().required(),
    weight: decimal().required(),
    width: decimal().required(),
  }).clearable(),
  shippable: yesNo(),
  statement_descriptor: text(22),
  tax_code: clearableText(),
  unit_label: clearableText(12),
  url: clearableText(),
};

const defaultPriceData = record({
  currency: currency().required(),
  currency_options: byKey(
    record({
      unit_amount: integer(0),
      unit_amount_decimal: decimal(),
      tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
    }),
  ),
  metadata: metadata(),
  recurring: record({ interval: choice('day', 'week', 'month', 'year').required(), interval_count: integer(1, 1095) }),
  tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
  unit_amount: integer(0),
  unit_amount_decimal: decimal(),
});

export interface NewProduct {
  id?: string;
  name: string;
  active?: boolean;
  description?: string | null;
  images?: string[] | null;
  marketing_features?: { name: string }[] | null;
  metadata?: Record<string, string> | null;
  package_dimensions?: Record<Dimension, string> | null;
  shippable?: boolean;
  statement_descriptor?: string;
  tax_code?: string | null;
  unit_label?: string | null;
  url?: string | null;
}

type Dimension = 'height' | 'length' | 'weight' | 'width';

function measured(given: Record<Dimension, string> | null | undefined): Tables['product']['package_dimensions'] {
  if (!given) return null;
  const { height, length, weight, width } = given;
  return { height: Number(height), length: Number(length), weight: Number(weight), width: Number(width) };
}

export function createProduct(account: Account, params: NewProduct): Tables['product'] {
  if (params.id && account.store.get('product', params.id)) {
    throw notPossible(`Product already exists with this ID: ${params.id}.`, 'resource_already_exists', 'id');
  }
  const now = account.now();
  return account.create(
    'product',
    {
      id: params.id ?? account.newId('prod', 14),
      object: 'product',
      active: params.active ?? true,
      created: now,
      default_price: null,
      description: params.description ?? null,
      images: params.images ?? [],
      livemode: false,
      marketing_features: params.marketing_features ?? [],
      metadata: mergeMetadata({}, params.metadata),
      name: params.name,
      package_dimensions: measured(params.package_dimensions),
      shippable: params.shippable ?? null,
      statement_descriptor: params.statement_descriptor ?? null,
      tax_code: params.tax_code ?? null,
      tax_details: null,
      type: 'service',
      unit_label: params.unit_label ?? null,
      updated: now,
      url: params.url ?? null,
    },
    'product.created',
  );
}

export const productRoutes = [
  route(
    'POST',
    '/v1/products',
    {
      ...describing,
      id: text(),
      name: text().required(),
      type: choice('service', 'good'),
      default_price_data: defaultPriceData,
    },
    ({ account, params }) => {
      const { default_price_data: priced, type: _type, ...rest } = params;
      const product = createProduct(account, rest);
      if (!priced) return product;
      const price = createPrice(account, { ...priced, product: product.id });
      return account.update('product', product.id, { default_price: price.id });
    },
  ),
  route(
    'GET',
    '/v1/products',
    { ...paging, active: yesNo(), created: range(), ids: list(text()), shippable: yesNo(), type: text(), url: text() },
    ({ account, params }) =>
      page(
        '/v1/products',
        account.store.all('product'),
        params,
        (product) =>
          (params.active === undefined || product.active === params.active) &&
          (params.ids === undefined || params.ids.includes(product.id)) &&
          (params.shippable === undefined || product.shippable === params.shippable) &&
          (params.url === undefined || product.url === params.url) &&
          inRange(product.created, params.created),
      ),
  ),
  route('GET', '/v1/products/search', searchFields, ({ account, params }) =>
    search('/v1/products/search', account.store.all('product'), params),
  ),
  route('GET', '/v1/products/:id', {}, ({ account, id }) => find(account, 'product', id)),
  route(
    'POST',
    '/v1/products/:id',
    { ...describing, name: text(), default_price: text() },
    ({ account, params, id }) => {
      const product = find(account, 'product', id);
      const {
        metadata: change,
        package_dimensions: dimensions,
        default_price,
        images,
        marketing_features,
        ...rest
      } = params;
      if (default_price && findNamed(account, 'price', default_price, 'default_price').product !== id) {
        throw parameterInvalid('default_price', `The price '${default_price}' belongs to another product.`);
      }
      const patch = {
        ...rest,
        ...(images === undefined ? {} : { images: images ?? [] }),
        ...(marketing_features === undefined ? {} : { marketing_features: marketing_features ?? [] }),
        ...(default_price ? { default_price } : {}),
        ...(dimensions === undefined ? {} : { package_dimensions: measured(dimensions) }),
        metadata: mergeMetadata(product.metadata, change),
      };
      const changed = Object.entries(patch).some(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(product[key as keyof typeof product]),
      );
      return changed ? account.update('product', id, { ...patch, updated: account.now() }, 'product.updated') : product;
    },
  ),
  route('DELETE', '/v1/products/:id', {}, ({ account, id }) => {
    const product = find(account, 'product', id);
    if (account.store.where('price', 'product', id).length > 0) {
      throw notPossible(
        'This product cannot be deleted because it has one or more user-created prices. Archive it by setting active to false.',
      );
    }
    account.emit('product.deleted', product);
    return erase(account, 'product', id, 'product');
  }),
];
