import { decideAccess, isOnFreePlan } from '../access/access.js';
import type { CustomerState } from '../accounts/account.js';
import type { InvoiceState } from '../invoices/invoice.js';
import { defaultMethodId } from '../payments/payment-method.js';
import { FREE_PLAN_KEY } from '../plans/plan.js';
import { isTerminal, mainSubscription, type SubscriptionState } from '../subscriptions/subscription.js';
import type { DecideInput, StoredAccount } from './decision.js';
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
  const latest = invoices.get(main?.latestInvoiceId ?? '') ?? null;
  const unpaidChange = invoices.get(main?.unpaidChangeId ?? '') ?? null;
  const customer: CustomerState | null = seen.customer.get(customerId)?.state ?? null;
  const isDeleted = customer?.deleted ?? (stored.customer?.deletedAt ?? null) !== null;
  const gone = isDeleted && !stored.taken.has(before.id);
  const details = customer && !customer.deleted ? customer : gone ? { ...before, ...HERS } : before;
  const defaultPaymentMethodId = removedMethods.includes(details.defaultPaymentMethodId ?? '')
    ? null
    : details.defaultPaymentMethodId;
  const charged = main && !isTerminal(main) ? main : null;
  const hasPaymentMethod = defaultMethodId({ defaultPaymentMethodId }, main) !== null;
  return {
    ...before,
    name: details.name,
    email: details.email,
    currency: details.currency ?? charged?.currency ?? (gone ? null : before.currency),
    phone: details.phone,
    locale: details.locale,
    address: details.address,
    defaultPaymentMethodId,
    credit: details.credit,
    taxExempt: details.taxExempt,
    taxLocation: details.taxLocation,
    discounts: details.discounts,
    planKey: planInForce(main, { latest, unpaidChange }, stored.planOfPrice, before.planKey),
    announcedAccess: decideAccess(main, latest, policy, now, hasPaymentMethod),
    syncedAt: confirms(seen) ? now : before.syncedAt,
  };
}

/** What goes with a deleted customer; what the account is called stays. Her currency was fixed by her invoices, another's is not. */
const HERS = {
  currency: null,
  defaultPaymentMethodId: null,
  credit: 0,
  taxExempt: null,
  taxLocation: null,
  discounts: null,
};

/** Whether Stripe was asked and answered; a wake-up of our own asks nothing. */
const confirms = ({ incomplete, paymentMethods, ...seen }: Seen): boolean =>
  !incomplete &&
  (paymentMethods !== null ||
    [seen.customer, seen.subscription, seen.invoice, seen.checkoutSession].some(({ size }) => size > 0));

/** An unknown price never downgrades anybody: what was in force stays. A start or a change is in force once it is paid. */
function planInForce(
  main: SubscriptionState | null,
  { latest, unpaidChange }: Record<'latest' | 'unpaidChange', InvoiceState | null>,
  planOfPrice: ReadonlyMap<string, string>,
  before: string,
): string {
  if (!main || isOnFreePlan(main, latest)) return FREE_PLAN_KEY;
  return planBeforeUnpaidChange(unpaidChange, planOfPrice) ?? main.planKey ?? before;
}

/** The plan whose price an unpaid change gives money back for; null where no such change is waited for. */
function planBeforeUnpaidChange(invoice: InvoiceState | null, planOfPrice: ReadonlyMap<string, string>): string | null {
  const credited = (invoice?.lines ?? []).flatMap(({ proration, amount, priceId }) =>
    proration && amount < 0 ? (planOfPrice.get(priceId ?? '') ?? []) : [],
  );
  return credited[0] ?? null;
}
