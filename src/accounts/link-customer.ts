import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { IntentRunner } from '../intents/run-intent.js';
import type { Database } from '../database/database.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isMissing } from '../stripe/errors.js';
import { Account } from './account.entity.js';
import { isAccountId } from './account.js';
import { StripeCustomer } from './stripe-customer.entity.js';

interface Data {
  accountId: string;
  externalId: string;
  customerId: string;
  /** Why an operator decided so. */
  reason: string;
}

/**
 * Writes the owner where Stripe keeps it; the sync then reads whose the customer is, gives her rows their account, and
 * looks once more at what was unmatched.
 */
export function linkCustomerProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'linkCustomer',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'metadata',
        async run({ accountId, externalId, customerId }, key) {
          try {
            const metadata = { account_id: accountId, external_id: externalId };
            await stripe.customers.update(customerId, { metadata }, { idempotencyKey: key });
            return {};
          } catch (thrown) {
            if (isMissing(thrown)) throw absent(customerId);
            throw thrown;
          }
        },
        async probe({ accountId, customerId }) {
          const customer = await stripe.customers.retrieve(customerId);
          return !customer.deleted && customer.metadata.account_id === accountId ? {} : null;
        },
      },
    ],
  };
}

export interface LinkRequest {
  /** Account by the gateway's id or by your own. */
  account: string;
  customerId: string;
  reason: string;
  actor: string;
}

/**
 * Gives a customer whom nobody owns her account. False when Stripe has taken it but the sync has not shown it yet.
 * Throws Refusal: NOT_FOUND, or CONFLICT when she is another account's, is deleted, or the account has another customer.
 */
export async function linkCustomer(
  { database, stripe, intents }: { database: Database; stripe: Stripe; intents: IntentRunner },
  { account: named, customerId, reason, actor }: LinkRequest,
): Promise<{ account: Account; visible: boolean }> {
  if (!/^cus_\w{1,200}$/.test(customerId)) throw absent(customerId);
  const { manager } = database.read;
  const account = await manager.findOneBy(Account, isAccountId(named) ? { id: named } : { externalId: named });
  if (!account) {
    throw new Refusal(UserErrorCode.NOT_FOUND, `There is no account '${named}'.`, {
      field: ['input', 'account'],
      hint: "Give the gateway's id (acc_…) or your own; an account begins with its first sign-in or write.",
    });
  }
  const held = await manager.findOneBy(StripeCustomer, { id: customerId });
  if (held?.accountId === account.id) return { account, visible: true };
  if (held?.accountId) throw conflict(`${customerId} belongs to another account, ${held.accountId}.`);
  if (held?.deletedAt) throw conflict(`${customerId} is deleted at Stripe.`);
  const live = await manager.findOneBy(StripeCustomer, { liveFor: account.id });
  if (live) throw conflict(`The account has the customer ${live.id} already, and can have only one.`);
  const data = { accountId: account.id, externalId: account.externalId, customerId, reason };
  const { visible } = await intents.run(linkCustomerProcedure(stripe), {
    ...{ accountId: account.id, actor, clientKey: null, args: data, data },
  });
  return { account, visible };
}

const absent = (id: string) =>
  new Refusal(UserErrorCode.NOT_FOUND, `Stripe has no customer '${id}'.`, {
    field: ['input', 'customer'],
    hint: '`billing customers unmatched` lists those that nobody owns.',
  });

const conflict = (message: string) =>
  new Refusal(UserErrorCode.CONFLICT, message, {
    hint: 'Nothing was changed. Decide at Stripe which customer should stay.',
  });
