import { clearableText, record, text, type Values } from '../http/parameters.js';
import type { Tables } from '../store/tables.js';

type Address = NonNullable<Tables['customer']['address']>;

export const address = record({
  city: clearableText(),
  country: clearableText(),
  line1: clearableText(),
  line2: clearableText(),
  postal_code: clearableText(),
  state: clearableText(),
});

/** Every part of an address, null where nothing was given. */
export function fullAddress(given: Partial<Record<keyof Address, string | null>> = {}): Address {
  return { city: null, country: null, line1: null, line2: null, postal_code: null, state: null, ...given };
}

/** Where a parcel goes, and who takes it. */
export const shipping = record({
  address: address.required(),
  carrier: text(),
  name: text().required(),
  phone: clearableText(),
  tracking_number: text(),
});

type Shipping = NonNullable<Tables['payment_intent']['shipping']>;

export function fullShipping({
  address: given,
  phone,
  ...rest
}: Values<{ shipping: typeof shipping }>['shipping'] & {}): Shipping {
  return { ...rest, address: fullAddress(given), phone: phone ?? null };
}
