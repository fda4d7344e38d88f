import type Stripe from 'stripe';
import type { Account } from '../accounts/account.entity.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { inEachCurrency, stripePriceId } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import { requireSubscription } from '../subscriptions/main-subscription.js';
import type { BillingSubscription } from '../subscriptions/subscription.entity.js';
import type { SubscriptionResult } from '../subscriptions/subscription-payload.js';
import { requirePromotionCode } from './promotion-code.fetch.js';

export interface ApplyPromotionCode {
  account: Account;
  actor: string;
  /** Null for the main one. */
  subscription: string | null;
  code: string;
  idempotencyKey: string | null;
}

interface Data {
  subscriptionId: string;
  customerId: string;
  promotionCodeId: string;
  /** The code was there before. */
  held?: boolean;
}

export function applyPromotionCodeProcedure(stripe: Stripe): Procedure<Data> {
  const discountsOf = async ({ subscriptionId }: Data) => {
    const { discounts } = await stripe.subscriptions.retrieve(subscriptionId, { expand: ['discounts'] });
    return discounts.map((discount) =>
      typeof discount === 'string'
        ? { id: discount, code: null }
        : { id: discount.id, code: idOf(discount.promotion_code) },
    );
  };
  return {
    verb: 'applyPromotionCode',
    subject: ({ customerId }) => customerId,
    answer: resultOf,
    steps: [
      {
        name: 'look',
        onlyReads: true,
        async run({ subscriptionId }) {
          const { schedule } = await stripe.subscriptions.retrieve(subscriptionId);
          if (schedule !== null) throw changeIsBooked();
          return {};
        },
        probe: () => Promise.resolve(null),
      },
      {
        name: 'apply',
        async run(data, key) {
          const discounts = await discountsOf(data);
          if (discounts.some(({ code }) => code === data.promotionCodeId)) return { held: true };
          // A list replaces what is there, so what is there is named again.
          const kept = discounts.map(({ id }) => ({ discount: id }));
          await stripe.subscriptions.update(
            data.subscriptionId,
            { discounts: [...kept, { promotion_code: data.promotionCodeId }] },
            { idempotencyKey: key },
          );
          return { held: false };
        },
        async probe(data) {
          const discounts = await discountsOf(data);
          return discounts.some(({ code }) => code === data.promotionCodeId) ? {} : null;
        },
      },
    ],
  };
}

const resultOf = ({ subscriptionId, held }: Data, visible: boolean): SubscriptionResult => ({
  subscriptionId,
  outcome: held ? 'NO_OP' : visible ? 'APPLIED' : 'PROCESSING',
});

/** The next phase of a schedule brings its own discounts, and a code beside them would be lost without a word. */
const changeIsBooked = () =>
  new Refusal(
    UserErrorCode.CHANGE_ALREADY_PENDING,
    'A change of this subscription is booked, which the code would not outlast.',
    {
      hint: 'Take the booked change back with cancelPendingChange, or book it anew with the code by changePlan.',
    },
  );

/** Takes a code's discount off the next invoices of a subscription. What is paid already stays paid. Throws Refusal. */
export async function applyPromotionCode(parts: Parts, asked: ApplyPromotionCode): Promise<SubscriptionResult> {
  const { account } = asked;
  const subscription = await requireSubscription(parts, account.id, asked.subscription);
  const promotion = await requirePromotionCode(parts, account, asked.code, await worthOf(parts, subscription), 'code');
  const { data, visible } = await parts.intents.run(applyPromotionCodeProcedure(parts.stripe), {
    accountId: account.id,
    actor: asked.actor,
    clientKey: asked.idempotencyKey,
    args: { subscription: subscription.id, promotion: promotion.id },
    data: { subscriptionId: subscription.id, customerId: subscription.customerId, promotionCodeId: promotion.id },
  });
  return resultOf(data, visible);
}

async function worthOf({ database }: Parts, { priceId, currency, seats }: BillingSubscription) {
  const price = await database.read.manager.findOneBy(Price, { id: stripePriceId(priceId) });
  const shown = price && (inEachCurrency(price).find((view) => view.currency === currency) ?? price);
  const unit = shown?.unitAmount ?? null;
  return { amount: unit === null ? null : unit * seats, paidIn: currency, productIds: price ? [price.productId] : [] };
}
