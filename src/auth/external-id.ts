import { isAccountId } from '../accounts/account.js';

const MAX_LENGTH = 255;

/** What is wrong with a text that is none. */
export const EXTERNAL_ID_RULE =
  "An id of your own has 1 to 255 characters, none of them a control character, no blanks at its ends, and not the shape of the gateway's ids (acc_ and 26 characters).";

/**
 * Whether the text can name somebody. Outer blanks are refused because databases compare them differently; control
 * characters and halves of a surrogate pair because not every store keeps them.
 */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_LENGTH &&
    value.trim() === value &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}

/** The same for an account of the product that runs the gateway: what looks like the gateway's own id would name another. */
export const isExternalId = (value: unknown): value is string => isName(value) && !isAccountId(value);
