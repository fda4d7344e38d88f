import type { Account } from '../account.js';
import { boundaryAt, type Recurrence } from '../billing/calendar.js';
import { redeemDiscounts, type DiscountParam } from '../billing/discount-life.js';
import { checkedPrice } from '../billing/subscription-items.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import {
  choice,
  clearableText,
  currency,
  integer,
  list,
  mergeMetadata,
  metadata,
  momentOr,
  Parameter,
  record,
  text,
  type Values,
  yesNo,
} from '../http/parameters.js';
import type { Tables } from '../store/tables.js';
import { neededPrice } from './inline-price.js';
import { discountList, oneTimeItems, prorationBehavior } from './subscription-params.js';
import { ratesNamed, taxRateList } from './tax-rates.js';

export type Phase = Tables['subscription_schedule']['phases'][number];

const noIterations: Parameter<never> = new Parameter((_raw, name) => {
  throw parameterInvalid(
    name,
    `Received unknown parameter: ${name}. Give the phase a duration or an end_date.`,
    'parameter_unknown',
  );
}, false);

export const moment = momentOr('now');

export const phaseList = list(
  record({
    add_invoice_items: oneTimeItems,
    automatic_tax: record({ enabled: yesNo().required() }),
    billing_cycle_anchor: choice('automatic', 'phase_start'),
    collection_method: choice('charge_automatically', 'send_invoice'),
    currency: currency(),
    default_payment_method: text(),
    default_tax_rates: taxRateList,
    description: clearableText(),
    discounts: discountList.clearable(),
    duration: record({ interval: choice('day', 'week', 'month', 'year').required(), interval_count: integer(1) }),
    end_date: moment,
    invoice_settings: record({ days_until_due: integer(0) }),
    items: list(
      record({
        price: text().required(),
        quantity: integer(0),
        metadata: metadata(),
        discounts: discountList.clearable(),
        tax_rates: taxRateList,
      }),
      20,
    ).required(),
    iterations: noIterations,
    metadata: metadata(),
    proration_behavior: prorationBehavior,
    start_date: moment,
    trial: yesNo(),
    trial_end: moment,
  }),
  10,
);
export type PhaseParams = Values<{ phases: typeof phaseList }>['phases'];

/** The phases with every date worked out: each begins where the one before ends. */
export function resolvePhases(
  account: Account,
  given: NonNullable<PhaseParams>,
  context: { start: number; customer: string; currency: string; now: number; held?: ReadonlySet<string> },
): Phase[] {
  let start = context.start;
  return given.map((phase, place) => {
    const name = `phases[${place}]`;
    const begins = phase.start_date === 'now' ? context.now : (phase.start_date ?? start);
    if (place > 0 && begins !== start)
      throw parameterInvalid(
        `${name}[start_date]`,
        `The start_date of a phase must equal the end_date of the phase before (${start}); found ${begins}.`,
      );
    const last = place === given.length - 1;
    if (phase.end_date !== undefined && phase.duration)
      throw parameterInvalid(
        `${name}[duration]`,
        `You may only specify one of these parameters: ${name}[end_date], ${name}[duration].`,
      );
    const end =
      phase.end_date === 'now'
        ? context.now
        : (phase.end_date ??
          (phase.duration
            ? boundaryAt(begins, { interval_count: 1, ...phase.duration } as Recurrence, 1)
            : given[place + 1]?.start_date));
    if (typeof end !== 'number') throw parameterMissing(`${name}[${last ? 'duration' : 'end_date'}]`);
    if (end <= begins)
      throw parameterInvalid(
        `${name}[end_date]`,
        `The end_date of a phase must lie after its start_date (${begins}); found ${end}.`,
      );
    start = end;
    return phaseFrom(account, phase, { ...context, start: begins, end });
  });
}

export function phaseFrom(
  account: Account,
  phase: NonNullable<PhaseParams>[number],
  {
    start,
    end,
    customer,
    currency: code,
    now,
    held,
  }: {
    start: number;
    end: number;
    customer: string;
    currency: string;
    now: number;
    /** Prices that are there already, which may be sold no more. */
    held?: ReadonlySet<string>;
  },
): Phase {
  const redeemed = (given: DiscountParam[] | null | undefined): Phase['discounts'] =>
    redeemDiscounts(account, given ?? [], { customer }).map((discount) => ({
      coupon: null,
      discount,
      promotion_code: null,
    }));
  const trialEnd = phase.trial ? end : phase.trial_end === 'now' ? now : (phase.trial_end ?? null);
  return {
    add_invoice_items: (phase.add_invoice_items ?? []).map(({ price, price_data, quantity = 1, ...item }, place) => ({
      discounts: redeemed(item.discounts),
      metadata: mergeMetadata({}, item.metadata),
      period: { end: { type: 'phase_end' }, start: { type: 'phase_start' } },
      price: neededPrice(account, { price, price_data }, `add_invoice_items[${place}]`),
      quantity,
      tax_rates: ratesNamed(account, item.tax_rates, 'tax_rates') ?? [],
    })),
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: phase.automatic_tax?.enabled ?? false, liability: null },
    billing_cycle_anchor: phase.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: phase.collection_method ?? null,
    currency: phase.currency ?? code,
    default_payment_method: phase.default_payment_method ?? null,
    default_tax_rates: ratesNamed(account, phase.default_tax_rates, 'default_tax_rates') ?? [],
    description: phase.description ?? null,
    discounts: redeemed(phase.discounts),
    end_date: end,
    invoice_settings: phase.invoice_settings
      ? { account_tax_ids: null, days_until_due: phase.invoice_settings.days_until_due ?? null, issuer: null }
      : null,
    items: phase.items.map((item) => ({
      billing_thresholds: null,
      discounts: redeemed(item.discounts),
      metadata: mergeMetadata({}, item.metadata),
      plan: item.price,
      price: checkedPrice(account, item.price, phase.currency ?? code, held?.has(item.price)).id,
      quantity: item.quantity ?? 1,
      tax_rates: ratesNamed(account, item.tax_rates, 'tax_rates') ?? [],
    })),
    metadata: phase.metadata ?? {},
    on_behalf_of: null,
    proration_behavior: phase.proration_behavior ?? 'create_prorations',
    start_date: start,
    transfer_data: null,
    trial_end: trialEnd,
  } as unknown as Phase;
}
