import type { Account } from '../account.js';
import { listOf } from '../http/lists.js';
import type { Tables } from '../store/tables.js';
import type { Subscription } from './lines.js';

type ActiveEntitlement = Tables['entitlements.active_entitlement'];

const SHOWN = 10;

export function activeEntitlements(account: Account, customer: string): ActiveEntitlement[] {
  return (account.store.get('entitlement_summary', customer)?.entitlements ?? []).flatMap(
    (id) => account.store.get('entitlements.active_entitlement', id) ?? [],
  );
}

/** After a subscription changed: what its customer may use follows, and the endpoints hear if that is something else. */
export function followEntitlements(account: Account, before: Subscription | null, subscription: Subscription): void {
  if (account.store.count('product_feature') === 0 && !account.store.get('entitlement_summary', subscription.customer))
    return;
  grant(account, before, subscription);
  const { customer } = subscription;
  const wanted = new Set(
    account.store
      .where('subscription', 'customer', customer)
      .filter(({ status }) => account.settings.entitledStatuses.includes(status))
      .flatMap(({ id }) => account.store.get('granted_features', id)?.features ?? []),
  );
  const held = activeEntitlements(account, customer);
  if (held.length === wanted.size && held.every(({ feature }) => wanted.has(feature))) return;
  const kept = held.filter(({ feature }) => wanted.has(feature));
  const added = [...wanted]
    .filter((feature) => !held.some((one) => one.feature === feature))
    .map((feature) => createEntitlement(account, feature));
  for (const gone of held.filter((one) => !kept.includes(one)))
    account.store.remove('entitlements.active_entitlement', gone.id);
  account.store.put('entitlement_summary', { id: customer, entitlements: [...kept, ...added].map(({ id }) => id) });
  account.emit('entitlements.active_entitlement_summary.updated', summary(customer, [...kept, ...added]), {
    entitlements: { data: held.slice(0, SHOWN) },
  });
}

/** Features of a product count from the period that begins after they were put on it, or from a change of products. */
function grant(account: Account, before: Subscription | null, after: Subscription): void {
  const held = account.store.get('granted_features', after.id);
  const mark = (subscription: Subscription): string =>
    subscription.items.data.map(({ price, current_period_start }) => `${price.product} ${current_period_start}`).join();
  if (held && before && mark(before) === mark(after)) return;
  const features = after.items.data.flatMap(({ price }) =>
    account.store.where('product_feature', 'product', price.product).map(({ feature }) => feature),
  );
  account.store.put('granted_features', { id: after.id, features: [...new Set(features)] });
}

function createEntitlement(account: Account, feature: string): ActiveEntitlement {
  return account.create('entitlements.active_entitlement', {
    id: account.newId('ent'),
    object: 'entitlements.active_entitlement',
    feature,
    livemode: false,
    lookup_key: account.store.get('entitlements.feature', feature)?.lookup_key ?? feature,
  });
}

function summary(customer: string, entitlements: ActiveEntitlement[]): object {
  const list = listOf(`/v1/customer/${customer}/entitlements`, entitlements.slice(0, SHOWN));
  return {
    object: 'entitlements.active_entitlement_summary',
    customer,
    entitlements: { ...list, has_more: entitlements.length > SHOWN },
    livemode: false,
  };
}
