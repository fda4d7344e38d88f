import type { PaymentMethodState } from '../payments/payment-method.js';
import type { Seen } from './seen.js';

/** The list that was seen is whole, so what is not in it is gone; without a look only the owner can change. */
export function decidePaymentMethods(
  stored: readonly PaymentMethodState[],
  seen: Seen['paymentMethods'],
  { accountId, deletedAt }: { accountId: string | null; deletedAt: number | null },
): { kept: PaymentMethodState[]; removed: string[] } {
  if (deletedAt !== null) return { kept: [], removed: stored.map(({ id }) => id) };
  if (seen === null) return { kept: stored.map((method) => ({ ...method, accountId })), removed: [] };
  const kept = [...seen.values()].flatMap(({ state }) => (state === null ? [] : [{ ...state, accountId }]));
  return { kept, removed: stored.map(({ id }) => id).filter((id) => !seen.has(id)) };
}
