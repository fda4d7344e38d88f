import { perInterval } from './plan.js';

/** What the button under a plan should do for the current viewer. */
export enum PlanAction {
  SUBSCRIBE = 'SUBSCRIBE',
  START_TRIAL = 'START_TRIAL',
  CURRENT = 'CURRENT',
  UPGRADE = 'UPGRADE',
  DOWNGRADE = 'DOWNGRADE',
  SWITCH_INTERVAL = 'SWITCH_INTERVAL',
  REACTIVATE = 'REACTIVATE',
  CANCEL_PENDING_CHANGE = 'CANCEL_PENDING_CHANGE',
  UNAVAILABLE = 'UNAVAILABLE',
}

export interface ViewerAction {
  action: PlanAction;
  enabled: boolean;
  /** Why it is disabled, fit to show; null when it is not. */
  reason: string | null;
}

/** One way of paying for the plan of the button; all that are on sale are given. */
export interface OfferedPrice {
  interval: string;
  currency: string;
}

export interface ViewerSituation {
  plan: { key: string; name: string; rank: number; free: boolean; archived: boolean; trialDays: number | null };
  offers: readonly OfferedPrice[];
  /** What the table shows; null when it shows all. */
  interval: string | null;
  currency: string | null;
  /** May the viewer spend money? */
  maySpend: boolean;
  trialUsed: boolean;
  /** Fixed at the first invoice; null while any can be chosen. */
  lockedCurrency: string | null;
  /** The live subscription; null on the free plan. */
  subscription: HeldSubscription | null;
}

export interface HeldSubscription {
  /** Null while its price has never been known. */
  planKey: string | null;
  rank: number;
  /** Null while its price is not known. */
  interval: string | null;
  unmapped: boolean;
  /** Stripe's word, in capitals. */
  status: string;
  ending: boolean;
  /** Plan and interval of a change that is booked or waits for its payment. */
  pending: { planKey: string | null; interval: string | null } | null;
}

const yes = (action: PlanAction): ViewerAction => ({ action, enabled: true, reason: null });
const no = (action: PlanAction, reason: string): ViewerAction => ({ action, enabled: false, reason });
const unavailable = (reason: string) => no(PlanAction.UNAVAILABLE, reason);

const BLOCKED: Record<string, string> = {
  PAST_DUE: 'Pay the open invoice first.',
  UNPAID: 'Pay the open invoice first.',
  PAUSED: 'Resume the subscription first.',
};

/** What the button under a plan does. Pure: the same answer for the same situation. */
export function decideViewerAction(situation: ViewerSituation): ViewerAction {
  const { subscription } = situation;
  const found = subscription ? withSubscription(situation, subscription) : withoutSubscription(situation);
  return found.enabled && !situation.maySpend ? no(found.action, 'Ask somebody who may change billing.') : found;
}

function withoutSubscription(situation: ViewerSituation): ViewerAction {
  const { plan, trialUsed } = situation;
  if (plan.free) return no(PlanAction.CURRENT, `You have ${plan.name}.`);
  const refused = notSold(situation);
  if (refused) return unavailable(refused);
  return yes(plan.trialDays !== null && !trialUsed ? PlanAction.START_TRIAL : PlanAction.SUBSCRIBE);
}

function withSubscription(situation: ViewerSituation, held: HeldSubscription): ViewerAction {
  const { plan, interval } = situation;
  const own = held.planKey === plan.key;
  const sameInterval = interval === null || held.interval === null || interval === held.interval;
  const { pending } = held;
  if (pending && pending.planKey === plan.key && (interval === null || interval === pending.interval)) {
    return yes(PlanAction.CANCEL_PENDING_CHANGE);
  }
  if (own && sameInterval) {
    if (held.ending) return yes(PlanAction.REACTIVATE);
    return pending ? yes(PlanAction.CANCEL_PENDING_CHANGE) : no(PlanAction.CURRENT, `You have ${plan.name}.`);
  }
  if (plan.free && held.ending) return no(PlanAction.DOWNGRADE, 'Your subscription already ends by itself.');
  const refused = plan.free ? null : notSold(situation);
  if (refused) return unavailable(refused);
  if (held.unmapped) return unavailable('Your present price is not in the catalogue; contact support.');
  const action = own ? PlanAction.SWITCH_INTERVAL : plan.rank >= held.rank ? PlanAction.UPGRADE : PlanAction.DOWNGRADE;
  const blocked = BLOCKED[held.status];
  // Leaving is never blocked.
  return blocked !== undefined && !plan.free ? no(action, blocked) : yes(action);
}

/** Why it cannot be bought as the table shows it; null when it can. */
function notSold({ plan, offers, interval, currency, lockedCurrency }: ViewerSituation): string | null {
  if (plan.archived || offers.length === 0) return `${plan.name} is not sold any more.`;
  const wanted = currency ?? lockedCurrency;
  const inCurrency = offers.filter((offer) => wanted === null || offer.currency === wanted);
  if (lockedCurrency !== null && currency !== null && currency !== lockedCurrency)
    return `Your account pays in ${lockedCurrency}.`;
  if (inCurrency.length === 0) return `${plan.name} is not sold in ${wanted}.`;
  if (interval !== null && !inCurrency.some((offer) => offer.interval === interval))
    return `${plan.name} is not sold ${perInterval(interval)}.`;
  return null;
}
