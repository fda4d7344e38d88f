import { Remedy } from '../access/access.js';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { toInvoiceLine } from '../invoices/invoice.resolver.js';
import { formatMoney } from '../money.js';
import { allFeatures, type Feature } from '../plans/feature.resolver.js';
import { columnOf } from '../plans/feature.js';
import { stripePriceId } from '../plans/plan.js';
import type { ChangeDraft } from './change-draft.js';
import { type ChangeNotice, ChangePreview, type FeatureDiff, type InvoicePreview } from './change-preview.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import type { ChangeNotice as Notice } from './judge-change.js';
import type { NextInvoice, ShownChange } from './preview-change.js';
import { recurringAmount } from './recurring-amount.js';

export async function toChangePreview(shown: ShownChange, context: Context): Promise<ChangePreview> {
  const { draft, now, token, expiresAt } = shown;
  const { currency } = draft.subscription;
  const money = (minor: number | undefined) => new Money(minor ?? 0, currency);
  const features = await allFeatures(context);
  const notices = (list: readonly Notice[]) => list.map((notice) => toNotice(notice, features));
  return Object.assign(new ChangePreview(), {
    shown,
    token,
    expiresAt,
    kind: draft.kind,
    timing: draft.timing,
    effectiveAt: draft.effectiveAt,
    allowed: draft.blockers.length === 0,
    blockers: notices(draft.blockers),
    notices: notices(draft.notices),
    fromPlan: draft.fromPlan,
    fromPrice: draft.fromPrice,
    toPlan: draft.toPlan,
    toPrice: draft.toPrice,
    fromSeats: draft.fromSeats,
    toSeats: draft.toSeats,
    lines: (now?.lines ?? []).map((line) => toInvoiceLine(line, currency)),
    subtotal: money(now?.subtotal),
    discount: money(now?.discount),
    tax: typeof now?.tax === 'number' ? money(now.tax) : null,
    creditApplied: money(now?.creditApplied),
    amountDueNow: money(now?.amountDue),
    creditGranted: money(now?.creditGranted),
    ...(await recurringOf(draft, context)),
    features: toDiffs(draft, features),
    paymentMethod: draft.paymentMethod,
    summary: summaryOf(shown),
  });
}

export function toInvoicePreview({ date, currency, lines, ...amounts }: NextInvoice): InvoicePreview {
  const money = (minor: number) => new Money(minor, currency);
  return {
    date,
    lines: lines.map((line) => toInvoiceLine(line, currency)),
    subtotal: money(amounts.subtotal),
    discount: money(amounts.discount),
    tax: amounts.tax === null ? null : money(amounts.tax),
    total: money(amounts.total),
    creditApplied: money(amounts.creditApplied),
    amountDue: money(amounts.amountDue),
  };
}

const toNotice = ({ feature, remedy, ...notice }: Notice, features: readonly Feature[]): ChangeNotice => ({
  ...notice,
  remedy: Remedy[remedy],
  feature: features.find(({ key }) => key === feature) ?? null,
});

/** Every feature of either plan, in the words of the table of plans. */
function toDiffs({ features: diffs, fromPlan, toPlan }: ChangeDraft, features: readonly Feature[]): FeatureDiff[] {
  const before = columnOf({ features: fromPlan?.features ?? [] }, features);
  const after = columnOf(toPlan, features);
  const label = (column: typeof before, key: string) => {
    const cell = column.find(({ feature }) => feature.key === key);
    return cell?.included ? cell.label : null;
  };
  return diffs.flatMap(({ key, direction }) => {
    const feature = features.find((one) => one.key === key);
    return feature ? [{ feature, before: label(before, key), after: label(after, key), direction }] : [];
  });
}

async function recurringOf(
  { items, item, toPrice, toSeats, subscription: { currency } }: ChangeDraft,
  { loaders }: Context,
): Promise<Pick<ChangePreview, 'recurringBefore' | 'recurringAfter'>> {
  const catalogue = await loaders.catalogue();
  const next = toPrice
    ? items.map((one) => (one.id === item.id ? { priceId: stripePriceId(toPrice.id), quantity: toSeats } : one))
    : [];
  const [before, after] = [items, next].map((list) => recurringAmount(list, currency, catalogue));
  const money = (amount: number | null | undefined) =>
    typeof amount === 'number' ? new Money(amount, currency) : null;
  return { recurringBefore: money(before), recurringAfter: money(after) };
}

const day = (at: number) => new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(at);

function summaryOf({ draft, now }: ShownChange): string {
  const { kind, timing, effectiveAt, toPlan, toPrice, toSeats, fromSeats, blockers, subscription } = draft;
  const [blocker] = blockers;
  if (blocker) return blocker.message;
  if (kind === ChangeKind.NO_OP) return `You have ${toPlan.name} already.`;
  if (kind === ChangeKind.REACTIVATION) return `Keep ${toPlan.name}.`;
  if (toPrice === null) return `Go back to ${toPlan.name} on ${day(effectiveAt)}.`;
  const seats = toSeats === fromSeats ? '' : ` with ${toSeats} ${toSeats === 1 ? 'seat' : 'seats'}`;
  const what = `${toPlan.name}${seats}, paid by the ${toPrice.interval.toLowerCase()}`;
  if (timing === ChangeTiming.PERIOD_END) return `Change to ${what}, on ${day(effectiveAt)}.`;
  if (!now || now.amountDue === 0) return `Change to ${what}, now; nothing is charged today.`;
  return `Change to ${what}, now, and pay ${formatMoney(now.amountDue, subscription.currency, 'en-US')}.`;
}
