import { createHash } from 'node:crypto';
import Stripe from 'stripe';
import type { CustomerData } from '../accounts/ensure-customer.js';
import { isLiveAtStripe } from '../payments/live-subscriptions.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import type { Purchase } from './purchase.js';

/** What both ways in remember: Stripe's page, and a start with a stored payment method. */
export interface WayIn extends CustomerData, Pick<Purchase, 'items' | 'seats' | 'currency' | 'trialDays'> {
  /** Stripe's id of the promotion code to apply; null for none. */
  promotionCodeId: string | null;
  /** All that was chosen in one word: the same choice gets the same open session. */
  choice: string;
}

/** Metadata of a subscription that was begun without a page, so that a later start may give it up. */
export const STARTED_HERE = 'started_without_page';

export const choiceOf = (chosen: object): string =>
  createHash('sha256').update(JSON.stringify(chosen)).digest('base64url');

export interface Cleared {
  /** The open session of the same choice. */
  session: string | null;
  /** The subscription of the same choice that waits for its first payment. */
  subscription: Stripe.Subscription | null;
  trialUsed: boolean;
}

/**
 * Never a second paid subscription, never a second open way in: looks at Stripe first, not at what is stored. What is
 * open for another choice is closed, under the intent's key where it is known. Throws Refusal: ALREADY_SUBSCRIBED.
 */
export async function clearTheWay(
  stripe: Stripe,
  { customerId, choice }: Pick<WayIn, 'customerId' | 'choice'>,
  keep: 'session' | 'subscription',
  key?: string,
): Promise<Cleared> {
  const subscriptions: Stripe.Subscription[] = [];
  const every = stripe.subscriptions.list({ customer: customerId, status: 'all', limit: 100 });
  for await (const subscription of every) subscriptions.push(subscription);
  const live = subscriptions.find(isLiveAtStripe);
  if (live) throw alreadySubscribed(live.id);

  const { data: open } = await stripe.checkout.sessions.list({ customer: customerId, status: 'open', limit: 100 });
  const selling = open.filter(({ mode }) => mode === 'subscription');
  const session = keep === 'session' ? selling.find(({ metadata }) => metadata?.choice === choice) : undefined;
  for (const { id } of selling.filter((one) => one !== session)) await expire(stripe, id, key);

  const waiting = subscriptions.filter(({ status, metadata }) => status === 'incomplete' && STARTED_HERE in metadata);
  const subscription = keep === 'subscription' ? waiting.find(({ metadata }) => metadata.choice === choice) : undefined;
  for (const one of waiting.filter((other) => other !== subscription)) await giveUp(stripe, one, key);
  return {
    session: session?.id ?? null,
    subscription: subscription ?? null,
    trialUsed: subscriptions.some(({ trial_start: start }) => start !== null),
  };
}

/** A session that can no longer be expired has just been paid. */
async function expire(stripe: Stripe, id: string, key?: string): Promise<void> {
  try {
    await stripe.checkout.sessions.expire(id, {}, keyed(key, id));
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
    const session = await stripe.checkout.sessions.retrieve(id);
    if (session.status === 'complete') throw alreadySubscribed(idOf(session.subscription) ?? undefined);
  }
}

/**
 * Ends a subscription that waits for its first payment. Its invoice is voided first: Stripe refuses that once it is
 * paid, and a paid subscription must never be cancelled here.
 */
export async function giveUp(
  stripe: Stripe,
  { id, latest_invoice: invoice }: Pick<Stripe.Subscription, 'id' | 'latest_invoice'>,
  key?: string,
): Promise<void> {
  try {
    const invoiceId = idOf(invoice);
    if (invoiceId) await stripe.invoices.voidInvoice(invoiceId, {}, keyed(key, invoiceId));
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
  }
  const there = await stripe.subscriptions.retrieve(id);
  if (isLiveAtStripe(there)) throw alreadySubscribed(id);
  if (there.status === 'incomplete') await stripe.subscriptions.cancel(id);
}

/** The event of what is closed names who closed it. */
const keyed = (key: string | undefined, id: string) => (key === undefined ? {} : { idempotencyKey: `${key}:${id}` });

const alreadySubscribed = (subscriptionId: string | undefined) =>
  new Refusal(UserErrorCode.ALREADY_SUBSCRIBED, 'This account already has a subscription.', {
    subscriptionId,
    hint: 'Change the one that is there instead of buying a second.',
  });
