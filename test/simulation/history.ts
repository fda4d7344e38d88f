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
import type { Raw, StripeModel } from './stripe-model.js';
import { aCard, aSession, itemsOf } from './stripe-objects.js';

function deleteCustomer(place: Place): void {
  const { stripe, customer, variant } = place;
  if (variant % 4 !== 0 || !customerLives(place)) return;
  for (const raw of stripe.all('subscription'))
    if (raw.customer === customer && !isIn(raw, 'canceled', 'incomplete_expired')) end(place, raw, stripe.seconds());
  stripe.remove(customer, 'customer.deleted', { id: customer, object: 'customer', deleted: true });
}

function cardOf({ stripe, customer }: Place): Raw | undefined {
  return stripe.all('payment_method').find((raw) => raw.customer === customer);
}

function detach(place: Place): void {
  const card = cardOf(place);
  if (card && customerLives(place)) place.stripe.change(card.id, { customer: null }, 'payment_method.detached');
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
  stripe.all('invoice').find((raw) => raw.customer === customer && raw.status === 'draft');

function changeItems(place: Place, price: string, quantity: number): void {
  const raw = held(place);
  if (!isIn(raw, 'active', 'trialing')) return;
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
    if (isIn(held(place), 'active', 'trialing', 'past_due'))
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
  attach: ({ stripe, customer, name, ...rest }: Place) => {
    if (customerLives({ stripe, customer, name, ...rest }))
      stripe.put(aCard(`pm_${name}`, customer, stripe.seconds()), 'payment_method.attached');
  },
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
  change: keyof typeof changes;
  /** Milliseconds after the one before. */
  wait: number;
  customer: number;
  subscription: number;
  variant: number;
  name: string;
}

const kinds = Object.keys(changes) as (keyof typeof changes)[];

/** 3 to 40 changes to one to three subscriptions of one or two customers, most of them within a second of the one before. */
export function makeHistory(chance: Chance): Step[] {
  const customers = chance.often(0.8) ? 1 : 2;
  const subscriptions = chance.whole(1, 3);
  return Array.from({ length: chance.whole(3, 40) }, (_nothing, at) => ({
    change: at === 0 ? 'create' : chance.often(0.15) ? 'create' : chance.pick(kinds),
    wait: chance.often(0.8) ? chance.whole(0, 200) : chance.whole(1_000, 12_000),
    customer: chance.whole(0, customers - 1),
    subscription: chance.whole(0, subscriptions - 1),
    variant: chance.whole(0, 11),
    name: String(at),
  }));
}

export const CUSTOMERS = ['cus_a', 'cus_b'] as const;

export function perform(step: Step, stripe: StripeModel, accounts: readonly string[], jumpTo: Place['jumpTo']): void {
  changes[step.change]({
    stripe,
    jumpTo,
    customer: CUSTOMERS[step.customer] as string,
    account: accounts[step.customer] as string,
    subscription: `sub_${step.customer}${step.subscription}`,
    name: step.name,
    variant: step.variant,
  });
}
