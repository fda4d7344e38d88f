import type { Account } from '../account.js';
import type { Item } from '../billing/lines.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { noSuch } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { integer, metadata, text, timestamp, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import { find } from './find.js';
import { recurringPriceData } from './inline-price.js';
import { discountList, paymentBehavior, prorationBehavior } from './subscription-params.js';
import { changedItems } from './subscriptions.js';
import { taxRateList } from './tax-rates.js';

const changing = {
  discounts: discountList.clearable(),
  metadata: metadata(),
  off_session: yesNo(),
  payment_behavior: paymentBehavior,
  price: text(),
  price_data: recurringPriceData,
  proration_behavior: prorationBehavior,
  proration_date: timestamp(),
  quantity: integer(0),
  tax_rates: taxRateList,
};

function findItem(account: Account, id: string): Item {
  const found = account.store
    .all('subscription')
    .flatMap(({ items }) => items.data)
    .find((item) => item.id === id);
  if (!found) throw noSuch('subscription_item', id, 'item');
  return found;
}

export const subscriptionItemRoutes = [
  route('GET', '/v1/subscription_items', { ...paging, subscription: text().required() }, ({ account, params }) =>
    page(
      '/v1/subscription_items',
      [...find(account, 'subscription', params.subscription).items.data].reverse(),
      params,
    ),
  ),
  route('POST', '/v1/subscription_items', { ...changing, subscription: text().required() }, ({ account, params }) => {
    const { subscription, off_session, payment_behavior, proration_behavior, proration_date, ...item } = params;
    const before = new Set(find(account, 'subscription', subscription).items.data.map(({ id }) => id));
    const after = updateSubscription(account, subscription, {
      off_session,
      payment_behavior,
      proration_behavior,
      proration_date,
      items: changedItems(account, [item]),
    });
    return after.subscription.items.data.find(({ id }) => !before.has(id));
  }),
  route('GET', '/v1/subscription_items/:id', {}, ({ account, id }) => findItem(account, id)),
  route('POST', '/v1/subscription_items/:id', changing, ({ account, params, id }) => {
    const { off_session, payment_behavior, proration_behavior, proration_date, ...item } = params;
    updateSubscription(account, findItem(account, id).subscription, {
      off_session,
      payment_behavior,
      proration_behavior,
      proration_date,
      items: changedItems(account, [{ id, ...item }]),
    });
    return findItem(account, id);
  }),
  route(
    'DELETE',
    '/v1/subscription_items/:id',
    {
      clear_usage: yesNo(),
      payment_behavior: paymentBehavior,
      proration_behavior: prorationBehavior,
      proration_date: timestamp(),
    },
    ({ account, params: { clear_usage, ...how }, id }) => {
      const items = [{ id, deleted: true, clear_usage }];
      updateSubscription(account, findItem(account, id).subscription, { ...how, items });
      return { id, object: 'subscription_item', deleted: true };
    },
  ),
];
