import { Remedy } from '../access/access.js';
import type { Context } from '../graphql/context.js';
import type { Catalogue } from '../graphql/loaders.js';
import { Money } from '../graphql/money.js';
import { toInvoiceLine } from '../invoices/invoice.resolver.js';
import { formatMoney } from '../money.js';
import { allFeatures, type Feature } from '../plans/feature.resolver.js';
import { columnOf } from '../plans/feature.js';
import { perInterval } from '../plans/plan.js';
import type { ChangeDraft } from './change-draft.js';
import { type ChangeNotice, ChangePreview, type FeatureDiff, type InvoicePreview } from './change-preview.js';
import { ChangeKind, ChangeTiming } from './classify-change.js';
import type { ChangeNotice as Notice } from './judge-change.js';
import type { NextInvoice } from './next-invoice.js';
import type { ShownChange } from './preview-change.js';
import type { PendingItem } from './pending-change.js';
import { addOnsOf, recurringAmount } from './recurring-amount.js';

export async function toChangePreview(shown: ShownChange, context: Context): Promise<ChangePreview> {
  const { draft, now, token, expiresAt } = shown;
  const { currency } = draft.subscription;
  const money = (minor: number | undefined) => new Money(minor ?? 0, currency);
  const features = await allFeatures(context);
  const catalogue = await context.loaders.catalogue();
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
    fromAddOns: addOnsOf(draft.items, catalogue),
    toAddOns: addOnsOf(draft.targets, catalogue),
    lines: (now?.lines ?? []).map((line) => toInvoiceLine(line, currency)),
    subtotal: money(now?.subtotal),
    discount: money(now?.discount),
    tax: typeof now?.tax === 'number' ? money(now.tax) : null,
    creditApplied: money(now?.creditApplied),
    carriedOver: money(now?.carriedOver),
    amountDueNow: money(now?.amountDue),
    creditGranted: money(now?.creditGranted),
    ...recurringOf(draft, catalogue),
    features: toDiffs(draft, features),
    paymentMethod: draft.paymentMethod,
    summary: summaryOf(shown, catalogue),
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
    carriedOver: money(amounts.carriedOver),
    amountDue: money(amounts.amountDue),
  };
}

const toNotice = ({ feature, remedy, ...notice }: Notice, features: readonly Feature[]): ChangeNotice => ({
  ...notice,
  remedy: Remedy[remedy],
  feature: features.find(({ key }) => key === feature) ?? null,
});

/** Every feature of either plan, in the words of the table of plans. */
function toDiffs({ features: diffs }: ChangeDraft, features: readonly Feature[]): FeatureDiff[] {
  const granted = (side: 'before' | 'after') => diffs.flatMap((diff) => diff[side] ?? []);
  const before = columnOf({ features: granted('before') }, features);
  const after = columnOf({ features: granted('after') }, features);
  const label = (column: typeof before, key: string) => {
    const cell = column.find(({ feature }) => feature.key === key);
    return cell?.included ? cell.label : null;
  };
  return diffs.flatMap(({ key, direction }) => {
    const feature = features.find((one) => one.key === key);
    return feature ? [{ feature, before: label(before, key), after: label(after, key), direction }] : [];
  });
}

function recurringOf(
  { items, targets, subscription: { currency } }: ChangeDraft,
  catalogue: Catalogue,
): Pick<ChangePreview, 'recurringBefore' | 'recurringAfter'> {
  const [before, after] = [items, targets].map((list) => recurringAmount(list, currency, catalogue));
  const money = (amount: number | null | undefined) =>
    typeof amount === 'number' ? new Money(amount, currency) : null;
  return { recurringBefore: money(before), recurringAfter: money(after) };
}

const day = (at: number) => new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(at);

/** What is bought on top, where that changes; none where it stays. */
function changedAddOns({ items, targets }: ChangeDraft, catalogue: Catalogue): string[] {
  const [held, wanted] = [items, targets].map((list: readonly PendingItem[]) =>
    addOnsOf(list, catalogue).map(({ addOn, quantity }) => `${quantity ?? 1} × ${addOn.name}`),
  ) as [string[], string[]];
  if (held.sort().join() === wanted.sort().join()) return [];
  return wanted.length > 0 ? wanted : ['no add-ons'];
}

function summaryOf({ draft, now }: ShownChange, catalogue: Catalogue): string {
  const { kind, timing, effectiveAt, toPlan, toPrice, toSeats, fromSeats, blockers, subscription } = draft;
  const [blocker] = blockers;
  if (blocker) return blocker.message;
  if (kind === ChangeKind.NO_OP) return `You have ${toPlan.name} already.`;
  if (kind === ChangeKind.REACTIVATION) return `Keep ${toPlan.name}.`;
  if (toPrice === null) return `Go back to ${toPlan.name} on ${day(effectiveAt)}.`;
  const seats = toSeats === fromSeats ? [] : [`${toSeats} ${toSeats === 1 ? 'seat' : 'seats'}`];
  const parts = [...seats, ...changedAddOns(draft, catalogue)];
  const having = parts.length > 0 ? ` with ${new Intl.ListFormat('en-US').format(parts)}` : '';
  const what = `${toPlan.name}${having}, paid ${perInterval(toPrice.interval, toPrice.intervalCount)}`;
  if (timing === ChangeTiming.PERIOD_END) return `Change to ${what}, on ${day(effectiveAt)}.`;
  if (!now || now.amountDue === 0) return `Change to ${what}, now; nothing is charged today.`;
  return `Change to ${what}, now, and pay ${formatMoney(now.amountDue, subscription.currency, 'en-US')}.`;
}
