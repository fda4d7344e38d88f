import {
  bill,
  create,
  customerLives,
  end,
  endOf,
  endTrial,
  held,
  isIn,
  pay,
  refuse,
  renew,
  update,
  type Place,
} from './billing.js';
import type { Chance } from './chance.js';
import { bookChange, endPending, reachPhase, release, scheduleOf } from './schedules.js';
import type { Raw, StripeModel } from './stripe-model.js';
import { type Ask, ASKS, verbs } from './verbs.js';
import { aCard, aSession, itemsOf } from './stripe-objects.js';

function deleteCustomer(place: Place): void {
  const { stripe, customer, variant } = place;
  if (variant % 4 !== 0 || !customerLives(place)) return;
  for (const raw of stripe.all('subscription'))
    if (raw.customer === customer && !isIn(raw, 'canceled', 'incomplete_expired')) end(place, raw, stripe.seconds());
  stripe.remove(customer, 'customer.deleted', { id: customer, object: 'customer', deleted: true });
}

function cardOf({ stripe, customer }: Place): Raw | undefined {
  return stripe.of('payment_method', customer)[0];
}

const payBy = ({ stripe, customer }: Place, default_payment_method: string | null) =>
  stripe.change(customer, { invoice_settings: { default_payment_method } }, 'customer.updated');

/** The newest card is the one that is charged. */
function attach(place: Place): void {
  const { stripe, customer, name } = place;
  if (!customerLives(place)) return;
  stripe.put(aCard(`pm_${name}`, customer, stripe.seconds()), 'payment_method.attached');
  payBy(place, `pm_${name}`);
}

function detach(place: Place): void {
  const card = cardOf(place);
  if (!card || !customerLives(place)) return;
  payBy(place, null);
  place.stripe.change(card.id, { customer: null }, 'payment_method.detached');
}

function checkOut(place: Place, status: 'complete' | 'expired'): void {
  const { stripe, customer, account, name, subscription } = place;
  if (!customerLives(place)) return;
  const id = `cs_${name}`;
  stripe.put(aSession(id, customer, account, stripe.seconds()));
  const bought = status === 'complete' && held(place) ? { subscription, url: null } : { url: null };
  stripe.change(id, { status, ...bought }, `checkout.session.${status === 'complete' ? 'completed' : 'expired'}`);
}

function closeInvoice(place: Place, how: 'void' | 'uncollectible'): void {
  const { stripe } = place;
  const invoice = stripe.get(String(held(place)?.latest_invoice));
  if (invoice?.status !== 'open' || !isIn(held(place), 'past_due', 'unpaid')) return;
  stripe.change(invoice.id, { status: how }, how === 'void' ? 'invoice.voided' : 'invoice.marked_uncollectible');
}

const draftOf = ({ stripe, customer }: Place): Raw | undefined =>
  stripe.of('invoice', customer).find(({ status }) => status === 'draft');

function changeItems(place: Place, price: string, quantity: number): void {
  const raw = held(place);
  if (!isIn(raw, 'active', 'trialing') || raw.pending_update !== null) return;
  const start = endOf(raw) - 2_592_000;
  update(place, { items: itemsOf(raw.id, price, quantity, start) });
}

/** Everything that can happen; each does nothing where it does not fit, so any part of a history is a history. */
const changes = {
  create,
  renew: (place: Place) => renew(place, true),
  failToRenew: (place: Place) => renew(place, false),
  pay,
  retryInVain: (place: Place) => {
    const raw = held(place);
    if (isIn(raw, 'past_due') && place.stripe.get(String(raw.latest_invoice))?.status === 'open')
      refuse(place, String(raw.latest_invoice));
  },
  giveUp: (place: Place) => {
    if (isIn(held(place), 'past_due')) update(place, { status: 'unpaid' });
  },
  cancelLater: (place: Place) => {
    const raw = held(place);
    if (isIn(raw, 'active', 'trialing', 'past_due') && raw.schedule === null)
      update(place, { cancel_at_period_end: true, canceled_at: place.stripe.seconds() });
  },
  takeBack: (place: Place) => {
    if (isIn(held(place), 'active', 'trialing', 'past_due'))
      update(place, { cancel_at_period_end: false, canceled_at: null });
  },
  reachTheEnd: (place: Place) => {
    const raw = held(place);
    if (!isIn(raw, 'active', 'past_due') || !raw.cancel_at_period_end) return;
    place.jumpTo(endOf(raw));
    end(place, raw, endOf(raw));
  },
  cancelNow: (place: Place) => {
    const raw = held(place);
    if (place.variant % 3 === 0 && raw && !isIn(raw, 'canceled', 'incomplete_expired'))
      end(place, raw, place.stripe.seconds());
  },
  expire: (place: Place) => {
    const raw = held(place);
    if (!isIn(raw, 'incomplete')) return;
    place.stripe.change(String(raw.latest_invoice), { status: 'void' }, 'invoice.voided');
    update(place, { status: 'incomplete_expired', ended_at: place.stripe.seconds() });
  },
  endTrial,
  resume: (place: Place) => {
    if (isIn(held(place), 'paused'))
      update(place, { status: 'active', status_details: {} }, 'customer.subscription.resumed');
  },
  pauseCollection: (place: Place) => {
    if (isIn(held(place), 'active')) update(place, { pause_collection: { behavior: 'void', resumes_at: null } });
  },
  collectAgain: (place: Place) => {
    if (isIn(held(place), 'active')) update(place, { pause_collection: null });
  },
  changePrice: (place: Place) => changeItems(place, place.variant % 2 ? 'price_team' : 'price_business', 1),
  book: bookChange,
  reachPhase,
  release: (place: Place) => {
    const schedule = scheduleOf(place);
    if (schedule) release(place.stripe, schedule, 'subscription_schedule.released');
  },
  endPending,
  changeSeats: (place: Place) => changeItems(place, 'price_team', 1 + (place.variant % 3)),
  draft: (place: Place) => {
    if (held(place) && customerLives(place)) bill(place, 'manual');
  },
  throwDraftAway: (place: Place) => {
    const draft = draftOf(place);
    if (draft) place.stripe.remove(draft.id, 'invoice.deleted');
  },
  voidInvoice: (place: Place) => closeInvoice(place, 'void'),
  giveInvoiceUp: (place: Place) => closeInvoice(place, 'uncollectible'),
  attach,
  detach,
  completeCheckout: (place: Place) => checkOut(place, 'complete'),
  leaveCheckout: (place: Place) => checkOut(place, 'expired'),
  rename: (place: Place) => {
    if (customerLives(place))
      place.stripe.change(place.customer, { name: `Acme ${place.variant % 3}` }, 'customer.updated');
  },
  deleteCustomer,
} satisfies Record<string, (place: Place) => void>;

export interface Step {
  /** At Stripe, or what somebody asks the gateway for. */
  change: keyof typeof changes | Ask;
  /** Milliseconds after the beginning. */
  at: number;
  customer: number;
  subscription: number;
  variant: number;
  name: string;
}

const kinds = Object.keys(changes) as (keyof typeof changes)[];
/** Of the steps of a history in which people also ask the gateway. */
const ASKED = 0.25;

/** 3 to 40 changes to one to three subscriptions of a customer, most of them within a second of the one before. */
function makeHistory(chance: Chance, customer: number): Step[] {
  const subscriptions = chance.whole(1, 3);
  const asked = chance.often(0.6) ? ASKED : 0;
  let at = 0;
  return Array.from({ length: chance.whole(3, 40) }, (_nothing, count) => ({
    change: changeAt(chance, count, asked),
    at: (at += chance.often(0.8) ? chance.whole(0, 200) : chance.whole(1_000, 12_000)),
    customer,
    subscription: chance.whole(0, subscriptions - 1),
    variant: chance.whole(0, 11),
    name: `${customer}_${count}`,
  }));
}

function changeAt(chance: Chance, count: number, asked: number): Step['change'] {
  if (count === 0 || chance.often(0.15)) return 'create';
  return chance.pick<Step['change']>(chance.often(asked) ? ASKS : kinds);
}

/** The histories of a few customers that share two processes and what befalls them. */
export interface Plan {
  customers: number;
  steps: readonly Step[];
}

/** A history of a customer; the first step is always that she subscribes. */
export const makeShortHistory = (chance: Chance): Step[] =>
  makeHistory(chance, 0)
    .filter(({ change }) => change !== 'deleteCustomer' && !isAsk(change))
    .slice(0, chance.whole(1, 4));

export function makePlan(chance: Chance): Plan {
  const customers = chance.pick([1, 2, 5, 12]);
  const steps = Array.from({ length: customers }, (_nothing, at) => makeHistory(chance.fork(), at)).flat();
  return { customers, steps: steps.sort((one, other) => one.at - other.at) };
}

export const customerAt = (at: number): string => `cus_${at}`;

export const isAsk = (change: Step['change']): change is Ask => change in verbs;
export const subscriptionAt = ({ customer, subscription }: Step): string => `sub_${customer}${subscription}`;

/** Lets a step happen at Stripe; nothing for one that is asked of the gateway. */
export function perform(step: Step, stripe: StripeModel, accounts: readonly string[], jumpTo: Place['jumpTo']): void {
  const { change, customer, name, variant } = step;
  if (isAsk(change)) return;
  changes[change]({
    ...{ stripe, jumpTo, name, variant },
    customer: customerAt(customer),
    account: accounts[customer] as string,
    subscription: subscriptionAt(step),
  });
}
