import { lookAtCustomer } from '../accounts/look-at-customer.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { PaymentMethod } from './payment-method.entity.js';

/**
 * A stored method of this account. A card that the browser has just set up may not be stored yet, so before anything is
 * refused Stripe is looked at once. Throws Refusal: NOT_FOUND, also for another account's.
 */
export async function requirePaymentMethod(
  parts: Parts,
  accountId: string,
  id: string,
  field: string,
): Promise<PaymentMethod> {
  const held = await ownMethod(parts, accountId, id);
  if (held) return held;
  await lookAtCustomer(parts, accountId);
  const found = await ownMethod(parts, accountId, id);
  if (found) return found;
  throw new Refusal(UserErrorCode.NOT_FOUND, `This account has no payment method '${id}'.`, {
    field: ['input', field],
    hint: 'Offer what `paymentMethods` lists; createSetupIntent adds one.',
  });
}

const ownMethod = ({ database }: Parts, accountId: string, id: string) =>
  database.read.manager.findOneBy(PaymentMethod, { id, accountId });
