import Stripe from 'stripe';
import type { Database } from '../database/database.js';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Account } from './account.entity.js';
import type { Address } from './account.js';
import { toCustomer } from './customer.fetch.js';
import { type CustomerData, ensureCustomerStep } from './ensure-customer.js';

/** What is not in it stays; null clears. */
export interface BillingDetails {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  locale?: string | null;
  address?: Address | null;
}

interface Data extends CustomerData {
  details: BillingDetails;
}

export function billingDetailsProcedure(stripe: Stripe, database: Database): Procedure<Data> {
  return {
    verb: 'updateBillingDetails',
    subject: ({ customerId }) => customerId ?? null,
    steps: [
      ensureCustomerStep<Data>(stripe, database),
      {
        name: 'details',
        async run({ customerId, details }, key) {
          try {
            await stripe.customers.update(String(customerId), toParams(details), { idempotencyKey: key });
          } catch (thrown) {
            throw refusalOf(thrown) ?? thrown;
          }
          return {};
        },
        async probe({ customerId, details }) {
          const now = toCustomer(await stripe.customers.retrieve(String(customerId)));
          const written = Object.entries(details).every(
            ([field, value]) => JSON.stringify(now[field as keyof BillingDetails] ?? null) === JSON.stringify(value),
          );
          return written ? {} : null;
        },
      },
    ],
  };
}

/** An empty text clears a field at Stripe. An address is written whole, so that no part of the former one is left. */
function toParams({ name, email, phone, locale, address }: BillingDetails): Stripe.CustomerUpdateParams {
  return {
    ...(name !== undefined && { name: name ?? '' }),
    ...(email !== undefined && { email: email ?? '' }),
    ...(phone !== undefined && { phone: phone ?? '' }),
    // The SDK leaves an empty list out of the request, which would change nothing.
    ...(locale !== undefined && { preferred_locales: locale === null ? ('' as unknown as string[]) : [locale] }),
    ...(address !== undefined && { address: address === null ? '' : toAddressParam(address) }),
  };
}

const toAddressParam = ({ line1, line2, city, state, postalCode, country }: Address): Stripe.AddressParam => ({
  line1: line1 ?? '',
  line2: line2 ?? '',
  city: city ?? '',
  state: state ?? '',
  postal_code: postalCode ?? '',
  country: country ?? '',
});

/** Stripe's own check of a field, told to the person who filled it in. */
function refusalOf(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Stripe.errors.StripeInvalidRequestError) || !thrown.param) return null;
  const [field = ''] = thrown.param.split('[');
  const named = { preferred_locales: 'locale', tax: 'address' }[field] ?? field;
  return new Refusal(UserErrorCode.INVALID, thrown.message, { field: ['input', named] });
}

const LONGEST: Record<string, number> = { name: 256, email: 512, phone: 20 };
const LONGEST_LINE = 200;

/** Throws Refusal: INVALID, naming the field. */
export function checkDetails({ address, ...texts }: BillingDetails): void {
  const refuse = (path: string[], most: number) => {
    throw new Refusal(UserErrorCode.INVALID, `${path.at(-1)} must have at most ${most} characters.`, {
      field: ['input', ...path],
    });
  };
  for (const [field, text] of Object.entries(texts)) {
    const most = LONGEST[field] ?? Infinity;
    if (text && text.length > most) refuse([field], most);
  }
  for (const [part, text] of Object.entries(address ?? {})) {
    if (text && text.length > LONGEST_LINE) refuse(['address', part], LONGEST_LINE);
  }
}

/** Writes billing details to Stripe's customer, creating her if need be; what was not given stays. Throws Refusal: INVALID. */
export async function updateBillingDetails(
  { intents, stripe, database }: Parts,
  { account, actor, details }: { account: Account; actor: string; details: BillingDetails },
): Promise<void> {
  checkDetails(details);
  if (Object.keys(details).length === 0) return;
  await intents.run(billingDetailsProcedure(stripe, database), {
    accountId: account.id,
    actor,
    clientKey: null,
    args: details,
    data: { accountId: account.id, externalId: account.externalId, details },
  });
}
