import type { Account } from '../account.js';
import { taxRateFrom } from '../billing/tax.js';
import { parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { decimal, inRange, list, mergeMetadata, metadata, range, text, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';

type TaxRate = Tables['tax_rate'];

/** Ids of tax rates; an empty value takes them off. */
export const taxRateList = list(text(), 20).clearable();

/** The tax rates that are named; undefined where nothing is said of them. */
export function ratesNamed(account: Account, ids: string[] | null | undefined, param: string): TaxRate[] | undefined {
  if (ids === undefined) return undefined;
  return (ids ?? []).map((id, place) => {
    const rate = findNamed(account, 'tax_rate', id, `${param}[${place}]`);
    if (rate.active) return rate;
    throw parameterInvalid(`${param}[${place}]`, `The tax rate ${id} is inactive and cannot be put on anything new.`);
  });
}

const describing = {
  active: yesNo(),
  country: text(2),
  description: text(),
  display_name: text(50),
  jurisdiction: text(),
  metadata: metadata(),
  state: text(),
  tax_type: text(),
};

export const taxRateRoutes = [
  route(
    'POST',
    '/v1/tax_rates',
    {
      ...describing,
      display_name: text(50).required(),
      inclusive: yesNo().required(),
      percentage: decimal().required(),
    },
    ({ account, params: { metadata: given, percentage, ...rest } }) => {
      if (Number(percentage) < 0 || Number(percentage) > 100)
        throw parameterInvalid(
          'percentage',
          `The percentage of a tax rate lies between 0 and 100; found ${percentage}.`,
        );
      const rate = taxRateFrom(account, {
        ...rest,
        percentage: Number(percentage),
        metadata: mergeMetadata({}, given),
      });
      return account.create('tax_rate', rate, 'tax_rate.created');
    },
  ),
  route(
    'GET',
    '/v1/tax_rates',
    { ...paging, active: yesNo(), created: range(), inclusive: yesNo() },
    ({ account, params }) =>
      page(
        '/v1/tax_rates',
        account.store.all('tax_rate'),
        params,
        (rate) =>
          (params.active === undefined || rate.active === params.active) &&
          (params.inclusive === undefined || rate.inclusive === params.inclusive) &&
          inRange(rate.created, params.created),
      ),
  ),
  route('GET', '/v1/tax_rates/:id', {}, ({ account, id }) => find(account, 'tax_rate', id)),
  route('POST', '/v1/tax_rates/:id', describing, ({ account, params: { metadata: change, ...rest }, id }) => {
    const rate = find(account, 'tax_rate', id);
    return account.update(
      'tax_rate',
      id,
      { ...rest, metadata: mergeMetadata(rate.metadata ?? {}, change) },
      'tax_rate.updated',
    );
  }),
];
