import type { Catalogue } from '../graphql/loaders.js';
import { seatsOf } from '../plans/metadata.js';
import type { Plan } from '../plans/plan.entity.js';
import { MOST_SEATS, perInterval, priceFor, seatsProblem } from '../plans/plan.js';
import type { Price } from '../plans/price.entity.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { ChangeAsked } from './change-draft.js';
import type { BillingSubscription } from './subscription.entity.js';

export interface ChangeTarget {
  plan: Plan;
  /** Null for the free plan. */
  price: Price | null;
  seats: number;
  /** Why the plan is not sold with the seats that are there; null when it is. */
  seatsProblem: string | null;
  /** They are more than it is sold with. */
  tooManySeats: boolean;
}

/**
 * What is changed to. Who stays with a plan and its interval stays with the price, whatever others pay for it by now, and
 * also where it is paid for every few months: no such price is sold, so nobody can have meant another one. Throws Refusal.
 */
export function requireTarget(
  { planByKey, prices }: Catalogue,
  asked: Pick<ChangeAsked, 'plan' | 'interval' | 'currency' | 'seats'>,
  subscription: BillingSubscription,
  fromPrice: Price | null,
): ChangeTarget {
  const key = asked.plan ?? subscription.planKey ?? '';
  const plan = planByKey.get(key);
  if (!plan) throw refused('plan', `There is no plan '${key}' on sale.`);
  const seats = asked.seats ?? subscription.seats;
  if (plan.free) return { plan, price: null, seats, seatsProblem: null, tooManySeats: false };
  const interval = asked.interval ?? fromPrice?.interval;
  const currency = asked.currency ?? subscription.currency;
  const stays = fromPrice?.planKey === key && fromPrice.interval === interval && currency === subscription.currency;
  if (plan.archived && !stays) throw refused('plan', `There is no plan '${key}' on sale.`);
  if (!interval) throw refused('interval', 'The present price is not in the catalogue, so interval must be given.');
  const price = stays ? fromPrice : priceFor(plan, interval, currency, prices);
  if (!price) throw refused('interval', `'${key}' is not sold ${perInterval(interval)} in ${currency}.`);
  const range = seatsOf(plan.metadata);
  const problem = seatsProblem(seats, range);
  if (problem && asked.seats !== null) throw refused('seats', `seats ${problem}.`, UserErrorCode.QUANTITY_OUT_OF_RANGE);
  return { plan, price, seats, seatsProblem: problem, tooManySeats: seats > (range?.max ?? MOST_SEATS) };
}

const refused = (field: string, message: string, code = UserErrorCode.PLAN_NOT_AVAILABLE) =>
  new Refusal(code, message, { field: ['input', field], hint: 'Offer what `plans` lists.' });
