import Stripe from 'stripe';
import type { Account } from '../accounts/account.entity.js';
import { ensureCustomerStep } from '../accounts/ensure-customer.js';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { requirePaymentMethod } from '../payments/own-payment-method.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import type { SubscriptionResult } from '../subscriptions/subscription-payload.js';
import { trialData } from './create-checkout-session.js';
import type { CheckoutPolicy } from './checkout-settings.js';
import { requirePromotionCode } from './promotion-code.fetch.js';
import { checkAddOns, findPurchase, type PurchaseAsked } from './purchase.js';
import { choiceOf, clearTheWay, giveUp, STARTED_HERE, type WayIn } from './way-in.js';

export interface StartSubscription extends PurchaseAsked {
  account: Account;
  actor: string;
  /** Stored on the account; its default when null. */
  paymentMethod: string | null;
  promotionCode: string | null;
  idempotencyKey: string | null;
}

interface Data extends WayIn {
  paymentMethod: string | null;
  subscriptionId?: string;
  /** The first invoice; null when there is none. */
  invoiceId?: string | null;
  /** The first invoice waits to be paid. */
  due?: boolean;
  /**
   * It was charged, and the bank has not answered: a debit takes days, and Stripe calls the subscription active meanwhile.
   * Left out where it was not charged, so that somebody must pay it.
   */
  underWay?: boolean;
}

export function startProcedure(stripe: Stripe, database: Database, policy: CheckoutPolicy): Procedure<Data> {
  const clear = async (data: Data, key?: string): Promise<Partial<Data>> => {
    const { subscription, trialUsed } = await clearTheWay(stripe, data, 'subscription', key);
    return { ...(subscription && made(subscription)), ...(trialUsed && { trialDays: null }) };
  };
  return {
    verb: 'startSubscription',
    subject: ({ customerId }) => customerId ?? null,
    answer: resultOf,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      { name: 'clear', run: clear, probe: (data) => clear(data) },
      {
        name: 'subscribe',
        async run(data, key, intent) {
          if (data.subscriptionId) return {};
          return made(
            await stripe.subscriptions.create(subscriptionParams(data, intent, policy), { idempotencyKey: key }),
          );
        },
        async probe({ customerId, subscriptionId }, intent) {
          if (subscriptionId) return {};
          const { data } = await stripe.subscriptions.list({
            customer: customerId,
            status: 'all',
            limit: 100,
            expand: ['data.latest_invoice'],
          });
          const found = data.find(({ metadata }) => metadata.intent === intent);
          return found ? made(found) : null;
        },
      },
      {
        name: 'pay',
        run: (data, key) => pay(stripe, data, key),
        async probe({ invoiceId, due }) {
          if (!invoiceId || !due) return {};
          return (await stripe.invoices.retrieve(invoiceId)).status === 'paid' ? { underWay: false } : null;
        },
      },
    ],
  };
}

function made({ id, status, latest_invoice: invoice }: Stripe.Subscription): Partial<Data> {
  return { subscriptionId: id, invoiceId: idOf(invoice), due: status === 'incomplete' };
}

function subscriptionParams(data: Data, intent: string, policy: CheckoutPolicy): Stripe.SubscriptionCreateParams {
  const { accountId, customerId = '', items, currency, paymentMethod, promotionCodeId, choice } = data;
  const types = policy.allowedPaymentMethodTypes;
  return {
    customer: customerId,
    items: items.map(({ price, quantity }) => ({ price, ...(quantity !== null && { quantity }) })),
    ...(currency !== null && { currency: currency.toLowerCase() }),
    ...(paymentMethod !== null && { default_payment_method: paymentMethod }),
    // Nothing is attempted while it is made, so that a bank that asks for 3-D Secure leaves something to confirm.
    payment_behavior: 'default_incomplete',
    payment_settings: {
      save_default_payment_method: 'on_subscription',
      ...(types && {
        payment_method_types: types as Stripe.SubscriptionCreateParams.PaymentSettings.PaymentMethodType[],
      }),
    },
    ...(promotionCodeId !== null && { discounts: [{ promotion_code: promotionCodeId }] }),
    ...(policy.automaticTax && { automatic_tax: { enabled: true } }),
    ...trialData(data.trialDays, policy),
    metadata: { account_id: accountId, intent, choice, [STARTED_HERE]: 'true' },
    expand: ['latest_invoice'],
  };
}

/** Charges the stored payment method. A refusal of the bank leaves nothing behind; a question of hers leaves it open. */
async function pay(
  stripe: Stripe,
  { invoiceId, due, paymentMethod, subscriptionId = '' }: Data,
  key: string,
): Promise<Partial<Data>> {
  if (!invoiceId || !due || paymentMethod === null) return {};
  try {
    const { status } = await stripe.invoices.pay(
      invoiceId,
      { payment_method: paymentMethod, off_session: false },
      { idempotencyKey: key },
    );
    return { underWay: status !== 'paid' };
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeCardError)) throw thrown;
    if (thrown.code === 'invoice_payment_intent_requires_action') return {};
    await giveUp(stripe, { id: subscriptionId, latest_invoice: invoiceId }, key);
    throw declined(thrown);
  }
}

const declined = ({ message, decline_code: declineCode, code }: Stripe.errors.StripeCardError) =>
  new Refusal(UserErrorCode.CARD_DECLINED, message, {
    field: ['input', 'paymentMethod'],
    declineCode: declineCode ?? code ?? null,
    retryable: declineCode === 'insufficient_funds' || code === 'processing_error',
    hint: 'Nothing was started and nothing is charged; use another payment method.',
  });

/**
 * Starts a subscription without a page: by a trial, by charging a stored payment method, or, without one, by an invoice
 * that the browser confirms with Stripe.js. Throws Refusal.
 */
export async function startSubscription(parts: Parts, asked: StartSubscription): Promise<SubscriptionResult> {
  checkAddOns(asked.addOns);
  const { account } = asked;
  const { checkout } = parts.config;
  if (checkout.automaticTax && !account.address?.country) throw addressRequired();
  const { items, seats, currency, trialDays, ...worth } = await findPurchase(parts, account, asked);
  const paymentMethod =
    asked.paymentMethod === null
      ? account.defaultPaymentMethodId
      : (await requirePaymentMethod(parts, account.id, asked.paymentMethod, 'paymentMethod')).id;
  if (trialDays !== null && paymentMethod === null && checkout.trialCard === 'required') throw cardRequired();
  const promotion =
    asked.promotionCode === null ? null : await requirePromotionCode(parts, account, asked.promotionCode, worth);
  const chosen = { items, seats, currency, trialDays, promotionCodeId: promotion?.id ?? null, paymentMethod };
  const { data, visible } = await parts.intents.run(startProcedure(parts.stripe, parts.database, checkout), {
    accountId: account.id,
    actor: asked.actor,
    clientKey: asked.idempotencyKey,
    args: chosen,
    data: { ...chosen, accountId: account.id, externalId: account.externalId, choice: choiceOf(chosen) },
  });
  return resultOf(data, visible);
}

function resultOf(
  { subscriptionId = '', invoiceId = null, due, underWay }: Data,
  visible: boolean,
): SubscriptionResult {
  const waits = due === true && underWay === undefined;
  const outcome = waits ? 'ACTION_REQUIRED' : visible && !underWay ? 'APPLIED' : 'PROCESSING';
  return { subscriptionId, outcome, invoiceId };
}

const cardRequired = () =>
  new Refusal(UserErrorCode.PAYMENT_METHOD_REQUIRED, 'The trial begins only with a payment method.', {
    field: ['input', 'paymentMethod'],
    hint: 'Add one with createSetupIntent, or use createCheckoutSession.',
  });

const addressRequired = () =>
  new Refusal(UserErrorCode.ADDRESS_REQUIRED_FOR_TAX, 'Taxes depend on the billing address, and none is known.', {
    hint: 'Set it with updateBillingDetails, or use createCheckoutSession, which asks for it.',
  });
