import type Stripe from 'stripe';

/** The SDK's type as it travels unexpanded over HTTP: decimals are strings, expandable fields are ids. */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer U)[]
      ? Wire<Unexpanded<U>>[]
      : T extends object
        ? { [K in keyof T]: Wire<Unexpanded<T[K]>> }
        : T;

type Unexpanded<T> = [Extract<T, string>] extends [never] ? T : Exclude<T, { id: string }>;

/** What `/v1/customers/:id` and its like answer once the object is gone. */
export interface Deleted {
  id: string;
  object: string;
  deleted: true;
}
