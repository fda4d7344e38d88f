import Stripe from 'stripe';
import { type CustomerData, ensureCustomerStep } from '../accounts/ensure-customer.js';
import type { Account } from '../accounts/account.entity.js';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Plan } from '../plans/plan.entity.js';
import { type BillingInterval, type PriceState, priceFor } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { checkReturnUrl } from './return-url.js';

export interface CreateCheckoutSession {
  account: Account;
  actor: string;
  plan: string;
  interval: BillingInterval;
  currency: string | null;
  seats: number;
  /** Default pages under PUBLIC_URL when null. */
  successUrl: string | null;
  cancelUrl: string | null;
  idempotencyKey: string | null;
}

interface Data extends CustomerData {
  priceId: string;
  seats: number;
  successUrl: string;
  cancelUrl: string;
  /** Price, seats and addresses in one word: the same choice gets the same open session. */
  choice: string;
  sessionId?: string;
}

const MOST_SEATS = 10_000;

/** Stripe's own words for a subscription that may still charge. */
const LIVE = ['trialing', 'active', 'past_due', 'unpaid', 'paused'];

export function checkoutProcedure(stripe: Stripe, database: Database): Procedure<Data> {
  return {
    verb: 'createCheckoutSession',
    subject: ({ customerId }) => customerId ?? null,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      {
        name: 'clear',
        run: (data) => clearTheWay(stripe, data),
        // Looking again and expiring again do no harm, so the step is simply repeated.
        probe: (data) => clearTheWay(stripe, data),
      },
      {
        name: 'session',
        async run(data, key, intent) {
          if (data.sessionId) return {};
          const session = await stripe.checkout.sessions.create(sessionParams(data, intent), { idempotencyKey: key });
          return { sessionId: session.id };
        },
        async probe({ customerId, sessionId }, intent) {
          if (sessionId) return {};
          const { data: sessions } = await stripe.checkout.sessions.list({ customer: customerId, limit: 100 });
          const made = sessions.find(({ metadata }) => metadata?.intent === intent);
          return made ? { sessionId: made.id } : null;
        },
      },
    ],
  };
}

/** Never a second paid subscription, never a second open session: looks at Stripe first, not at what is stored. */
async function clearTheWay(stripe: Stripe, { customerId, choice }: Data): Promise<Partial<Data>> {
  const { data: subscriptions } = await stripe.subscriptions.list({ customer: customerId, limit: 100 });
  const live = subscriptions.find(({ status }) => LIVE.includes(status));
  if (live) throw alreadySubscribed(live.id);
  const { data: open } = await stripe.checkout.sessions.list({ customer: customerId, status: 'open', limit: 100 });
  const same = open.find(({ metadata }) => metadata?.choice === choice);
  for (const session of open.filter(({ id }) => id !== same?.id)) await expire(stripe, session.id);
  return same ? { sessionId: same.id } : {};
}

/** A session that can no longer be expired has just been paid. */
async function expire(stripe: Stripe, id: string): Promise<void> {
  try {
    await stripe.checkout.sessions.expire(id);
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) throw thrown;
    const session = await stripe.checkout.sessions.retrieve(id);
    if (session.status === 'complete')
      throw alreadySubscribed(typeof session.subscription === 'string' ? session.subscription : undefined);
  }
}

const alreadySubscribed = (subscriptionId: string | undefined) =>
  new Refusal(UserErrorCode.ALREADY_SUBSCRIBED, 'This account already has a subscription.', {
    subscriptionId,
    hint: 'Change the one that is there instead of buying a second.',
  });

function sessionParams(data: Data, intent: string): Stripe.Checkout.SessionCreateParams {
  const { accountId, customerId, priceId, seats, choice, successUrl, cancelUrl } = data;
  return {
    mode: 'subscription',
    customer: customerId,
    client_reference_id: accountId,
    line_items: [{ price: priceId, quantity: seats }],
    success_url: successUrl,
    cancel_url: cancelUrl,
    metadata: { account_id: accountId, intent, choice, price: priceId, seats: String(seats) },
    // A session's metadata does not reach the subscription.
    subscription_data: { metadata: { account_id: accountId, intent } },
  };
}

/**
 * Opens Stripe's payment page for a plan. A second tab with the same choice gets the same page; another choice closes
 * the first. Answers the session's id. Throws Refusal.
 */
export async function createCheckoutSession(parts: Parts, asked: CreateCheckoutSession): Promise<string> {
  const price = await requirePrice(parts, asked);
  if (!Number.isInteger(asked.seats) || asked.seats < 1 || asked.seats > MOST_SEATS) {
    throw new Refusal(UserErrorCode.QUANTITY_OUT_OF_RANGE, `seats must be 1 to ${MOST_SEATS}, found ${asked.seats}.`, {
      field: ['input', 'seats'],
    });
  }
  const origins = [new URL(parts.publicUrl).origin, ...parts.config.returnOrigins];
  const successUrl = asked.successUrl ?? `${parts.publicUrl}/checkout/success?session={CHECKOUT_SESSION_ID}`;
  const cancelUrl = asked.cancelUrl ?? `${parts.publicUrl}/checkout/cancel`;
  const choice = {
    priceId: price.id,
    seats: asked.seats,
    successUrl: checkReturnUrl(successUrl, origins, 'successUrl'),
    cancelUrl: checkReturnUrl(cancelUrl, origins, 'cancelUrl'),
  };
  const { data } = await parts.intents.run(checkoutProcedure(parts.stripe, parts.database), {
    accountId: asked.account.id,
    actor: asked.actor,
    clientKey: asked.idempotencyKey,
    args: choice,
    data: {
      ...choice,
      accountId: asked.account.id,
      externalId: asked.account.externalId,
      choice: Buffer.from(JSON.stringify(Object.values(choice)))
        .toString('base64url')
        .slice(0, 500),
    },
  });
  return String(data.sessionId);
}

/** The price on sale for the choice. Throws Refusal: PLAN_NOT_AVAILABLE. */
async function requirePrice(
  { database }: Parts,
  { plan: key, interval, currency }: CreateCheckoutSession,
): Promise<PriceState> {
  const { manager } = database.read;
  const plan = await manager.findOneBy(Plan, { key });
  const refused = (reason: string, field: string) =>
    new Refusal(UserErrorCode.PLAN_NOT_AVAILABLE, reason, {
      field: ['input', field],
      hint: 'Offer what `plans` lists.',
    });
  if (!plan || plan.archived) throw refused(`There is no plan '${key}' on sale.`, 'plan');
  if (plan.free) throw refused('The free plan needs no checkout.', 'plan');
  const price = priceFor(plan, interval, currency, await manager.findBy(Price, { planKey: key }));
  if (price) return price;
  throw refused(
    `'${key}' is not sold by the ${interval.toLowerCase()}${currency ? ` in ${currency}` : ''}.`,
    'interval',
  );
}
