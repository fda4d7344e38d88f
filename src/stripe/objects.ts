/** The id of something that Stripe gives as an id or, expanded, as the object itself. */
export function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}

/** Stripe's whole seconds as milliseconds. */
export const instant = (seconds: number): number => seconds * 1000;
export const instantOrNull = (seconds: number | null | undefined): number | null =>
  seconds === null || seconds === undefined ? null : seconds * 1000;

/** Stripe's word in the gateway's own list, or UNRECOGNIZED. */
export function toEnum<Value extends string>(
  values: Record<string, Value>,
  raw: string | null,
): Value | 'UNRECOGNIZED' {
  return values[String(raw).toUpperCase()] ?? 'UNRECOGNIZED';
}
