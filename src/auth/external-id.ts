/** Longest id by which a product may name one of its accounts. */
export const MAX_EXTERNAL_ID_LENGTH = 255;

/**
 * Whether the text can name an account for the product that runs the gateway. Outer blanks are refused because databases
 * compare them differently; control characters and halves of a surrogate pair because not every store keeps them.
 */
export function isExternalId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_EXTERNAL_ID_LENGTH &&
    value.trim() === value &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  );
}
