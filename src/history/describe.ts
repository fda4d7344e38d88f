import { formatMoney } from '../money.js';
import { labelOf } from '../payments/payment-method.js';
import { featureName, untilFree } from '../plans/feature.js';
import type { AuditEntry } from './audit.js';
import type { Change } from './change.js';
import { aboutDiscounts, aboutSubscription } from './describe-subscription.js';
import { nameOf, type Names, say, type Sentence, TimelineKind } from './sentence.js';

export interface Description {
  kind: TimelineKind;
  title: string;
  /** The rest of what happened in the same step; null when the title says it all. */
  detail: string | null;
}

const DELETED: Description = {
  kind: TimelineKind.DETAILS,
  title: 'The account was deleted; its invoices and its history stay.',
  detail: null,
};

/** Turns one step into words. Pure: the data stays data, and sentences may be written better later. */
export function describe(
  { changes, causes }: Pick<AuditEntry, 'changes' | 'causes'>,
  names: Names,
  locale: string,
): Description {
  if (causes.some(({ kind, name }) => kind === 'call' && name === 'deleteAccount')) return DELETED;
  const planTold = changes.some(({ object }) => object === 'plan');
  const told = changes.flatMap((change) => sentencesOf(change, names, locale, planTold));
  const sentences = told.filter((one) => one !== null);
  sentences.sort((left, right) => left.weight - right.weight);
  const [first, ...rest] = sentences;
  if (!first) return { kind: TimelineKind.SYSTEM, title: 'Details were updated.', detail: null };
  return {
    kind: first.kind,
    title: first.text,
    detail: rest.length > 0 ? rest.map(({ text }) => text).join(' ') : null,
  };
}

function sentencesOf(change: Change, names: Names, locale: string, planTold: boolean): (Sentence | null)[] {
  switch (change.object) {
    case 'subscription':
      return aboutSubscription(change, names, locale, planTold);
    case 'invoice':
      return [aboutInvoice(change, locale)];
    case 'plan':
      return [aboutPlan(change, names.plans)];
    case 'access':
      return [aboutAccess(change)];
    case 'checkoutSession':
      return [aboutCheckout(change)];
    case 'paymentMethod':
      return [aboutPaymentMethod(change)];
    case 'taxId':
      return [aboutTaxId(change)];
    case 'usage':
      return [aboutUsage(change, featureName(change.id, names.features.get(change.id)))];
    case 'account':
      return [aboutDetails(change)];
  }
}

function aboutInvoice({ before, after }: Change, locale: string): Sentence | null {
  if (!after) return say(TimelineKind.INVOICE, 6, 'A draft invoice was deleted.');
  const name = after.number ? `Invoice ${String(after.number)}` : 'An invoice';
  const { total, currency } = after;
  const known = typeof total === 'number' && typeof currency === 'string';
  const amount = known ? formatMoney(Math.abs(total), currency, locale) : '';
  const isCredit = known && total < 0;
  const money = known ? ` over ${isCredit ? 'a credit of ' : ''}${amount}` : '';
  if (after.status === 'PAID')
    return say(TimelineKind.PAYMENT, 3, isCredit ? `${name} gave a credit of ${amount}.` : `${name}${money} was paid.`);
  if (after.status === 'OPEN') return say(TimelineKind.INVOICE, 5, `${name}${money} was issued.`);
  if (after.status === 'VOID') return say(TimelineKind.INVOICE, 5, `${name} was voided.`);
  if (after.status === 'UNCOLLECTIBLE') return say(TimelineKind.INVOICE, 5, `${name} was given up.`);
  if (!before) return say(TimelineKind.INVOICE, 6, `A draft invoice${money} was prepared.`);
  const tried = 'attemptCount' in after || (after.paymentAttempts && before.paymentAttempts);
  if (tried) return say(TimelineKind.PAYMENT, 3, 'A payment was tried.');
  return say(TimelineKind.INVOICE, 7, 'An invoice was updated.');
}

function aboutPlan({ before, after }: Change, plans: Names['plans']): Sentence {
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

/** Of a feature that a change of plan has left above its limit. */
function aboutUsage({ after }: Change, name: string): Sentence {
  const [used, limit] = [Number(after?.used), Number(after?.limit)];
  const text = `${name}: ${used} are used and ${limit} granted now; ${untilFree(after?.metered === true, used - limit)}`;
  return say(TimelineKind.ACCESS, 5, text);
}

const DETAILS = ['name', 'email', 'phone', 'locale', 'address', 'currency', 'timeZone', 'metadata'];

function aboutDetails({ after }: Change): Sentence | null {
  if (after && 'defaultPaymentMethodId' in after) {
    const text =
      after.defaultPaymentMethodId === null
        ? 'There is no default payment method any more.'
        : 'The default payment method was changed.';
    return say(TimelineKind.DETAILS, 6, text);
  }
  if (after && 'discounts' in after) return aboutDiscounts(after.discounts);
  if (after && 'credit' in after) return say(TimelineKind.PAYMENT, 6, 'The credit of the account changed.');
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
