import { createHash } from 'node:crypto';
import type { HeldDiscount } from '../checkout/promotion-code.js';
import type { TaxIdState } from './tax-id.js';

/** A billing address; every part may be missing. */
export interface Address {
  line1: string | null;
  line2: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
}

/** A tenant of the product: who pays. What Stripe owns of it is kept on `CustomerState`. */
export interface AccountState {
  /** `acc_` and 26 characters, derived from the external id, so that the same tenant is the same account everywhere. */
  id: string;
  /** The product's own id for this tenant; compared byte by byte. */
  externalId: string;
  name: string | null;
  email: string | null;
  /** Upper-case ISO 4217; null until the first invoice fixes it. */
  currency: string | null;
  phone: string | null;
  /** Language of invoices and mails, as BCP 47; null until one is chosen. */
  locale: string | null;
  /** Billing address; null until one is known. */
  address: Address | null;
  /** The customer's default; a subscription's own beats it. Null when none is set. */
  defaultPaymentMethodId: string | null;
  /** Kept for later invoices, in minor units of `currency`; below zero when something is owed from earlier ones. */
  credit: number;
  /** Stripe's words: why nothing is taxed, null when it is; and whether the place can be taxed, null while it is not known. */
  taxExempt: string | null;
  taxLocation: string | null;
  /** Of the customer, for every subscription that has none of its own. Null for none. */
  discounts: HeldDiscount[] | null;
  /** Grows by one with every change that a person of the account can see. */
  revision: number;
  /** Key of the plan in force. */
  planKey: string;
  createdAt: number;
  /** When the stored copy was last confirmed against Stripe; null before the first time. */
  syncedAt: number | null;
}

/** The customer at Stripe, as far as the gateway cares. */
export interface CustomerState {
  id: string;
  deleted: boolean;
  /** `metadata.account_id`: which account this customer pays for, as we or an operator wrote it. */
  accountId: string | null;
  name: string | null;
  email: string | null;
  currency: string | null;
  phone: string | null;
  locale: string | null;
  address: Address | null;
  defaultPaymentMethodId: string | null;
  credit: number;
  taxExempt: string | null;
  taxLocation: string | null;
  discounts: HeldDiscount[] | null;
  taxIds: Omit<TaxIdState, 'accountId'>[];
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const isAccountId = (text: string): boolean => /^acc_[0-9A-HJKMNP-TV-Z]{26}$/.test(text);

/** The account id of a tenant, known before its row exists: reads before the first write answer with the same id. */
export function accountIdOf(externalId: string): string {
  let number = BigInt(`0x${createHash('sha256').update(externalId, 'utf8').digest('hex').slice(0, 32)}`);
  let text = '';
  for (let position = 0; position < 26; position++) {
    text = CROCKFORD[Number(number & 31n)] + text;
    number >>= 5n;
  }
  return `acc_${text}`;
}

/** An account nobody has written yet: on the free plan, at revision 0. */
export function newAccount(externalId: string, now: number): AccountState {
  return {
    id: accountIdOf(externalId),
    externalId,
    name: null,
    email: null,
    currency: null,
    phone: null,
    locale: null,
    address: null,
    defaultPaymentMethodId: null,
    credit: 0,
    taxExempt: null,
    taxLocation: null,
    discounts: null,
    revision: 0,
    planKey: 'free',
    createdAt: now,
    syncedAt: null,
  };
}
