import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';
import { changeSubscription } from './change-subscription.js';
import { returnCredits } from './billing-credits.js';
import { returnBalance } from './customer-balance.js';
import { giveUpResume, liftPause } from './pause-subscription.js';
import { dropParkedChange, forgetDebits } from './pending-update.js';
import { statusAfterPaid } from './subscription-status.js';

function stopCollecting(account: Account, id: string): void {
  account.unplan('invoice.retry', id);
  account.unplan('invoice.finalize', id);
  for (const payment of account.store.where('invoice_payment', 'invoice', id)) {
    if (payment.status !== 'open') continue;
    account.update('invoice_payment', payment.id, {
      status: 'canceled',
      status_transitions: { canceled_at: account.now(), paid_at: null },
    });
    const intent = account.store.get('payment_intent', payment.payment.payment_intent ?? '');
    if (intent && intent.status !== 'succeeded' && intent.status !== 'canceled') {
      account.update(
        'payment_intent',
        intent.id,
        {
          status: 'canceled',
          canceled_at: account.now(intent.customer),
          cancellation_reason: 'void_invoice',
          next_action: null,
        },
        'payment_intent.canceled',
      );
    }
  }
}

/** Open or uncollectible to void. What the customer's balance had paid of it comes back. */
export function voidInvoice(account: Account, id: string): Invoice {
  const invoice = account.store.get('invoice', id) as Invoice;
  stopCollecting(account, id);
  returnBalance(account, invoice);
  returnCredits(account, invoice);
  const voided = account.update(
    'invoice',
    id,
    {
      status: 'void',
      auto_advance: false,
      next_payment_attempt: null,
      status_transitions: { ...invoice.status_transitions, voided_at: account.now(invoice.customer) },
    },
    'invoice.voided',
  );
  giveUpParked(account, voided);
  stayPaused(account, voided);
  followVoided(account, voided);
  return voided;
}

/** A change that waited for this invoice cannot be paid any more. */
function giveUpParked(account: Account, invoice: Invoice): void {
  const id = invoice.parent?.subscription_details?.subscription ?? '';
  if (account.store.get('parked_change', String(id))?.invoice === invoice.id) dropParkedChange(account, String(id));
}

/** A resume that waited for this invoice cannot be paid any more either. */
function stayPaused(account: Account, invoice: Invoice): void {
  const id = String(invoice.parent?.subscription_details?.subscription ?? '');
  if (account.store.get('subscription_memory', id)?.resuming?.invoice !== invoice.id) return;
  giveUpResume(account, id);
  forgetDebits(account, id, invoice.id);
  changeSubscription(account, id, { pending_update: null });
}

/** The status of a subscription whose latest invoice was voided comes from the newest invoice that was not. */
function followVoided(account: Account, invoice: Invoice): void {
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  if (!subscription || subscription.latest_invoice !== invoice.id || subscription.status !== 'past_due') return;
  const standing = account.store
    .where('invoice', 'subscription', subscription.id)
    .findLast(({ status }) => status !== 'void' && status !== 'draft');
  if (!standing || standing.status === 'paid' || standing.status === 'uncollectible')
    changeSubscription(account, subscription.id, { status: 'active' });
}

/** Open to uncollectible: no longer tried, and the subscription goes on as if it had been paid. */
export function markUncollectible(account: Account, id: string): Invoice {
  const invoice = account.store.get('invoice', id) as Invoice;
  account.unplan('invoice.retry', id);
  const marked = account.update(
    'invoice',
    id,
    {
      status: 'uncollectible',
      auto_advance: false,
      next_payment_attempt: null,
      status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: account.now(invoice.customer) },
    },
    'invoice.marked_uncollectible',
  );
  const subscription = account.store.get('subscription', invoice.parent?.subscription_details?.subscription ?? '');
  if (subscription) {
    if (
      subscription.status === 'paused' &&
      account.store.get('subscription_memory', subscription.id)?.resuming?.invoice === id
    )
      liftPause(account, subscription.id, 'active');
    const status = statusAfterPaid(subscription, id, account.now(subscription.customer));
    if (status !== subscription.status && subscription.status !== 'incomplete')
      changeSubscription(account, subscription.id, { status });
  }
  return marked;
}
