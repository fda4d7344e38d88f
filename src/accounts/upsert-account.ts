import { announceAccount } from '../live/announce-account.js';
import { Invoice } from '../invoices/invoice.entity.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Account } from './account.entity.js';
import { changeAccount, type OwnDetails } from './change-account.js';
import { StripeCustomer } from './stripe-customer.entity.js';
import { checkDetails, updateBillingDetails } from './update-billing-details.js';

/** What is not in it stays; null clears. */
export type AccountDetails = Pick<OwnDetails, 'name' | 'email' | 'locale' | 'currency' | 'timeZone' | 'metadata'>;

const LONGEST_METADATA = 16_384;

/**
 * Writes what the product says of its tenant. What stands on invoices goes to Stripe first once there is a customer;
 * without one it waits here for her. Saying the same again changes nothing. Throws Refusal: INVALID,
 * PRICE_CURRENCY_MISMATCH.
 */
export async function upsertAccount(
  parts: Parts,
  { account, actor, details }: { account: Account; actor: string; details: AccountDetails },
): Promise<void> {
  const { name, email, locale, ...own } = details;
  const shared = given({ name, email, locale });
  checkDetails(shared);
  checkOwn(own);
  if (own.currency !== undefined && own.currency !== account.currency) await checkCurrencyOpen(parts, account);
  const customer = await parts.database.read.manager.findOneBy(StripeCustomer, { liveFor: account.id });
  const differs = Object.entries(shared).some(([field, value]) => account[field as keyof typeof shared] !== value);
  if (customer && differs) await updateBillingDetails(parts, { account, actor, details: shared });
  await changeOwn(parts, account, actor, customer ? given(own) : given({ ...shared, ...own }));
}

const given = <Details extends object>(details: Details): Details =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as Details;

async function changeOwn(parts: Parts, { id }: Account, actor: string, details: OwnDetails): Promise<void> {
  const { database, random, billing } = parts;
  const change = { accountId: id, actor, verb: 'upsertAccount', details, auditId: random.ulid(), at: billing.now() };
  const revision = await database.transaction((transaction) => changeAccount(transaction, database, change));
  if (revision !== null) announceAccount(parts, id, revision);
}

function checkOwn({ timeZone, metadata }: Pick<AccountDetails, 'timeZone' | 'metadata'>): void {
  const invalid = (field: string, message: string) =>
    new Refusal(UserErrorCode.INVALID, message, { field: ['input', field] });
  if (timeZone && !isTimeZone(timeZone))
    throw invalid(
      'timeZone',
      `timeZone must be a name of the IANA database, such as Europe/Berlin; found '${timeZone}'.`,
    );
  const length = metadata ? JSON.stringify(metadata).length : 0;
  if (length > LONGEST_METADATA)
    throw invalid('metadata', `metadata must have at most ${LONGEST_METADATA} characters as JSON; found ${length}.`);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[\w+/-]+$/.test(name);
  } catch {
    return false;
  }
}

/** Stripe fixes the currency with the first invoice. */
async function checkCurrencyOpen({ database }: Parts, { id, currency }: Account): Promise<void> {
  if (!(await database.read.manager.existsBy(Invoice, { accountId: id }))) return;
  throw new Refusal(UserErrorCode.PRICE_CURRENCY_MISMATCH, `The account already pays in ${currency}.`, {
    field: ['input', 'currency'],
    hint: 'Stripe fixes the currency of a customer at the first invoice; leave it out.',
  });
}
