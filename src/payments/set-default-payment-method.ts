import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import { decidingDraftAt, finalizeDraft } from '../invoices/deciding-draft.js';
import type { Parts } from '../parts.js';
import { idOf } from '../stripe/objects.js';
import { requireSubscription } from '../subscriptions/main-subscription.js';
import { liveSubscriptionsAt } from './live-subscriptions.js';
import { requirePaymentMethod } from './own-payment-method.js';
import { type Payment, refuseFailure, tryInvoice } from './try-invoice.js';

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
  /** The invoices that were tried, in order; the last may have failed. */
  tried?: { invoice: string; payment: Payment }[];
}

export function setDefaultProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'setDefaultPaymentMethod',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
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
        probe: async (data) => ((await collectableInvoices(stripe, data)).length === 0 ? { tried: [] } : null),
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

interface Collectable {
  id: string;
  isDraft: boolean;
}

/** What could be collected now, then the drafts whose payment makes an unpaid subscription active again. */
async function collectableInvoices(stripe: Stripe, data: Data): Promise<Collectable[]> {
  if (!data.retry) return [];
  const live = await liveSubscriptionsAt(stripe, data.customerId);
  const open = await openInvoices(stripe, data, live);
  const drafts: Collectable[] = [];
  for (const subscription of live.filter(({ id }) => data.subscriptionId === null || id === data.subscriptionId)) {
    const id = await decidingDraftAt(stripe, subscription);
    if (id !== null) drafts.push({ id, isDraft: true });
  }
  return [...open.map((id) => ({ id, isDraft: false })), ...drafts];
}

/** Oldest first. A first invoice is left to the checkout that it belongs to. */
async function openInvoices(
  stripe: Stripe,
  { customerId, subscriptionId }: Data,
  subscriptions: readonly Stripe.Subscription[],
): Promise<string[]> {
  const live = new Set(subscriptions.map(({ id }) => id));
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
  for (const { id: invoice, isDraft } of await collectableInvoices(stripe, data)) {
    if (isDraft) await finalizeDraft(stripe, invoice, `${key}:${invoice}:finalize`);
    const payment = await tryInvoice(stripe, invoice, data.paymentMethodId, `${key}:${invoice}`);
    tried.push({ invoice, payment });
    if (payment.kind === 'DECLINED' || payment.kind === 'ACTION_REQUIRED') break;
  }
  return { tried };
}

export interface SetDefaultResult {
  /** The invoice that the customer must confirm; null for none. */
  confirm: string | null;
}

/**
 * Makes a stored method the default of the account and of every live subscription that has its own, or of one
 * subscription only, then tries open invoices when asked. Throws Refusal: NOT_FOUND, SUBSCRIPTION_ENDED, and CARD_DECLINED
 * when only the retry failed.
 */
export async function setDefaultPaymentMethod(parts: Parts, asked: SetDefaultPaymentMethod): Promise<SetDefaultResult> {
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
  return resultOf(data);
}

/** Throws Refusal: CARD_DECLINED. */
function resultOf({ tried }: Data): SetDefaultResult {
  const last = tried?.at(-1);
  if (last) refuseFailure(last.payment, ['input', 'paymentMethod']);
  return { confirm: last?.payment.kind === 'ACTION_REQUIRED' ? last.invoice : null };
}
