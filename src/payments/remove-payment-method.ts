import Stripe from 'stripe';
import type { Procedure } from '../intents/intent.js';
import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isMissing } from '../stripe/errors.js';
import { idOf } from '../stripe/objects.js';
import { liveSubscriptionsAt } from './live-subscriptions.js';
import { requirePaymentMethod } from './own-payment-method.js';

interface Data {
  customerId: string;
  paymentMethodId: string;
}

export function removePaymentMethodProcedure(stripe: Stripe): Procedure<Data> {
  return {
    verb: 'removePaymentMethod',
    subject: ({ customerId }) => customerId,
    steps: [
      {
        name: 'detach',
        async run(data, key) {
          if (await isDetached(stripe, data)) return {};
          await refuseWhileInUse(stripe, data);
          await stripe.paymentMethods.detach(data.paymentMethodId, {}, { idempotencyKey: key });
          return {};
        },
        probe: async (data) => ((await isDetached(stripe, data)) ? {} : null),
      },
    ],
  };
}

async function isDetached(stripe: Stripe, { paymentMethodId, customerId }: Data): Promise<boolean> {
  try {
    return idOf((await stripe.paymentMethods.retrieve(paymentMethodId)).customer) !== customerId;
  } catch (thrown) {
    if (isMissing(thrown)) return true;
    throw thrown;
  }
}

/** Without it the next renewal of that subscription would fail. */
async function refuseWhileInUse(stripe: Stripe, { customerId, paymentMethodId }: Data): Promise<void> {
  const customer = await stripe.customers.retrieve(customerId);
  const ofCustomer = customer.deleted ? null : idOf(customer.invoice_settings.default_payment_method);
  const live = await liveSubscriptionsAt(stripe, customerId);
  const user = live.find(
    ({ default_payment_method }) => (idOf(default_payment_method) ?? ofCustomer) === paymentMethodId,
  );
  if (!user) return;
  throw new Refusal(UserErrorCode.PAYMENT_METHOD_IN_USE, 'A subscription is paid with this payment method.', {
    field: ['input', 'id'],
    hint: 'Make another one the default first, with setDefaultPaymentMethod.',
    subscriptionId: user.id,
  });
}

/** Takes a stored method away. Throws Refusal: NOT_FOUND; PAYMENT_METHOD_IN_USE while a live subscription is charged to it. */
export async function removePaymentMethod(
  parts: Parts,
  { accountId, actor, id }: { accountId: string; actor: string; id: string },
): Promise<void> {
  const method = await requirePaymentMethod(parts, accountId, id, 'id');
  const data = { customerId: method.customerId, paymentMethodId: method.id };
  await parts.intents.run(removePaymentMethodProcedure(parts.stripe), {
    accountId,
    actor,
    clientKey: null,
    args: data,
    data,
  });
}
