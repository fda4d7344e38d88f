const HEADER = 'x-billing-account';

/** What the X-Billing-Account header chooses, or over a socket the connection parameter of that name, in any case. */
export function accountNamed(from: Record<string, unknown>): string | undefined {
  const value = Object.entries(from).find(([name]) => name.toLowerCase() === HEADER)?.[1];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
