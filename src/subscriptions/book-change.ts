import type Stripe from 'stripe';
import type { Step } from '../intents/intent.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { idOf } from '../stripe/objects.js';
import type { ItemChange } from './change-at-stripe.js';
import type { ChangePlanData } from './change-plan.procedure.js';
import { MADE_BY } from './pending-change.fetch.js';
import { withAllItems } from './subscription.fetch.js';

/** Books a change for the end of the period by a schedule: two calls, because Stripe takes no phases with the first. */
export const bookSteps = (stripe: Stripe): Step<ChangePlanData>[] => [
  {
    name: 'book',
    async run({ way, subscriptionId }, key, intent) {
      if (way !== 'later') return {};
      const schedule = await stripe.subscriptionSchedules.create(
        { from_subscription: subscriptionId, metadata: { made_by: MADE_BY, intent } },
        { idempotencyKey: key },
      );
      return { scheduleId: schedule.id };
    },
    async probe({ way, subscriptionId }) {
      if (way !== 'later') return {};
      const scheduleId = idOf((await stripe.subscriptions.retrieve(subscriptionId)).schedule);
      return scheduleId === null ? null : { scheduleId };
    },
  },
  {
    name: 'phases',
    async run({ way, scheduleId, ...data }, key) {
      if (way !== 'later' || !scheduleId) return {};
      const schedule = await stripe.subscriptionSchedules.retrieve(scheduleId, { expand: ['subscription'] });
      const { subscription } = schedule;
      if (subscription !== null && typeof subscription === 'object') await withAllItems(stripe, subscription);
      await stripe.subscriptionSchedules.update(scheduleId, phasesOf(schedule, data), { idempotencyKey: key });
      return {};
    },
    async probe({ way, scheduleId, change }) {
      if (way !== 'later' || !scheduleId) return {};
      const { phases } = await stripe.subscriptionSchedules.retrieve(scheduleId);
      const last = phases.length > 1 ? phases.at(-1) : undefined;
      const prices = (last?.items ?? []).map(({ price }) => idOf(price as string | { id: string }));
      const isTarget = change.items.every(
        (item) => 'deleted' in item || item.price === undefined || prices.includes(item.price),
      );
      return last && isTarget ? {} : null;
    },
  },
];

type Phase = Stripe.SubscriptionScheduleUpdateParams.Phase;

/** Both phases say everything: what a phase leaves out is not taken from the subscription. */
function phasesOf(
  schedule: Stripe.SubscriptionSchedule,
  { change, duration }: Pick<ChangePlanData, 'change' | 'duration'>,
): Stripe.SubscriptionScheduleUpdateParams {
  const [current] = schedule.phases;
  const subscription = schedule.subscription;
  if (!current || !subscription || typeof subscription === 'string')
    throw new Refusal(UserErrorCode.CONFLICT, 'What was just booked has been taken back by somebody else.', {
      hint: 'Read the subscription again and repeat the change if it still makes sense.',
    });
  const kept: Omit<Phase, 'items'> = {
    discounts: discountsOf(current.discounts),
    collection_method: subscription.collection_method as 'charge_automatically' | 'send_invoice',
    automatic_tax: { enabled: subscription.automatic_tax.enabled },
    default_tax_rates: ratesOf(subscription.default_tax_rates),
    proration_behavior: 'none',
    ...(subscription.default_payment_method && {
      default_payment_method: String(idOf(subscription.default_payment_method)),
    }),
    ...(subscription.days_until_due && { invoice_settings: { days_until_due: subscription.days_until_due } }),
  };
  const items = current.items.map((item) => {
    const price = String(idOf(item.price as string | { id: string }));
    return {
      price,
      ...(typeof item.quantity === 'number' && { quantity: item.quantity }),
      metadata: item.metadata ?? {},
      discounts: discountsOf(item.discounts),
      tax_rates: ratesOf(itemOf(subscription, price)?.tax_rates),
    };
  });
  return {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      { ...kept, items, start_date: current.start_date, end_date: current.end_date },
      {
        ...kept,
        ...(change.promotionCodeId !== null && {
          discounts: [...(kept.discounts || []), { promotion_code: change.promotionCodeId }],
        }),
        items: nextItems(items, subscription, change.items),
        duration,
        ...(change.resetsAnchor && { billing_cycle_anchor: 'phase_start' as const }),
      },
    ],
  };
}

const ratesOf = (rates: readonly Stripe.TaxRate[] | null | undefined) => (rates ?? []).map(({ id }) => id);
const discountsOf = (discounts: readonly { discount: string | { id: string } | null }[] | null) =>
  (discounts ?? []).flatMap(({ discount }) => (discount ? [{ discount: String(idOf(discount)) }] : []));

const itemOf = ({ items }: Stripe.Subscription, price: string) => items.data.find((item) => item.price.id === price);

/** The items of a phase have no id, so those that change are found by the price they have now. */
function nextItems<Item extends { price: string; quantity?: number }>(
  items: readonly Item[],
  subscription: Stripe.Subscription,
  changes: readonly ItemChange[],
): (Item | { price: string; quantity?: number })[] {
  const changeOf = (price: string) => {
    const held = itemOf(subscription, price);
    return held && changes.find(({ id }) => id === held.id);
  };
  const kept = items.flatMap((item) => {
    const change = changeOf(item.price);
    if (!change) return [item];
    if ('deleted' in change) return [];
    const { price = item.price, quantity } = change;
    return [{ ...item, price, ...(quantity !== undefined && { quantity }) }];
  });
  const added = changes.flatMap((change) => ('deleted' in change || change.id !== undefined ? [] : [change]));
  return [...kept, ...added];
}
