import { decideAccess } from '../access/access.js';
import type { CustomerState } from '../accounts/account.js';
import type { InvoiceState } from '../invoices/invoice.js';
import { FREE_PLAN_KEY } from '../plans/plan.js';
import { mainSubscription, SubscriptionStatus, type SubscriptionState } from '../subscriptions/subscription.js';
import type { DecideInput, StoredAccount } from './decide.js';
import type { Seen } from './seen.js';

/** What the account shows, given everything of it as it will be stored. */
export function decideAccount(
  { stored, seen, customerId, policy, now }: DecideInput,
  before: StoredAccount,
  subscriptions: readonly SubscriptionState[],
  invoices: ReadonlyMap<string, InvoiceState>,
  removedMethods: readonly string[],
): StoredAccount {
  const main = mainSubscription(subscriptions, (key) => stored.rankOfPlan.get(key ?? '') ?? 0);
  const customer: CustomerState | null = seen.customer.get(customerId)?.state ?? null;
  const details = customer && !customer.deleted ? customer : before;
  return {
    ...before,
    name: details.name,
    email: details.email,
    currency: details.currency ?? before.currency,
    phone: details.phone,
    locale: details.locale,
    address: details.address,
    defaultPaymentMethodId: removedMethods.includes(details.defaultPaymentMethodId ?? '')
      ? null
      : details.defaultPaymentMethodId,
    planKey: planInForce(main, before.planKey),
    announcedAccess: decideAccess(main, invoices.get(main?.latestInvoiceId ?? '') ?? null, policy, now),
    syncedAt: confirms(seen) ? now : before.syncedAt,
  };
}

/** Whether Stripe was asked and answered; a wake-up of our own asks nothing. */
const confirms = ({ incomplete, paymentMethods, ...seen }: Seen): boolean =>
  !incomplete &&
  (paymentMethods !== null ||
    [seen.customer, seen.subscription, seen.invoice, seen.checkoutSession].some(({ size }) => size > 0));

/** An unknown price never downgrades anybody: what was in force stays. */
function planInForce(main: SubscriptionState | null, before: string): string {
  if (!main || main.status === SubscriptionStatus.UNPAID) return FREE_PLAN_KEY;
  return main.planKey ?? before;
}
