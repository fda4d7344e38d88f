import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import type { Debit } from '../store/tables.js';
import { boundaryAfter, lengthOf, type Recurrence } from './calendar.js';
import { withItems } from './change-subscription.js';
import { cycleLine } from './cycle-line.js';
import type { Item, NewLine, Subscription } from './lines.js';
import { amountOf, fullPrice, isMetered, recurringOf } from './price-amount.js';
import { chargeRemaining, creditUnused, type Proration } from './prorations.js';
import { checkTrialLength } from './new-subscription.js';
import { swapItems, type ItemChange } from './swap-items.js';
import { replacedItems, usageLine } from './usage.js';

export interface Change {
  items?: ItemChange[];
  proration_behavior?: 'always_invoice' | 'create_prorations' | 'none';
  proration_date?: number;
  billing_cycle_anchor?: 'now' | 'unchanged';
  trial_end?: number | 'now';
  discounts?: string[];
  /** Fields that change in the same breath. */
  patch?: Partial<Subscription>;
}

/** What a change comes to, before any of it is done. */
export interface ChangePlan {
  patch: Partial<Subscription>;
  prorations: Proration[];
  /** Whole periods that begin with the change. */
  charges: NewLine[];
  invoicesNow: boolean;
  prorationDate: number;
  debits: Record<string, Debit[]>;
}

/** Works out items, periods, prorations and charges of a change. */
export function planChange(account: Account, subscription: Subscription, change: Change): ChangePlan {
  const now = account.now(subscription.customer);
  const at = prorationDate(subscription, change, now);
  const before = subscription.items.data;
  const listed = swapItems(account, subscription, change.items ?? [], at);
  const trial = trialChange(subscription, change, now);
  const reset =
    trial.resets ||
    change.billing_cycle_anchor === 'now' ||
    (subscription.billing_mode.type === 'classic' && resetsClassic(account, subscription, before, listed));
  const anchor = trial.end ?? (reset ? now : subscription.billing_cycle_anchor);
  const inTrial = trial.end !== null || (subscription.status === 'trialing' && !trial.resets);
  const draft: Subscription = {
    ...subscription,
    ...(change.discounts ? { discounts: change.discounts } : {}),
    billing_cycle_anchor: anchor,
    items: withItems(subscription, listed),
  };
  const items = listed.map((item) =>
    withPeriod(draft, item, {
      old: before.find(({ id }) => id === item.id),
      reset,
      at: reset ? now : at,
      trialEnd: inTrial ? (trial.end ?? subscription.trial_end) : null,
    }),
  );
  const prorates = (change.proration_behavior ?? 'create_prorations') !== 'none' && subscription.status !== 'trialing';
  const { prorations, debits } = prorationsOf(
    account,
    subscription,
    { ...draft, items: withItems(subscription, items) },
    { at, reset, inTrial, prorates },
  );
  const charges =
    reset && !inTrial
      ? [
          ...items.filter((item) => !isMetered(item.price)).map((item) => cycleLine(account, draft, item)),
          ...usedUntil(account, subscription, items, now),
        ]
      : [];
  const switches = items.some((item) =>
    intervalChanged(
      before.find(({ id }) => id === item.id),
      item,
    ),
  );
  const billsSwitch = switches && account.settings.intervalSwitch === 'bill_now' && prorates;
  return {
    patch: {
      ...change.patch,
      ...(change.discounts ? { discounts: change.discounts } : {}),
      ...trial.patch,
      billing_cycle_anchor: anchor,
      items: withItems(subscription, items),
    },
    prorations,
    charges,
    invoicesNow: charges.length > 0 || change.proration_behavior === 'always_invoice' || billsSwitch,
    prorationDate: at,
    debits,
  };
}

/** A period that ends early is over for what was used of the metered items that stay. */
function usedUntil(account: Account, subscription: Subscription, after: Item[], now: number): NewLine[] {
  if (subscription.status === 'trialing') return [];
  const gone = replacedItems(subscription, after);
  return subscription.items.data
    .filter((item) => isMetered(item.price) && !gone.includes(item))
    .flatMap((item) => usageLine(account, subscription, { ...item, current_period_end: now }) ?? []);
}

function prorationDate(subscription: Subscription, change: Change, now: number): number {
  const { proration_date: asked } = change;
  if (asked === undefined) return now;
  if (change.proration_behavior === 'none') {
    throw parameterInvalid('proration_date', 'You cannot pass `proration_date` with `proration_behavior=none`.');
  }
  const start = Math.max(...subscription.items.data.map((item) => item.current_period_start));
  const end = Math.min(...subscription.items.data.map((item) => item.current_period_end));
  if (asked < start || asked > end) {
    throw parameterInvalid(
      'proration_date',
      `Cannot specify proration_date outside of current subscription period: ${asked} is not in ${start} to ${end}.`,
    );
  }
  return asked;
}

interface TrialChange {
  end: number | null;
  resets: boolean;
  patch: Partial<Subscription>;
}

function trialChange(subscription: Subscription, { trial_end }: Change, now: number): TrialChange {
  if (trial_end === undefined) return { end: null, resets: false, patch: {} };
  if (trial_end === 'now') {
    const trialing = subscription.status === 'trialing';
    return { end: null, resets: trialing, patch: trialing ? { trial_end: now, status: 'active' } : {} };
  }
  if (trial_end <= now)
    throw parameterInvalid('trial_end', "trial_end must be in the future; pass 'now' to end the trial.");
  checkTrialLength(trial_end, now);
  const start = subscription.status === 'trialing' ? subscription.trial_start : now;
  return { end: trial_end, resets: false, patch: { trial_end, trial_start: start, status: 'trialing' } };
}

/** Classic billing begins anew when the interval changes, or when something free begins to cost. */
function resetsClassic(account: Account, subscription: Subscription, before: Item[], after: Item[]): boolean {
  if (subscription.status === 'trialing') return false;
  const cost = (items: Item[]): number =>
    items.reduce(
      (sum, item) =>
        sum +
        (isMetered(item.price)
          ? 0
          : amountOf(fullPrice(account, item.price.id), item.quantity ?? 1, subscription.currency, 'half_up')),
      0,
    );
  const switched = after.some((item) => intervalChanged(before.find(({ id }) => id === item.id) ?? before[0], item));
  return switched || (cost(before) === 0 && cost(after) > 0);
}

function intervalChanged(before: Item | undefined, after: Item): boolean {
  if (!before) return false;
  return lengthOf(recurringOf(before.price) as Recurrence) !== lengthOf(recurringOf(after.price) as Recurrence);
}

function withPeriod(
  subscription: Subscription,
  item: Item,
  how: { old: Item | undefined; reset: boolean; at: number; trialEnd: number | null },
): Item {
  if (how.trialEnd !== null)
    return {
      ...item,
      current_period_end: how.trialEnd,
      current_period_start: how.old && item.current_period_end === how.trialEnd ? item.current_period_start : how.at,
    };
  if (!how.reset && how.old && !intervalChanged(how.old, item)) return item;
  const end = boundaryAfter(subscription.billing_cycle_anchor, recurringOf(item.price) as Recurrence, how.at);
  return { ...item, current_period_start: how.at, current_period_end: end };
}

interface Prorating {
  at: number;
  reset: boolean;
  inTrial: boolean;
  prorates: boolean;
}

function prorationsOf(
  account: Account,
  before: Subscription,
  after: Subscription,
  { at, reset, inTrial, prorates }: Prorating,
): { prorations: Proration[]; debits: Record<string, Debit[]> } {
  const held = account.store.get('subscription_memory', before.id)?.debits ?? {};
  if (!prorates) return { prorations: [], debits: held };
  const debits = { ...held };
  const prorations: Proration[] = [];
  for (const item of before.items.data) {
    const kept = after.items.data.find(({ id }) => id === item.id);
    if (kept && !reset && !inTrial && sameBilling(item, kept)) continue;
    const credit = creditUnused(account, before, item, held[item.id] ?? [], at);
    debits[item.id] = credit.debits;
    prorations.push(...credit.credits);
  }
  for (const item of after.items.data) {
    const old = before.items.data.find(({ id }) => id === item.id);
    if (reset || inTrial || (old && sameBilling(old, item))) continue;
    const charge = chargeRemaining(account, after, item, at);
    if (charge && charge.period.end > charge.period.start) prorations.push(charge);
  }
  return { prorations, debits };
}

function sameBilling(one: Item, other: Item): boolean {
  return one.price.id === other.price.id && one.quantity === other.quantity;
}
