import type { Account } from '../account.js';
import { periodEnd } from '../billing/change-subscription.js';
import type { Subscription } from '../billing/lines.js';
import { isTerminal } from '../billing/subscription-status.js';
import { type ListOf, page, paging } from '../http/lists.js';
import { choice, inRange, range, record, text, type Values, yesNo } from '../http/parameters.js';

export const listing = {
  ...paging,
  automatic_tax: record({ enabled: yesNo().required() }),
  collection_method: text(),
  created: range(),
  current_period_end: range(),
  current_period_start: range(),
  customer: text(),
  plan: text(),
  price: text(),
  status: choice(
    'active',
    'all',
    'canceled',
    'ended',
    'incomplete',
    'incomplete_expired',
    'past_due',
    'paused',
    'trialing',
    'unpaid',
  ),
  test_clock: text(),
};

function startOf({ items }: Subscription): number {
  return Math.max(...items.data.map((item) => item.current_period_start));
}

function fitsStatus(row: Subscription, status: string | undefined): boolean {
  if (status === undefined) return row.status !== 'canceled' && row.status !== 'incomplete_expired';
  if (status === 'all') return true;
  return status === 'ended' ? isTerminal(row.status) : row.status === status;
}

/** Without a status the canceled are left out; without a customer, or their clock, those who live by a test clock. */
export function listSubscriptions(account: Account, params: Values<typeof listing>): ListOf<Subscription> {
  const rows =
    params.customer === undefined
      ? account.store.all('subscription')
      : account.store.where('subscription', 'customer', params.customer);
  return page(
    '/v1/subscriptions',
    rows,
    params,
    (row) =>
      fitsStatus(row, params.status) &&
      (params.customer !== undefined || (row.test_clock ?? null) === (params.test_clock ?? null)) &&
      (params.collection_method === undefined || row.collection_method === params.collection_method) &&
      (params.automatic_tax === undefined || row.automatic_tax.enabled === params.automatic_tax.enabled) &&
      [params.price, params.plan].every((id) => !id || row.items.data.some(({ price }) => price.id === id)) &&
      inRange(row.created, params.created) &&
      inRange(periodEnd(row), params.current_period_end) &&
      inRange(startOf(row), params.current_period_start),
  );
}
