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
  ending: boolean;
  /** Something was booked in Stripe's own tools, and the viewer may not replace it. */
  bookedElsewhere: boolean;
  /** Plan and interval of a change that is booked or waits for its payment. */
  pending: { planKey: string | null; interval: string | null } | null;
}

const yes = (action: PlanAction): ViewerAction => ({ action, enabled: true, reason: null });
const no = (action: PlanAction, reason: string): ViewerAction => ({ action, enabled: false, reason });
const unavailable = (reason: string) => no(PlanAction.UNAVAILABLE, reason);

/** Taking back goes through unless something was booked in Stripe's own tools. */
const takesBack = (action: PlanAction, { bookedElsewhere }: HeldSubscription) =>
  bookedElsewhere
    ? no(action, "A change was booked in Stripe's portal or by support; ask support to take it back.")
    : yes(action);

/** What the draft of the change that the button asks for says. */
export interface DraftedAction {
  /** To another plan of the same rank. */
  crossgrade: boolean;
  costsLess: boolean;
  /** What stands in its way, fit to show; null when nothing does. */
  blocker: string | null;
}

/** Which way a plan of the same rank is, and whether the change would be refused. */
export function afterDraft(found: ViewerAction, { crossgrade, costsLess, blocker }: DraftedAction): ViewerAction {
  const sideways = costsLess ? PlanAction.DOWNGRADE : PlanAction.UPGRADE;
  const action = crossgrade ? sideways : found.action;
  return found.enabled && blocker !== null ? no(action, blocker) : { ...found, action };
}

/** Actions that ask for another plan or interval: the rest is for the draft of the change to say. */
export const isChange = ({ action }: ViewerAction): boolean =>
  [PlanAction.UPGRADE, PlanAction.DOWNGRADE, PlanAction.SWITCH_INTERVAL].includes(action);

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
    return takesBack(PlanAction.CANCEL_PENDING_CHANGE, held);
  }
  if (own && sameInterval) {
    if (held.ending) return takesBack(PlanAction.REACTIVATE, held);
    return pending
      ? takesBack(PlanAction.CANCEL_PENDING_CHANGE, held)
      : no(PlanAction.CURRENT, `You have ${plan.name}.`);
  }
  if (plan.free && held.ending) return no(PlanAction.DOWNGRADE, 'Your subscription already ends by itself.');
  const refused = plan.free ? null : notSold(situation);
  if (refused) return unavailable(refused);
  if (held.unmapped && !plan.free) return unavailable('Your present price is not in the catalogue; contact support.');
  if (own) return yes(PlanAction.SWITCH_INTERVAL);
  return yes(plan.rank >= held.rank && !plan.free ? PlanAction.UPGRADE : PlanAction.DOWNGRADE);
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
