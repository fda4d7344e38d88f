import type Stripe from 'stripe';
import type { Procedure, Step } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Account } from './account.entity.js';
import { putCustomer } from './put-customer.js';
import { StripeCustomer } from './stripe-customer.entity.js';
import type { Database } from '../database/database.js';

/** What a verb remembers about the customer it works for. */
export interface CustomerData {
  accountId: string;
  externalId: string;
  customerId?: string;
}

/**
 * The account's customer at Stripe, got or created once: linked both ways, never matched by e-mail. The link is
 * written with the step, so the next verb finds it even before the sync has looked.
 */
export function ensureCustomerStep<Data extends CustomerData>(stripe: Stripe, database: Database): Step<Data> {
  const found = (customerId: string | undefined) =>
    customerId === undefined ? null : ({ customerId } as Partial<Data>);
  return {
    name: 'customer',
    async run({ accountId, externalId }, key, intent) {
      const linked = await database.read.manager.findOneBy(StripeCustomer, { liveFor: accountId });
      if (linked) return { customerId: linked.id } as Partial<Data>;
      const account = await database.read.manager.findOneBy(Account, { id: accountId });
      const customer = await stripe.customers.create(
        { ...(account && known(account)), metadata: { account_id: accountId, external_id: externalId, intent } },
        { idempotencyKey: key },
      );
      return { customerId: customer.id } as Partial<Data>;
    },
    async probe({ accountId }) {
      const linked = await database.read.manager.findOneBy(StripeCustomer, { liveFor: accountId });
      if (linked) return found(linked.id);
      const { data } = await stripe.customers.search({ query: `metadata['account_id']:'${accountId}'`, limit: 1 });
      return found(data[0]?.id);
    },
    async record({ manager }, { data: { accountId, customerId } }) {
      if (customerId === undefined) return;
      await putCustomer(manager, { id: customerId, accountId, liveFor: accountId, deletedAt: null });
    },
  };
}

/** What the product has told before there was a customer. */
const known = ({ name, email, locale }: Account): Stripe.CustomerCreateParams => ({
  ...(name && { name }),
  ...(email && { email }),
  ...(locale && { preferred_locales: [locale] }),
});

export function customerProcedure(stripe: Stripe, database: Database): Procedure<CustomerData> {
  return {
    verb: 'createCustomer',
    subject: ({ customerId }) => customerId ?? null,
    steps: [ensureCustomerStep<CustomerData>(stripe, database)],
  };
}

/** The same for what needs a customer and changes nothing else; there is no intent when she is linked already. */
export async function ensureCustomer(
  { intents, stripe, database }: Parts,
  { account, actor }: { account: Account; actor: string },
): Promise<string> {
  const linked = await database.read.manager.findOneBy(StripeCustomer, { liveFor: account.id });
  if (linked) return linked.id;
  const { data } = await intents.run(customerProcedure(stripe, database), {
    accountId: account.id,
    actor,
    clientKey: null,
    args: {},
    data: { accountId: account.id, externalId: account.externalId } as CustomerData,
  });
  return String(data.customerId);
}
