import type { Account } from '../account.js';
import { cardError, notPossible } from '../http/errors.js';
import { findNamed } from '../resources/find.js';
import { planSubscription } from './change-subscription.js';
import { collectInvoice, isGoing, type Collected } from './collect-invoice.js';
import { settleCurrency } from './customer-currency.js';
import { draftInvoice } from './draft-invoice.js';
import { followEntitlements } from './entitlements.js';
import { finalizeInvoice } from './finalize-invoice.js';
import { firstLines } from './first-invoice.js';
import type { Subscription } from './lines.js';
import { warnIfTrialIsShort } from './subscription-steps.js';
import { newSubscription, type NewSubscription } from './new-subscription.js';
import { createSetupIntent } from '../payments/setup.js';
import { paymentMethodFor } from './payment-method-for.js';

export function createSubscription(
  account: Account,
  given: NewSubscription,
): { subscription: Subscription; collected: Collected | null } {
  const customer = findNamed(account, 'customer', given.customer, 'customer');
  const subscription = newSubscription(account, customer, given);
  const drafted = firstLines(account, subscription, given);
  const invoice = drafted.length > 0 ? account.newId('in') : null;
  account.store.put('subscription_memory', { id: subscription.id, debits: {}, failing: {}, resuming: null });
  const created = account.create(
    'subscription',
    { ...subscription, latest_invoice: invoice },
    'customer.subscription.created',
  );
  settleCurrency(account, customer.id, created.currency);
  if (invoice === null) {
    const active = account.update(
      'subscription',
      created.id,
      { status: created.status === 'incomplete' ? 'active' : created.status },
      'customer.subscription.updated',
    );
    planSubscription(account, active);
    followEntitlements(account, null, active);
    return { subscription: active, collected: null };
  }
  const draft = draftInvoice(account, {
    id: invoice,
    customer: customer.id,
    currency: created.currency,
    subscription: created,
    billing_reason: 'subscription_create',
    lines: drafted,
    period: { start: created.created, end: created.created },
  });
  account.emit('invoice.created', draft);
  const collected = settleFirstInvoice(account, created, invoice, given);
  if (created.status === 'trialing' && given.payment_behavior === 'default_incomplete') askForMethod(account, created);
  const current = account.store.get('subscription', created.id) as Subscription;
  planSubscription(account, current);
  if (current.status === 'trialing') warnIfTrialIsShort(account, current.id);
  followEntitlements(account, null, current);
  if (current.status === 'incomplete') {
    account.plan(
      'subscription.incomplete_expire',
      current.id,
      current.created + account.settings.incompleteHours * 3600,
      customer.id,
    );
  }
  return { subscription: account.store.get('subscription', created.id) as Subscription, collected };
}

/** Nothing is due in a trial, but a card is wanted for its end. */
function askForMethod(account: Account, subscription: Subscription): void {
  const customer = account.store.get('customer', subscription.customer);
  if (subscription.default_payment_method ?? customer?.invoice_settings.default_payment_method) return;
  const intent = createSetupIntent(account, { customer: subscription.customer });
  account.update('subscription', subscription.id, { pending_setup_intent: intent.id }, 'customer.subscription.updated');
}

function settleFirstInvoice(
  account: Account,
  subscription: Subscription,
  invoice: string,
  given: NewSubscription,
): Collected | null {
  const open = finalizeInvoice(account, invoice);
  if (open.status !== 'open' || subscription.collection_method === 'send_invoice') return null;
  if (given.payment_behavior === 'default_incomplete') return null;
  if (paymentMethodFor(account, open) === null) {
    throw notPossible(
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/payment-methods/setting#payment-method-priority.',
      'resource_missing',
    );
  }
  const collected = collectInvoice(account, invoice, { offSession: given.off_session ?? false });
  if (!isGoing(collected) && given.payment_behavior === 'error_if_incomplete') {
    const decline =
      collected.kind === 'declined'
        ? collected.decline
        : {
            code: 'subscription_payment_intent_requires_action',
            message:
              'Payment for this subscription requires additional user action before it can be completed successfully.',
          };
    throw cardError(decline);
  }
  return collected;
}
