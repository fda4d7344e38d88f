import type Stripe from 'stripe';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Account } from './account.entity.js';
import { type CustomerData, ensureCustomerStep } from './ensure-customer.js';

interface Data extends CustomerData {
  /** Minor units. */
  amount: number;
  currency: string;
  /** Why an operator decided so. */
  reason: string;
}

/** Stripe takes eight digits. */
export const LARGEST_CREDIT = 99_999_999;

export function grantCreditProcedure(stripe: Stripe, database: Database): Procedure<Data> {
  return {
    verb: 'grantCredit',
    subject: ({ customerId }) => customerId ?? null,
    answer: () => ({}),
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      {
        name: 'credit',
        async run({ customerId, amount, currency, reason: description }, idempotencyKey, intent) {
          // A customer's balance is what she owes.
          const wanted = { amount: -amount, currency: currency.toLowerCase(), description, metadata: { intent } };
          await stripe.customers.createBalanceTransaction(String(customerId), wanted, { idempotencyKey });
          return {};
        },
        async probe({ customerId }, intent) {
          const { data } = await stripe.customers.listBalanceTransactions(String(customerId), { limit: 100 });
          return data.some(({ metadata }) => metadata?.intent === intent) ? {} : null;
        },
      },
    ],
  };
}

export interface GrantCredit {
  account: Account;
  actor: string;
  amount: number;
  currency: string;
  reason: string;
  idempotencyKey: string;
}

/** Gives an account credit for later invoices. Throws Refusal: INVALID, PRICE_CURRENCY_MISMATCH. */
export async function grantCredit({ intents, stripe, database }: Parts, asked: GrantCredit): Promise<void> {
  const { account, actor, amount, currency, reason, idempotencyKey } = asked;
  if (!(amount >= 1 && amount <= LARGEST_CREDIT)) {
    throw new Refusal(UserErrorCode.INVALID, `A credit is 1 to ${LARGEST_CREDIT} minor units, found ${amount}.`, {
      field: ['input', 'amountMinor'],
      hint: 'Give cents, or yen; to take credit back, use the dashboard of Stripe.',
    });
  }
  if (account.currency !== null && account.currency !== currency) {
    throw new Refusal(
      UserErrorCode.PRICE_CURRENCY_MISMATCH,
      `This account pays in ${account.currency}, and the credit is in ${currency}.`,
      { field: ['input', 'currency'], hint: 'Give it in the currency of the account.' },
    );
  }
  const args = { amount, currency, reason };
  await intents.run(grantCreditProcedure(stripe, database), {
    ...{ accountId: account.id, actor, clientKey: idempotencyKey, args },
    data: { accountId: account.id, externalId: account.externalId, ...args } as Data,
  });
}
