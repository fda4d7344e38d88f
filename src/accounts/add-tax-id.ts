import Stripe from 'stripe';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Account } from './account.entity.js';
import { type CustomerData, ensureCustomerStep } from './ensure-customer.js';
import { sameTaxId } from './tax-id.js';

interface Data extends CustomerData {
  type: string;
  value: string;
}

export function addTaxIdProcedure(stripe: Stripe, database: Database): Procedure<Data> {
  const held = async ({ customerId, type, value }: Data) => {
    const { data } = await stripe.customers.listTaxIds(String(customerId), { limit: 100 });
    return data.some((taxId) => sameTaxId(taxId, { type, value }));
  };
  return {
    verb: 'addTaxId',
    subject: ({ customerId }) => customerId ?? null,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      {
        name: 'tax-id',
        async run(data, key) {
          if (await held(data)) return {};
          const wanted = { type: data.type as Stripe.CustomerCreateTaxIdParams.Type, value: data.value };
          try {
            await stripe.customers.createTaxId(String(data.customerId), wanted, { idempotencyKey: key });
          } catch (thrown) {
            throw refusalOf(thrown) ?? thrown;
          }
          return {};
        },
        probe: async (data) => ((await held(data)) ? {} : null),
      },
    ],
  };
}

function refusalOf(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError)) return null;
  const field = thrown.param === 'type' ? 'type' : 'value';
  return new Refusal(UserErrorCode.TAX_ID_INVALID, thrown.message, {
    field: ['input', field],
    hint: 'Check the id and its kind, such as eu_vat with DE123456789.',
  });
}

export interface AddTaxId {
  account: Account;
  actor: string;
  type: string;
  value: string;
  idempotencyKey: string | null;
}

/** Adds a tax id; one that is there already is not added twice. Throws Refusal: TAX_ID_INVALID. */
export async function addTaxId({ intents, stripe, database }: Parts, asked: AddTaxId): Promise<void> {
  const { account, actor, idempotencyKey } = asked;
  const wanted = { type: asked.type.trim(), value: asked.value.trim() };
  if (!/^[a-z]{2,8}(_[a-z0-9]{1,12}){1,2}$/.test(wanted.type) || wanted.value === '' || wanted.value.length > 100) {
    throw new Refusal(UserErrorCode.TAX_ID_INVALID, 'This is no tax id of a kind that Stripe has.', {
      field: ['input', wanted.value === '' || wanted.value.length > 100 ? 'value' : 'type'],
      hint: "Use Stripe's name of the kind, such as eu_vat.",
    });
  }
  await intents.run(addTaxIdProcedure(stripe, database), {
    accountId: account.id,
    actor,
    clientKey: idempotencyKey,
    args: wanted,
    data: { accountId: account.id, externalId: account.externalId, ...wanted },
  });
}
