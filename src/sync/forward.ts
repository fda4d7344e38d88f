import type Stripe from 'stripe';
import type { Database } from '../database/database.js';
import { isMissing } from '../stripe/errors.js';
import { idOf } from '../stripe/objects.js';
import { apply, type RoundEnd } from './apply.js';
import { toFailure } from './fetch.js';
import { ask, type Round } from './queue.js';
import { type Failure, nothingSeen } from './seen.js';
import { judge } from './verdict.js';

export interface Owner {
  /** Null when Stripe names no customer for the object. */
  customer: string | null;
  failure: Failure | null;
}

type Lookup = (stripe: Stripe, id: string) => Promise<string | null>;

/** How to find the customer of an object whose events do not name one, by the object's own word for itself. */
const lookups: Record<string, Lookup> = {
  'checkout.session': async (stripe, id) => idOf((await stripe.checkout.sessions.retrieve(id)).customer),
  subscription: async (stripe, id) => idOf((await stripe.subscriptions.retrieve(id)).customer),
  subscription_schedule: async (stripe, id) => idOf((await stripe.subscriptionSchedules.retrieve(id)).customer),
  payment_method: async (stripe, id) => idOf((await stripe.paymentMethods.retrieve(id)).customer),
  invoice: async (stripe, id) => idOf((await stripe.invoices.retrieve(id)).customer),
};

/** Asks Stripe whose an object is. Never throws. */
export async function findOwner(stripe: Stripe, round: Round, id: string): Promise<Owner> {
  const lookup = lookups[String(round.events[0]?.event?.object.object)];
  if (!lookup) return { customer: null, failure: null };
  try {
    return { customer: await lookup(stripe, id), failure: null };
  } catch (thrown) {
    return { customer: null, failure: isMissing(thrown) ? null : toFailure(thrown) };
  }
}

/** Moves the listed events to their customer and asks for her; writes no state, so every fact is written under one lease. */
export function forward(
  database: Database,
  round: Round,
  { customer, failure }: Owner,
  jitter: number,
): Promise<RoundEnd> {
  return apply(database, round, async (transaction, storeNow) => {
    if (customer !== null && round.events.length > 0) {
      const ids = round.events.map(({ id }) => id);
      await transaction.run(`UPDATE stripe_events SET subject = ? WHERE id IN (${ids.map(() => '?').join(', ')})`, [
        customer,
        ...ids,
      ]);
      await ask(transaction, database.dialect, customer, storeNow, 'events');
      return { verdicts: [], failed: false, retryDelayMs: null };
    }
    const seen = nothingSeen();
    const objects = round.events.flatMap(({ event }) => (event ? [String(event.object.id)] : []));
    if (failure) objects.forEach((id) => seen.failures.set(id, failure));
    const context = {
      seen,
      owned: false,
      resurrected: new Set<string>(),
      held: () => false,
      jitter,
    };
    return {
      verdicts: round.events.map((pending) => judge(pending, [], context)),
      failed: false,
      retryDelayMs: null,
    };
  });
}
