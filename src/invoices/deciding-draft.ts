import Stripe from 'stripe';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import { SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';
import { InvoiceStatus, type InvoiceState } from './invoice.js';

/**
 * Stripe goes on to bill a subscription that is unpaid for good, but leaves the invoices as drafts. The newest alone decides:
 * once it is paid, the subscription is active again.
 */
export const isDecidingDraft = (
  { id, status }: Pick<InvoiceState, 'id' | 'status'>,
  subscription: Pick<SubscriptionState, 'status' | 'latestInvoiceId'> | null,
): boolean =>
  status === InvoiceStatus.DRAFT &&
  subscription?.status === SubscriptionStatus.UNPAID &&
  subscription.latestInvoiceId === id;

/** The draft that decides, as Stripe has it; null where there is none, or where it is sent rather than charged. */
export async function decidingDraftAt(
  stripe: Stripe,
  { status, latest_invoice }: Stripe.Subscription,
): Promise<string | null> {
  const latest = idOf(latest_invoice);
  if (status !== 'unpaid' || latest === null) return null;
  const invoice = await stripe.invoices.retrieve(latest);
  return invoice.status === 'draft' && invoice.collection_method === 'charge_automatically' ? latest : null;
}

/** Makes a draft final and leaves the charging to whoever asked; nothing where it is final already. */
export async function finalizeDraft(stripe: Stripe, invoice: string, idempotencyKey: string): Promise<void> {
  try {
    await stripe.invoices.finalizeInvoice(invoice, { auto_advance: false }, { idempotencyKey });
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
    const { status } = await stripe.invoices.retrieve(invoice);
    if (status === 'draft') throw thrown;
  }
}

/** Throws Refusal: INVOICE_NOT_PAYABLE, where Stripe has a newer one by now or the subscription is not unpaid any more. */
export async function requireDecidingDraft(stripe: Stripe, invoice: string, subscription: string): Promise<void> {
  const { status, latest_invoice } = await stripe.subscriptions.retrieve(subscription);
  if (status !== 'unpaid' || idOf(latest_invoice) !== invoice) throw draftNotPayable(invoice);
}

export const draftNotPayable = (id: string) =>
  new Refusal(UserErrorCode.INVOICE_NOT_PAYABLE, `Invoice '${id}' is still a draft.`, {
    field: ['input', 'invoice'],
    hint: 'Of drafts only the newest invoice of a subscription that is UNPAID can be paid, its `latestInvoice`; others once they are open.',
  });
