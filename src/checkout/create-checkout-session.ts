import type Stripe from 'stripe';
import { ensureCustomerStep } from '../accounts/ensure-customer.js';
import type { Account } from '../accounts/account.entity.js';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { IntentRequest } from '../intents/run-intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { CheckoutUi } from './checkout-session.js';
import type { CheckoutPolicy } from './checkout-settings.js';
import { requirePromotionCode } from './promotion-code.fetch.js';
import { checkAddOns, findPurchase, type PurchaseAsked } from './purchase.js';
import { checkReturnUrl } from './return-url.js';
import { choiceOf, clearTheWay, type WayIn } from './way-in.js';

const BUSY_LIMIT_MS = 2_000;
const BUSY_POLL_MS = 50;

export interface CreateCheckoutSession extends PurchaseAsked {
  account: Account;
  actor: string;
  ui: CheckoutUi;
  promotionCode: string | null;
  allowPromotionCodes: boolean;
  /** Default pages under PUBLIC_URL when null. */
  successUrl: string | null;
  cancelUrl: string | null;
  returnUrl: string | null;
  idempotencyKey: string | null;
}

interface Addresses {
  successUrl: string;
  cancelUrl: string;
  returnUrl: string;
}

interface Data extends WayIn {
  ui: CheckoutUi;
  allowPromotionCodes: boolean;
  /** Only those that the way of paying has. */
  addresses: Partial<Addresses>;
  /** What the caller asked for in one word, before it was looked up in the catalogue. */
  click: string;
  sessionId?: string;
  /** The session was open already. */
  found?: true;
}

export function checkoutProcedure(stripe: Stripe, database: Database, policy: CheckoutPolicy): Procedure<Data> {
  const clear = async (data: Data, key?: string): Promise<Partial<Data>> => {
    const { session, trialUsed } = await clearTheWay(stripe, data, 'session', key);
    return { ...(session && { sessionId: session, found: true }), ...(trialUsed && { trialDays: null }) };
  };
  return {
    verb: 'createCheckoutSession',
    subject: ({ customerId }) => customerId ?? null,
    answer: openedOf,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      // Looking again and expiring again do no harm, so the step is simply repeated.
      { name: 'clear', run: clear, probe: (data) => clear(data) },
      {
        name: 'session',
        async run(data, key, intent) {
          if (data.sessionId) return {};
          const session = await stripe.checkout.sessions.create(sessionParams(data, intent, policy), {
            idempotencyKey: key,
          });
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

const UI_MODES = {
  [CheckoutUi.HOSTED]: 'hosted_page',
  [CheckoutUi.EMBEDDED]: 'embedded_page',
  [CheckoutUi.ELEMENTS]: 'elements',
} as const;

function sessionParams(data: Data, intent: string, policy: CheckoutPolicy): Stripe.Checkout.SessionCreateParams {
  const { accountId, customerId, items, seats, choice, currency, promotionCodeId, addresses, ui } = data;
  return {
    mode: 'subscription',
    ui_mode: UI_MODES[ui],
    customer: customerId,
    client_reference_id: accountId,
    line_items: items.map(({ price, quantity }) => ({ price, ...(quantity !== null && { quantity }) })),
    ...(currency !== null && { currency: currency.toLowerCase() }),
    ...(addresses.successUrl && { success_url: addresses.successUrl }),
    ...(addresses.cancelUrl && { cancel_url: addresses.cancelUrl }),
    ...(addresses.returnUrl && { return_url: addresses.returnUrl }),
    // Stripe takes one of the two, never both.
    ...(promotionCodeId
      ? { discounts: [{ promotion_code: promotionCodeId }] }
      : { allow_promotion_codes: data.allowPromotionCodes }),
    ...collected(policy),
    metadata: { account_id: accountId, intent, choice, price: items[0]?.price ?? '', seats: String(seats) },
    ...trialParams(data.trialDays, policy),
    // A session's metadata does not reach the subscription.
    subscription_data: { metadata: { account_id: accountId, intent }, ...trialData(data.trialDays, policy) },
  };
}

/** Address, tax and ways to pay, as the settings say. Stripe stores on the customer what the page collects. */
function collected(policy: CheckoutPolicy): Partial<Stripe.Checkout.SessionCreateParams> {
  const { automaticTax, collectAddress, collectTaxIds, allowedPaymentMethodTypes: types } = policy;
  const stores = automaticTax || collectTaxIds || collectAddress === 'required';
  return {
    billing_address_collection: collectAddress,
    ...(automaticTax && { automatic_tax: { enabled: true } }),
    ...(collectTaxIds && { tax_id_collection: { enabled: true } }),
    ...(stores && { customer_update: { address: 'auto', name: 'auto' } }),
    ...(types && { allowed_payment_method_types: types }),
  };
}

const trialParams = (days: number | null, { trialCard }: CheckoutPolicy) =>
  days !== null && trialCard === 'optional' ? { payment_method_collection: 'if_required' as const } : {};

export const trialData = (days: number | null, { trialEnd }: CheckoutPolicy) =>
  days === null
    ? {}
    : { trial_period_days: days, trial_settings: { end_behavior: { missing_payment_method: trialEnd } } };

export interface Opened {
  id: string;
  found: boolean;
}

/**
 * Opens a checkout for a plan. A second tab with the same choice gets the same session; another choice closes the
 * first. Answers the session's id, and whether it was open already. Throws Refusal.
 */
export async function createCheckoutSession(parts: Parts, asked: CreateCheckoutSession): Promise<Opened> {
  checkAddOns(asked.addOns);
  const addresses = addressesOf(parts, asked);
  const { items, seats, currency, trialDays, ...worth } = await findPurchase(parts, asked.account, asked);
  const promotion =
    asked.promotionCode === null ? null : await requirePromotionCode(parts, asked.account, asked.promotionCode, worth);
  const chosen = {
    items,
    seats,
    currency,
    trialDays,
    ui: asked.ui,
    promotionCodeId: promotion?.id ?? null,
    allowPromotionCodes: asked.allowPromotionCodes,
    addresses,
  };
  const procedure = checkoutProcedure(parts.stripe, parts.database, parts.config.checkout);
  const request: IntentRequest<Data> = {
    accountId: asked.account.id,
    actor: asked.actor,
    clientKey: asked.idempotencyKey,
    args: chosen,
    data: {
      ...chosen,
      accountId: asked.account.id,
      externalId: asked.account.externalId,
      choice: choiceOf(chosen),
      click: sameClick(asked),
    },
  };
  const { data } = await whenFree(parts, () => parts.intents.run(procedure, request));
  return openedOf(data);
}

const openedOf = ({ sessionId, found }: Data): Opened => ({ id: String(sessionId), found: found ?? false });

/** Two clicks on one button are alike in it. */
export const sameClick = ({ account: _who, actor: _actor, idempotencyKey: _key, ...asked }: CreateCheckoutSession) =>
  choiceOf(asked);

/** A double click asks twice at once: the second waits for the first and gets its page, for at most two seconds. */
export async function whenFree<Result>({ wall, timers }: Parts, run: () => Promise<Result>): Promise<Result> {
  const until = wall.now() + BUSY_LIMIT_MS;
  for (;;) {
    try {
      return await run();
    } catch (thrown) {
      const busy = thrown instanceof Refusal && thrown.code === UserErrorCode.CONFLICT;
      if (!busy || wall.now() >= until) throw thrown;
      await timers.sleep(BUSY_POLL_MS);
    }
  }
}

/** Where the browser goes afterwards: a hosted page has two ways back, the others one. Throws Refusal. */
function addressesOf({ publicUrl, config }: Parts, asked: CreateCheckoutSession): Partial<Addresses> {
  const origins = [new URL(publicUrl).origin, ...config.returnOrigins];
  const success = `${publicUrl}/checkout/success?session={CHECKOUT_SESSION_ID}`;
  const checked = (field: keyof Addresses, otherwise: string) =>
    checkReturnUrl(asked[field] ?? otherwise, origins, field);
  return asked.ui === CheckoutUi.HOSTED
    ? { successUrl: checked('successUrl', success), cancelUrl: checked('cancelUrl', `${publicUrl}/checkout/cancel`) }
    : { returnUrl: checked('returnUrl', success) };
}
