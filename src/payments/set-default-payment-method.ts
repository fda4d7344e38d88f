import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { idOf } from '../stripe/objects.js';
import { requireSubscription } from '../subscriptions/main-subscription.js';
import { liveSubscriptionsAt } from './live-subscriptions.js';
import { requirePaymentMethod } from './own-payment-method.js';
import type { PaymentAction } from './payment-action.js';
import { confirmAction, type Payment, refuseFailure, tryInvoice } from './try-invoice.js';

export interface SetDefaultPaymentMethod {
  accountId: string;
  actor: string;
  paymentMethod: string;
  /** Only this subscription; null for the account and everything that has a method of its own. */
  subscription: string | null;
  retryOpenInvoices: boolean;
  idempotencyKey: string | null;
}

interface Data {
  customerId: string;
  paymentMethodId: string;
  subscriptionId: string | null;
  retry: boolean;
  /** The open invoices that were tried, in order; the last may have failed. */
  tried?: { invoice: string; payment: Payment }[];
}

export function setDefaultProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'setDefaultPaymentMethod',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'account',
        async run({ customerId, paymentMethodId, subscriptionId }, key) {
          if (subscriptionId !== null) return {};
          const settings = { default_payment_method: paymentMethodId };
          await stripe.customers.update(customerId, { invoice_settings: settings }, { idempotencyKey: key });
          return {};
        },
        async probe({ customerId, paymentMethodId, subscriptionId }) {
          if (subscriptionId !== null) return {};
          const customer = await stripe.customers.retrieve(customerId);
          const set = !customer.deleted && idOf(customer.invoice_settings.default_payment_method) === paymentMethodId;
          return set ? {} : null;
        },
      },
      {
        name: 'subscriptions',
        async run(data, key) {
          for (const { id } of await chargedOtherwise(stripe, data)) {
            const change = { default_payment_method: data.paymentMethodId };
            await stripe.subscriptions.update(id, change, { idempotencyKey: `${key}:${id}` });
          }
          return {};
        },
        probe: async (data) => ((await chargedOtherwise(stripe, data)).length === 0 ? {} : null),
      },
      {
        name: 'retry',
        run: (data, key) => retryOpen(stripe, data, key),
        probe: async (data) => ((await openInvoices(stripe, data)).length === 0 ? { tried: [] } : null),
      },
    ],
  };
}

/** The subscriptions still to be changed: the named one, or each live one that keeps another method for itself. */
async function chargedOtherwise(stripe: Stripe, data: Data): Promise<Stripe.Subscription[]> {
  const live = await liveSubscriptionsAt(stripe, data.customerId);
  return live.filter(({ id, default_payment_method }) => {
    const own = idOf(default_payment_method);
    return own !== data.paymentMethodId && (data.subscriptionId === null ? own !== null : id === data.subscriptionId);
  });
}

/** What could be collected now, oldest first. A first invoice is left to the checkout that it belongs to. */
async function openInvoices(stripe: Stripe, { customerId, subscriptionId, retry }: Data): Promise<string[]> {
  if (!retry) return [];
  const live = new Set((await liveSubscriptionsAt(stripe, customerId)).map(({ id }) => id));
  const { data } = await stripe.invoices.list({ customer: customerId, status: 'open', limit: 100 });
  return data
    .filter(({ collection_method, amount_remaining, parent }) => {
      const of = idOf(parent?.subscription_details?.subscription);
      const wanted = subscriptionId === null ? of === null || live.has(of) : of === subscriptionId;
      return wanted && collection_method === 'charge_automatically' && amount_remaining > 0;
    })
    .sort((left, right) => left.created - right.created)
    .flatMap(({ id }) => id ?? []);
}

/** One after the other; after the first that the bank does not let through, the rest would fail as well. */
async function retryOpen(stripe: Stripe, data: Data, key: string): Promise<Partial<Data>> {
  const tried: NonNullable<Data['tried']> = [];
  for (const invoice of await openInvoices(stripe, data)) {
    const payment = await tryInvoice(stripe, invoice, data.paymentMethodId, `${key}:${invoice}`);
    tried.push({ invoice, payment });
    if (payment.kind === 'DECLINED' || payment.kind === 'ACTION_REQUIRED') break;
  }
  return { tried };
}

/**
 * Makes a stored method the default of the account and of every live subscription that has its own, or of one
 * subscription only, then tries open invoices when asked. Answers what the customer must confirm; null for nothing.
 * Throws Refusal: NOT_FOUND, SUBSCRIPTION_ENDED, and CARD_DECLINED when only the retry failed.
 */
export async function setDefaultPaymentMethod(
  parts: Parts,
  asked: SetDefaultPaymentMethod,
): Promise<PaymentAction | null> {
  const { accountId, actor, idempotencyKey } = asked;
  const method = await requirePaymentMethod(parts, accountId, asked.paymentMethod, 'paymentMethod');
  const subscription =
    asked.subscription === null ? null : await requireSubscription(parts, accountId, asked.subscription);
  const wanted = {
    customerId: method.customerId,
    paymentMethodId: method.id,
    subscriptionId: subscription?.id ?? null,
    retry: asked.retryOpenInvoices,
  };
  const { data } = await parts.intents.run(setDefaultProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: idempotencyKey,
    args: wanted,
    data: wanted as Data,
  });
  const last = data.tried?.at(-1);
  if (!last) return null;
  refuseFailure(last.payment, ['input', 'paymentMethod']);
  return last.payment.kind === 'ACTION_REQUIRED' ? confirmAction(parts, last.invoice) : null;
}
