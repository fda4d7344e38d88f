import type Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isMissing } from '../stripe/errors.js';
import { TaxId } from './tax-id.entity.js';

interface Data {
  customerId: string;
  taxId: string;
}

export function removeTaxIdProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'removeTaxId',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'delete',
        async run({ customerId, taxId }) {
          try {
            await stripe.customers.deleteTaxId(customerId, taxId);
          } catch (thrown) {
            if (!isMissing(thrown)) throw thrown;
          }
          return {};
        },
        async probe({ customerId, taxId }) {
          try {
            await stripe.customers.retrieveTaxId(customerId, taxId);
            return null;
          } catch (thrown) {
            if (isMissing(thrown)) return {};
            throw thrown;
          }
        },
      },
    ],
  };
}

/** Throws Refusal: NOT_FOUND, also for another account's. */
export async function removeTaxId(
  { intents, stripe, database }: Parts,
  { accountId, actor, id }: { accountId: string; actor: string; id: string },
): Promise<void> {
  const held = await database.read.manager.findOneBy(TaxId, { id, accountId });
  if (!held) {
    throw new Refusal(UserErrorCode.NOT_FOUND, `This account has no tax id '${id}'.`, { field: ['input', 'id'] });
  }
  const data = { customerId: held.customerId, taxId: held.id };
  await intents.run(removeTaxIdProcedure(stripe), { accountId, actor, clientKey: null, args: data, data });
}
