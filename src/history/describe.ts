import { formatMoney } from '../money.js';
import type { PauseState, PendingChangeState } from '../subscriptions/pending-change.js';
import { labelOf } from '../payments/payment-method.js';
import type { AuditEntry } from './audit.js';
import type { Change } from './change.js';

export enum TimelineKind {
  SUBSCRIPTION = 'SUBSCRIPTION',
  PLAN_CHANGE = 'PLAN_CHANGE',
  INVOICE = 'INVOICE',
  PAYMENT = 'PAYMENT',
  CANCELLATION = 'CANCELLATION',
  ACCESS = 'ACCESS',
  DETAILS = 'DETAILS',
  SYSTEM = 'SYSTEM',
}

export interface Description {
  kind: TimelineKind;
  title: string;
  /** The rest of what happened in the same step; null when the title says it all. */
  detail: string | null;
}

interface Sentence {
  kind: TimelineKind;
  /** The lower, the more it matters to a person; the first becomes the title. */
  weight: number;
  text: string;
}

/** Plan names by key; an unknown key is shown as it is. */
export type PlanNames = ReadonlyMap<string, string>;

/** Turns one step into words. Pure: the data stays data, and sentences may be written better later. */
export function describe(entry: Pick<AuditEntry, 'changes'>, plans: PlanNames, locale: string): Description {
  const sentences = entry.changes.flatMap((change) => sentenceOf(change, plans, locale) ?? []);
  sentences.sort((left, right) => left.weight - right.weight);
  const [first, ...rest] = sentences;
  if (!first) return { kind: TimelineKind.SYSTEM, title: 'Details were updated.', detail: null };
  return {
    kind: first.kind,
    title: first.text,
    detail: rest.length > 0 ? rest.map(({ text }) => text).join(' ') : null,
  };
}

function sentenceOf(change: Change, plans: PlanNames, locale: string): Sentence | null {
  switch (change.object) {
    case 'subscription':
      return aboutSubscription(change, plans, locale);
    case 'invoice':
      return aboutInvoice(change, locale);
    case 'plan':
      return aboutPlan(change, plans);
    case 'access':
      return aboutAccess(change);
    case 'checkoutSession':
      return aboutCheckout(change);
    case 'paymentMethod':
      return aboutPaymentMethod(change);
    case 'taxId':
      return aboutTaxId(change);
    case 'account':
      return aboutDetails(change);
  }
}

const say = (kind: TimelineKind, weight: number, text: string): Sentence => ({ kind, weight, text });
const nameOf = (plans: PlanNames, key: unknown) => plans.get(String(key)) ?? String(key);
const day = (at: unknown, locale: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(Number(at));

const statusTexts: Record<string, string> = {
  ACTIVE: 'The subscription is active.',
  TRIALING: 'The free trial began.',
  PAST_DUE: 'A payment failed; the subscription is past due.',
  UNPAID: 'Payment failed for good; the subscription is unpaid.',
  PAUSED: 'The subscription was paused.',
  CANCELED: 'The subscription ended.',
  INCOMPLETE: 'The subscription waits for its first payment.',
  INCOMPLETE_EXPIRED: 'The first payment never came in; the subscription lapsed.',
};

function aboutSubscription({ before, after }: Change, plans: PlanNames, locale: string): Sentence | null {
  if (!after) return null;
  if (!before) {
    const text =
      after.status === 'ACTIVE'
        ? `The subscription to ${nameOf(plans, after.planKey)} began.`
        : statusTexts[String(after.status)];
    return say(TimelineKind.SUBSCRIPTION, 1, text ?? 'A subscription appeared.');
  }
  const booked = 'pendingChange' in after ? aboutPendingChange(before, after, locale) : null;
  if (booked) return booked;
  if ('pause' in after) return aboutPause(after, locale);
  if ('status' in after)
    return say(
      TimelineKind.SUBSCRIPTION,
      1,
      statusTexts[String(after.status)] ?? 'The subscription changed its status.',
    );
  const endsAt = after.cancelAt ?? (after.cancelAtPeriodEnd === true ? after.currentPeriodEnd : null);
  if (after.cancelAtPeriodEnd === true || ('cancelAt' in after && after.cancelAt !== null)) {
    const when = endsAt ? `on ${day(endsAt, locale)}` : 'at the end of the period';
    return say(TimelineKind.CANCELLATION, 2, `The subscription was canceled; it ends ${when}.`);
  }
  if (after.cancelAtPeriodEnd === false || ('cancelAt' in after && after.cancelAt === null)) {
    return say(TimelineKind.CANCELLATION, 2, 'The cancellation was taken back.');
  }
  if ('seats' in after)
    return say(TimelineKind.PLAN_CHANGE, 2, `Seats changed from ${String(before.seats)} to ${String(after.seats)}.`);
  if ('currentPeriodEnd' in after)
    return say(TimelineKind.SUBSCRIPTION, 4, `A new period began; it ends on ${day(after.currentPeriodEnd, locale)}.`);
  return say(TimelineKind.SUBSCRIPTION, 7, 'The subscription was updated.');
}

/** Null where the change was made rather than booked or dropped: then the plan, the seats or the period say it. */
function aboutPendingChange(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  locale: string,
): Sentence | null {
  const next = after.pendingChange as PendingChangeState | null;
  const last = before.pendingChange as PendingChangeState | null;
  if (next?.state === 'SCHEDULED')
    return say(TimelineKind.PLAN_CHANGE, 2, `A change of plan was booked for ${day(next.effectiveAt, locale)}.`);
  if (next)
    return say(TimelineKind.PLAN_CHANGE, 2, 'A change of plan waits for its payment; the old plan stays until then.');
  if ('priceId' in after || 'seats' in after || 'status' in after) return null;
  return last?.state === 'AWAITING_PAYMENT'
    ? say(TimelineKind.PLAN_CHANGE, 2, 'The change of plan that waited for its payment was given up.')
    : say(TimelineKind.PLAN_CHANGE, 2, 'The booked change of plan was taken back.');
}

function aboutPause({ pause, status }: Record<string, unknown>, locale: string): Sentence {
  const now = pause as PauseState | null;
  if (now === null) {
    const text =
      status === 'PAST_DUE' ? 'The subscription was resumed, but its payment failed.' : 'The subscription was resumed.';
    return say(TimelineKind.SUBSCRIPTION, 1, text);
  }
  if (now.cause === 'COLLECTION_ONLY') return say(TimelineKind.SUBSCRIPTION, 2, 'Collection of payments was paused.');
  const until = now.resumesAt === null ? '' : ` until ${day(now.resumesAt, locale)}`;
  return say(TimelineKind.SUBSCRIPTION, 1, `The subscription was paused${until}.`);
}

function aboutInvoice({ before, after }: Change, locale: string): Sentence | null {
  if (!after) return say(TimelineKind.INVOICE, 6, 'A draft invoice was deleted.');
  const name = after.number ? `Invoice ${String(after.number)}` : 'An invoice';
  const money =
    typeof after.total === 'number' && typeof after.currency === 'string'
      ? ` over ${formatMoney(after.total, after.currency, locale)}`
      : '';
  if (after.status === 'PAID') return say(TimelineKind.PAYMENT, 3, `${name}${money} was paid.`);
  if (after.status === 'OPEN') return say(TimelineKind.INVOICE, 5, `${name}${money} was issued.`);
  if (after.status === 'VOID') return say(TimelineKind.INVOICE, 5, `${name} was voided.`);
  if (after.status === 'UNCOLLECTIBLE') return say(TimelineKind.INVOICE, 5, `${name} was given up.`);
  if (!before) return say(TimelineKind.INVOICE, 6, `A draft invoice${money} was prepared.`);
  if ('attemptCount' in after) return say(TimelineKind.PAYMENT, 3, 'A payment was tried.');
  return say(TimelineKind.INVOICE, 7, 'An invoice was updated.');
}

function aboutPlan({ before, after }: Change, plans: PlanNames): Sentence {
  return say(
    TimelineKind.PLAN_CHANGE,
    2,
    `The plan changed from ${nameOf(plans, before?.key)} to ${nameOf(plans, after?.key)}.`,
  );
}

/** Only whether the product may be used is worth a sentence; the reason stands in the others. */
function aboutAccess({ before, after }: Change): Sentence | null {
  if (before?.allowed === after?.allowed) return null;
  return say(TimelineKind.ACCESS, 5, after?.allowed === false ? 'Access was withdrawn.' : 'Access was given back.');
}

const DETAILS = ['name', 'email', 'phone', 'locale', 'address'];

function aboutDetails({ after }: Change): Sentence | null {
  if (after && 'defaultPaymentMethodId' in after) {
    const text =
      after.defaultPaymentMethodId === null
        ? 'There is no default payment method any more.'
        : 'The default payment method was changed.';
    return say(TimelineKind.DETAILS, 6, text);
  }
  return after && DETAILS.some((field) => field in after)
    ? say(TimelineKind.DETAILS, 8, 'Billing details were updated.')
    : null;
}

const verdicts: Record<string, string> = { VERIFIED: 'was verified', UNVERIFIED: 'could not be verified' };

function aboutTaxId({ before, after }: Change): Sentence {
  if (after && !before) return say(TimelineKind.DETAILS, 7, `Tax id ${String(after.value)} was added.`);
  if (before && !after) return say(TimelineKind.DETAILS, 7, `Tax id ${String(before.value)} was removed.`);
  return say(TimelineKind.DETAILS, 8, `A tax id ${verdicts[String(after?.verification)] ?? 'was updated'}.`);
}

function aboutPaymentMethod({ before, after }: Change): Sentence {
  const label = (state: Record<string, unknown>) => {
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return labelOf({ kindRaw: String(state.kindRaw), brand: text(state.brand), last4: text(state.last4) });
  };
  if (after && !before) return say(TimelineKind.DETAILS, 7, `${label(after)} was added as a payment method.`);
  if (before && !after) return say(TimelineKind.DETAILS, 7, `${label(before)} was removed.`);
  return say(TimelineKind.DETAILS, 7, 'A payment method was updated.');
}

function aboutCheckout({ before, after }: Change): Sentence | null {
  if (!before && after?.status === 'OPEN') return say(TimelineKind.SUBSCRIPTION, 6, 'A checkout was started.');
  if (after?.status === 'COMPLETE') return say(TimelineKind.SUBSCRIPTION, 6, 'The checkout was completed.');
  if (after?.status === 'EXPIRED') return say(TimelineKind.SUBSCRIPTION, 6, 'The checkout expired.');
  return null;
}
