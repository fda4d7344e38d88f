import type { Account } from '../account.js';
import { planOf } from '../billing/subscription-items.js';
import { previousAttributes } from '../events/previous-attributes.js';
import { noSuch } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { inRange, range, text, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';

type Price = Tables['price'];

/** Tells by `plan.*` what became of a recurring price, which Stripe still mirrors as a plan. */
export function tellPlan(account: Account, before: Price | null, after: Price): void {
  if (!after.recurring || !account.settings.planEvents) return;
  if (!before) return account.emit('plan.created', planOf(after));
  const previous = previousAttributes(planOf(before), planOf(after));
  if (previous) account.emit('plan.updated', planOf(after), previous);
}

/** Recurring prices as older integrations read them. */
export const planRoutes = [
  route('GET', '/v1/plans', { ...paging, active: yesNo(), created: range(), product: text() }, ({ account, params }) =>
    page(
      '/v1/plans',
      account.store
        .all('price')
        .filter(({ id, recurring }) => recurring !== null && !account.store.get('price_details', id)?.inline)
        .map(planOf),
      params,
      (plan) =>
        (params.active === undefined || plan.active === params.active) &&
        (params.product === undefined || plan.product === params.product) &&
        inRange(plan.created, params.created),
    ),
  ),
  route('GET', '/v1/plans/:id', {}, ({ account, id }) => {
    const price = account.store.get('price', id);
    if (!price?.recurring) throw noSuch('plan', id);
    return planOf(price);
  }),
];
