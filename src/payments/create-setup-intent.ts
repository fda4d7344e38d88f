import type Stripe from 'stripe';
import type { Account } from '../accounts/account.entity.js';
import { type CustomerData, ensureCustomerStep } from '../accounts/ensure-customer.js';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';

interface Data extends CustomerData {
  setupIntentId?: string;
}

export function setupIntentProcedure(stripe: Stripe, database: Database): Procedure<Data> {
  return {
    verb: 'createSetupIntent',
    // Nothing is different before the browser has confirmed; then events tell.
    subject: () => null,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      {
        name: 'setup',
        async run({ accountId, customerId }, key, intent) {
          const setup = await stripe.setupIntents.create(
            {
              customer: customerId,
              usage: 'off_session',
              automatic_payment_methods: { enabled: true },
              metadata: { account_id: accountId, intent },
            },
            { idempotencyKey: key },
          );
          return { setupIntentId: setup.id };
        },
        async probe({ customerId }, intent) {
          const { data } = await stripe.setupIntents.list({ customer: customerId, limit: 100 });
          const made = data.find(({ metadata }) => metadata?.intent === intent);
          return made ? { setupIntentId: made.id } : null;
        },
      },
    ],
  };
}

/** Lets the browser store a payment method with Stripe.js. The secret is read from Stripe each time and kept nowhere. */
export async function createSetupIntent(
  { intents, stripe, database }: Parts,
  { account, actor, idempotencyKey }: { account: Account; actor: string; idempotencyKey: string | null },
): Promise<string | null> {
  const { data } = await intents.run(setupIntentProcedure(stripe, database), {
    accountId: account.id,
    actor,
    clientKey: idempotencyKey,
    args: {},
    data: { accountId: account.id, externalId: account.externalId } as Data,
  });
  return (await stripe.setupIntents.retrieve(String(data.setupIntentId))).client_secret;
}
