export enum TaxIdVerification {
  PENDING = 'PENDING',
  VERIFIED = 'VERIFIED',
  UNVERIFIED = 'UNVERIFIED',
  UNAVAILABLE = 'UNAVAILABLE',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** A tax id of a customer, as Stripe last showed it. */
export interface TaxIdState {
  id: string;
  customerId: string;
  /** Null while nobody is known to own the customer. */
  accountId: string | null;
  /** Stripe's kind, such as `eu_vat`; the list grows every month. */
  type: string;
  value: string;
  verification: TaxIdVerification;
  /** Null where Stripe does not verify this kind. */
  verificationRaw: string | null;
  createdAt: number;
}

/** Equal but for spaces, dots, hyphens and case, which authorities do not mind. */
export const sameTaxId = (
  left: Pick<TaxIdState, 'type' | 'value'>,
  right: Pick<TaxIdState, 'type' | 'value'>,
): boolean => left.type === right.type && plain(left.value) === plain(right.value);

const plain = (value: string) => value.replace(/[\s.-]/g, '').toUpperCase();
