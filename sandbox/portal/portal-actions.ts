import type { Account } from '../account.js';
import { readdressDrafts } from '../billing/billed-to.js';
import { cancelNow } from '../billing/cancel-now.js';
import { changeSubscription, lastPeriodEnd, periodEnd } from '../billing/change-subscription.js';
import { lengthOf, type Recurrence } from '../billing/calendar.js';
import type { Subscription } from '../billing/lines.js';
import { pauseSubscription, resumeSubscription } from '../billing/pause-subscription.js';
import { amountOf, fullPrice } from '../billing/price-amount.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { notPossible } from '../http/errors.js';
import { find } from '../resources/find.js';
import { attachPaymentMethod, resolvePaymentMethod } from '../payments/payment-methods.js';
import type { Configuration } from '../resources/portal-configurations.js';
import { createSchedule, updateSchedule } from '../resources/subscription-schedules.js';
import type { Tables } from '../store/tables.js';

export type PortalSession = Tables['billing_portal.session'];
type Features = Configuration['features'];

/** One thing a customer does on the portal page, within what the configuration allows. */
export function act(account: Account, session: PortalSession, form: URLSearchParams): void {
  const { features } = find(account, 'billing_portal.configuration', session.configuration);
  const action = form.get('action') ?? '';
  if (action === 'payment_method') return updateMethod(account, session, features, form.get('payment_method') ?? '');
  if (action === 'customer') return updateDetails(account, session, features, form);
  const subscription = find(account, 'subscription', form.get('subscription') ?? '');
  if (subscription.customer !== session.customer) throw notPossible('This subscription belongs to another customer.');
  if (action === 'cancel') return cancel(account, features, subscription, form.get('feedback'));
  if (action === 'renew') return renew(account, subscription);
  if (action === 'pause') return pause(account, features, subscription);
  if (action === 'resume')
    return void resumeSubscription(account, subscription.id, { payment_behavior: 'resume_on_payment_success' });
  if (action === 'update') return update(account, features, subscription, form);
  throw notPossible(`The portal knows no action '${action}'.`);
}

function need(enabled: boolean, what: string): void {
  if (!enabled) throw notPossible(`The portal's configuration does not let customers ${what}.`);
}

/** Flexible subscriptions get a date that does not move; classic ones the flag. */
function cancel(
  account: Account,
  { subscription_cancel: feature }: Features,
  subscription: Subscription,
  feedback: string | null,
): void {
  need(feature.enabled, 'cancel');
  const told = feedback ? { feedback } : {};
  if (feature.mode === 'immediately') {
    cancelNow(account, subscription.id, {
      reason: 'cancellation_requested',
      prorate: feature.proration_behavior !== 'none',
      invoice_now: feature.proration_behavior === 'always_invoice',
      ...told,
    });
  } else if (subscription.billing_mode.type === 'classic') {
    updateSubscription(account, subscription.id, { cancel_at_period_end: true, cancellation_details: told });
  } else {
    updateSubscription(account, subscription.id, {
      cancel_at: lastPeriodEnd(subscription),
      cancellation_details: told,
    });
  }
}

function renew(account: Account, subscription: Subscription): void {
  updateSubscription(account, subscription.id, { cancel_at: null, cancel_at_period_end: false });
}

function pause(account: Account, { subscription_pause: feature }: Features, subscription: Subscription): void {
  need(feature.enabled, 'pause');
  pauseSubscription(account, subscription.id, {});
}

function updateMethod(
  account: Account,
  session: PortalSession,
  { payment_method_update: feature }: Features,
  named: string,
): void {
  need(feature.enabled, 'change their payment method');
  const method = attachPaymentMethod(account, resolvePaymentMethod(account, named), session.customer);
  const customer = find(account, 'customer', session.customer);
  account.update(
    'customer',
    customer.id,
    { invoice_settings: { ...customer.invoice_settings, default_payment_method: method.id } },
    'customer.updated',
  );
  for (const subscription of account.store.where('subscription', 'customer', session.customer)) {
    if (subscription.default_payment_method && subscription.ended_at === null)
      changeSubscription(account, subscription.id, { default_payment_method: method.id });
  }
}

function updateDetails(
  account: Account,
  session: PortalSession,
  { customer_update: feature }: Features,
  form: URLSearchParams,
): void {
  need(feature.enabled, 'change their details');
  const patch = Object.fromEntries(
    ['email', 'name', 'phone']
      .filter((key) => feature.allowed_updates.includes(key) && form.has(key))
      .map((key) => [key, form.get(key)]),
  );
  account.update('customer', session.customer, patch, 'customer.updated');
  readdressDrafts(account, session.customer);
}

function update(
  account: Account,
  { subscription_update: feature }: Features,
  subscription: Subscription,
  form: URLSearchParams,
): void {
  need(feature.enabled, 'change their plan');
  const [item] = subscription.items.data;
  const price = form.get('price') ?? item?.price.id ?? '';
  const quantity = form.has('quantity') ? Number(form.get('quantity')) : item?.quantity;
  if (!item) return;
  if (waitsForPeriodEnd(account, feature, subscription, price, quantity ?? 1))
    return schedule(account, subscription, price, quantity ?? 1);
  const trial =
    subscription.status === 'trialing' && feature.trial_update_behavior === 'end_trial'
      ? { trial_end: 'now' as const }
      : {};
  updateSubscription(account, subscription.id, {
    items: [{ id: item.id, price, quantity }],
    proration_behavior: feature.proration_behavior as 'none',
    ...(feature.billing_cycle_anchor ? { billing_cycle_anchor: { type: feature.billing_cycle_anchor as 'now' } } : {}),
    ...trial,
  });
}

function waitsForPeriodEnd(
  account: Account,
  feature: Features['subscription_update'],
  subscription: Subscription,
  price: string,
  quantity: number,
): boolean {
  const [item] = subscription.items.data;
  const conditions = feature.schedule_at_period_end.conditions.map(({ type }) => type);
  if (!item) return false;
  const cost = (id: string, count: number): number =>
    amountOf(fullPrice(account, id), count, subscription.currency, account.settings.rounding);
  const length = (id: string): number => lengthOf(fullPrice(account, id).recurring as Recurrence);
  const cheaper = cost(price, quantity) < cost(item.price.id, item.quantity ?? 1);
  const shorter = length(price) < length(item.price.id);
  return (
    (conditions.includes('decreasing_item_amount') && cheaper) ||
    (conditions.includes('shortening_interval') && shorter)
  );
}

function schedule(account: Account, subscription: Subscription, price: string, quantity: number): void {
  const made = createSchedule(account, { from_subscription: subscription.id });
  const [first] = made.phases;
  const recurring = fullPrice(account, price).recurring as Recurrence;
  updateSchedule(account, made.id, {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      {
        items: subscription.items.data.map((item) => ({ price: item.price.id, quantity: item.quantity })),
        start_date: first?.start_date,
        end_date: periodEnd(subscription),
      },
      { items: [{ price, quantity }], duration: recurring, proration_behavior: 'none' },
    ],
  });
}
