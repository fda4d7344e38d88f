import type Stripe from 'stripe';
import type { Database } from '../database/database.js';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import type { BillingClock, Random } from '../ports.js';
import { isMissing } from '../stripe/errors.js';
import { announceAccount } from '../live/announce-account.js';
import type { Account } from './account.entity.js';
import { changeOf } from '../history/change.js';
import { changeAccount } from './change-account.js';
import { StripeCustomer } from './stripe-customer.entity.js';

interface Data {
  accountId: string;
  /** The live customer; null when there is none. */
  customerId?: string | null;
}

interface Needs {
  stripe: Stripe;
  database: Database;
  random: Random;
  billing: BillingClock;
}

/** At Stripe first, and the customer last: until she is gone every step can be taken again. */
export function deleteAccountProcedure({ stripe, ...own }: Needs): Procedure<Data> {
  return {
    verb: 'deleteAccount',
    subject: ({ customerId }) => customerId ?? null,
    steps: [findStep(own.database), closeStep(stripe), cancelStep(stripe), forgetStep(stripe, own)],
  };
}

const findStep = (database: Database): Step<Data> => ({
  name: 'find',
  onlyReads: true,
  async run({ accountId }) {
    const linked = await database.read.manager.findOneBy(StripeCustomer, { liveFor: accountId });
    return { customerId: linked?.id ?? null };
  },
  probe: () => Promise.resolve(null),
});

/** Nothing may be bought any more while the rest is taken down. */
const closeStep = (stripe: Stripe): Step<Data> => ({
  name: 'close',
  async run({ customerId }, key) {
    for (const { id } of await openSessions(stripe, customerId))
      await stripe.checkout.sessions.expire(id, {}, { idempotencyKey: `${key}:${id}` });
    return {};
  },
  probe: async ({ customerId }) => ((await openSessions(stripe, customerId)).length === 0 ? {} : null),
});

async function openSessions(stripe: Stripe, customer: string | null | undefined) {
  if (!customer) return [];
  return (await stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 })).data;
}

/** Each one by itself, so that Stripe stops collecting its open invoices. */
const cancelStep = (stripe: Stripe): Step<Data> => ({
  name: 'cancel',
  async run({ customerId }) {
    for (const id of await subscriptionsLeft(stripe, customerId)) {
      try {
        await stripe.subscriptions.cancel(id);
      } catch (thrown) {
        if (!isMissing(thrown)) throw thrown;
      }
    }
    return {};
  },
  probe: async ({ customerId }) => ((await subscriptionsLeft(stripe, customerId)).length === 0 ? {} : null),
});

async function subscriptionsLeft(stripe: Stripe, customer: string | null | undefined): Promise<string[]> {
  const left: string[] = [];
  if (!customer) return left;
  for await (const { id, status } of stripe.subscriptions.list({ customer, limit: 100 }))
    if (status !== 'canceled' && status !== 'incomplete_expired') left.push(id);
  return left;
}

/** Deletes the customer, whom nobody can charge then, and with the same step what the product told of its tenant. */
const forgetStep = (stripe: Stripe, { database, random, billing }: Omit<Needs, 'stripe'>): Step<Data> => ({
  name: 'forget',
  async run({ customerId }) {
    if (!customerId) return {};
    try {
      await stripe.customers.del(customerId);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    return {};
  },
  async probe({ customerId }) {
    if (!customerId) return {};
    try {
      return (await stripe.customers.retrieve(customerId)).deleted ? {} : null;
    } catch (thrown) {
      if (isMissing(thrown)) return {};
      throw thrown;
    }
  },
  async record(transaction, { accountId, actor, verb, data }) {
    const details = {
      name: null,
      email: null,
      phone: null,
      locale: null,
      address: null,
      timeZone: null,
      metadata: null,
    };
    const change = { accountId, actor, verb, details, auditId: random.ulid(), at: billing.now() };
    const gone = changeOf('account', accountId, { customerId: data.customerId }, { customerId: null });
    await changeAccount(transaction, database, { ...change, besides: gone ? [gone] : [] });
  },
});

/**
 * Ends everything that may charge at Stripe, deletes the customer there, then clears the details here. Invoices and
 * history stay, the account is on the free plan, and a later token of the same tenant finds it so. Repeating it is safe.
 */
export async function deleteAccount(parts: Parts, { id }: Account, actor: string): Promise<void> {
  const request = { accountId: id, actor, clientKey: null, args: {}, data: { accountId: id } as Data };
  await parts.intents.run(deleteAccountProcedure(parts), request);
  const now = await parts.database.read.rows<{ revision: number | string }>(
    'SELECT revision FROM accounts WHERE id = ?',
    [id],
  );
  announceAccount(parts, id, Number(now[0]?.revision ?? 0));
}
