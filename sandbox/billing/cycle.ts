import type { Account } from '../account.js';
import { boundaryAfter, type Recurrence } from './calendar.js';
import { cancelSubscription } from './cancel-subscription.js';
import { changeSubscription, withItems } from './change-subscription.js';
import { endOverdueDiscounts } from './discount-life.js';
import { draftInvoice, type NewInvoice } from './draft-invoice.js';
import { cycleLine } from './cycle-line.js';
import type { Item, NewLine, Subscription } from './lines.js';
import { paymentMethodFor } from './payment-method-for.js';
import { pendingLines } from './pending-items.js';
import { isMetered, recurringOf } from './price-amount.js';
import { usageLine } from './usage.js';

/** The period of at least one item is over: its next one begins and is invoiced. A trial that is over ends here too. `changed`: what else changes with the period. */
export function cycleSubscription(account: Account, id: string, changed: Partial<Subscription> = {}): void {
  const subscription: Subscription = { ...(account.store.get('subscription', id) as Subscription), ...changed };
  const now = account.now(subscription.customer);
  const trialEnds =
    subscription.status === 'trialing' && subscription.trial_end !== null && subscription.trial_end <= now;
  if (trialEnds && endsWithoutMethod(account, subscription)) return;
  const rolled = subscription.items.data.map((item) =>
    item.current_period_end <= now ? nextPeriod(subscription, item) : item,
  );
  const due = rolled.filter((item, place) => item !== subscription.items.data[place]);
  const lines = [
    ...due.filter((item) => !isMetered(item.price)).map((item) => cycleLine(account, subscription, item)),
    ...usageLines(account, subscription, now),
    ...pendingLines(account, subscription),
  ];
  const invoice = lines.length > 0 ? account.newId('in') : null;
  const { discounts, items } = endOverdueDiscounts(
    account,
    { discounts: subscription.discounts, items: withItems(subscription, rolled) },
    now,
  );
  const after = changeSubscription(account, id, {
    ...changed,
    discounts,
    items,
    ...(trialEnds ? { status: 'active' } : {}),
    ...(invoice ? { latest_invoice: invoice } : {}),
  });
  if (invoice)
    invoicePeriod(account, after, {
      id: invoice,
      lines,
      period: { start: subscription.items.data[0]?.current_period_start ?? now, end: now },
    });
}

/** Metered items are billed when their period is over. */
function usageLines(account: Account, subscription: Subscription, now: number): NewLine[] {
  return subscription.items.data
    .filter((item) => isMetered(item.price) && item.current_period_end <= now)
    .flatMap((item) => usageLine(account, subscription, item) ?? []);
}

function invoicePeriod(
  account: Account,
  subscription: Subscription,
  { id, lines, period }: Pick<NewInvoice, 'id' | 'lines' | 'period'>,
): void {
  const collects = subscription.status !== 'unpaid' && subscription.pause_collection?.behavior !== 'keep_as_draft';
  const draft = draftInvoice(account, {
    id,
    customer: subscription.customer,
    currency: subscription.currency,
    subscription,
    billing_reason: 'subscription_cycle',
    lines,
    period,
    auto_advance: collects,
  });
  const at = draft.created + account.settings.draftHours * 3600;
  const shown = collects ? account.update('invoice', id, { automatically_finalizes_at: at }) : draft;
  account.emit('invoice.created', shown);
  if (collects) account.plan('invoice.finalize', id, at, subscription.customer);
}

function nextPeriod(subscription: Subscription, item: Item): Item {
  const start = item.current_period_end;
  return {
    ...item,
    current_period_start: start,
    current_period_end: boundaryAfter(subscription.billing_cycle_anchor, recurringOf(item.price) as Recurrence, start),
  };
}

/** A trial that ends without a way to pay may cancel or pause the subscription instead of billing it. */
function endsWithoutMethod(account: Account, subscription: Subscription): boolean {
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (behavior === 'create_invoice' || subscription.collection_method === 'send_invoice') return false;
  const payable = paymentMethodFor(account, {
    default_payment_method: null,
    customer: subscription.customer,
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { metadata: {}, subscription: subscription.id },
    },
  });
  if (payable) return false;
  if (behavior === 'cancel') cancelSubscription(account, subscription.id, { reason: null });
  if (behavior === 'pause') {
    const paused = changeSubscription(account, subscription.id, {
      status: 'paused',
      status_details: {
        paused: {
          type: 'subscription',
          subscription: { type: 'trial_end_without_payment_method' },
          transitioned_at: account.now(subscription.customer),
        },
      },
    } as Partial<Subscription>);
    account.emit('customer.subscription.paused', paused);
  }
  return true;
}
