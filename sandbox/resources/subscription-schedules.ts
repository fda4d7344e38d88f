import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { redeemDiscounts } from '../billing/discount-life.js';
import { attachSchedule, enterPhase, finishSchedule, phaseAt, planSchedule } from '../billing/run-schedule.js';
import { changeSubscription } from '../billing/change-subscription.js';
import { applyChange } from '../billing/apply-change.js';
import { boundaryAt, type Recurrence } from '../billing/calendar.js';
import { checkedPrice } from '../billing/subscription-items.js';
import { itemsForPhase, sameItems } from '../billing/schedule-phase.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  currency,
  inRange,
  integer,
  list,
  mergeMetadata,
  metadata,
  momentOr,
  Parameter,
  range,
  record,
  text,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { find, findNamed } from './find.js';
import { billingMode, discountList, prorationBehavior } from './subscription-params.js';

export type Schedule = Tables['subscription_schedule'];
export type Phase = Schedule['phases'][number];

const noIterations: Parameter<never> = new Parameter((_raw, name) => {
  throw parameterInvalid(
    name,
    `Received unknown parameter: ${name}. Give the phase a duration or an end_date.`,
    'parameter_unknown',
  );
}, false);

const moment = momentOr('now');

export const phaseList = list(
  record({
    add_invoice_items: list(record({ price: text().required(), quantity: integer(0) }), 20),
    automatic_tax: record({ enabled: yesNo().required() }),
    billing_cycle_anchor: choice('automatic', 'phase_start'),
    collection_method: choice('charge_automatically', 'send_invoice'),
    currency: currency(),
    default_payment_method: text(),
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

const shared = {
  default_settings: record({
    collection_method: choice('charge_automatically', 'send_invoice'),
    default_payment_method: text(),
    description: clearableText(),
  }),
  end_behavior: choice('cancel', 'release', 'renew'),
  metadata: metadata(),
  phases: phaseList,
};
const creating = {
  ...shared,
  billing_mode: billingMode,
  customer: text(),
  from_subscription: text(),
  start_date: moment,
};
const updating = { ...shared, proration_behavior: prorationBehavior };

/** The phases with every date worked out: each begins where the one before ends. */
function resolvePhases(
  account: Account,
  given: NonNullable<PhaseParams>,
  context: { start: number; customer: string; currency: string; now: number },
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

function phaseFrom(
  account: Account,
  phase: NonNullable<PhaseParams>[number],
  {
    start,
    end,
    customer,
    currency: code,
    now,
  }: { start: number; end: number; customer: string; currency: string; now: number },
): Phase {
  const trialEnd = phase.trial ? end : phase.trial_end === 'now' ? now : (phase.trial_end ?? null);
  return {
    add_invoice_items: (phase.add_invoice_items ?? []).map(({ price, quantity = 1 }) => ({
      discounts: [],
      metadata: {},
      period: { end: { type: 'phase_end' }, start: { type: 'phase_start' } },
      price,
      quantity,
      tax_rates: [],
    })),
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: phase.automatic_tax?.enabled ?? false, liability: null },
    billing_cycle_anchor: phase.billing_cycle_anchor ?? null,
    billing_thresholds: null,
    collection_method: phase.collection_method ?? null,
    currency: phase.currency ?? code,
    default_payment_method: phase.default_payment_method ?? null,
    default_tax_rates: [],
    description: phase.description ?? null,
    discounts: redeemDiscounts(account, phase.discounts ?? [], { customer }).map((discount) => ({
      coupon: null,
      discount,
      promotion_code: null,
    })),
    end_date: end,
    invoice_settings: null,
    items: phase.items.map((item) => ({
      billing_thresholds: null,
      discounts: redeemDiscounts(account, item.discounts ?? [], { customer }).map((discount) => ({
        coupon: null,
        discount,
        promotion_code: null,
      })),
      metadata: mergeMetadata({}, item.metadata),
      plan: item.price,
      price: checkedPrice(account, item.price, phase.currency ?? code).id,
      quantity: item.quantity ?? 1,
      tax_rates: [],
    })),
    metadata: phase.metadata ?? {},
    on_behalf_of: null,
    proration_behavior: phase.proration_behavior ?? 'create_prorations',
    start_date: start,
    transfer_data: null,
    trial_end: trialEnd,
  } as unknown as Phase;
}

function emptySchedule(account: Account, customer: string): Schedule {
  return {
    id: account.newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: {
      type: 'flexible',
      flexible: { proration_discounts: 'included' },
      updated_at: account.now(customer),
    },
    canceled_at: null,
    completed_at: null,
    created: account.now(customer),
    current_phase: null,
    customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [],
    released_at: null,
    released_subscription: null,
    status: 'not_started',
    subscription: null,
    test_clock: account.testClockOf(customer),
  };
}

function fromSubscription(account: Account, id: string, params: Values<typeof creating>): Schedule {
  const other = Object.entries(params).find(
    ([key, value]) => value !== undefined && key !== 'from_subscription' && key !== 'metadata',
  );
  if (other)
    throw parameterInvalid(
      other[0],
      `You cannot set \`${other[0]}\` if \`from_subscription\` is set. Create the schedule first, then update it.`,
    );
  const subscription = findNamed(account, 'subscription', id, 'from_subscription');
  if (subscription.schedule)
    throw notPossible(
      `You cannot migrate a subscription that is already attached to a schedule: \`${subscription.schedule}\`.`,
    );
  if (subscription.ended_at !== null)
    throw notPossible(`The subscription '${id}' has ended; a schedule needs one that lives.`);
  const item = subscription.items.data[0];
  const items = subscription.items.data.map(({ price, quantity, metadata: given }) => ({
    price: price.id,
    quantity,
    metadata: given,
  }));
  const phase = phaseFrom(
    account,
    { items, metadata: {} },
    {
      start: item?.current_period_start ?? subscription.start_date,
      end:
        subscription.trial_end && subscription.status === 'trialing'
          ? subscription.trial_end
          : (item?.current_period_end ?? 0),
      customer: subscription.customer,
      currency: subscription.currency,
      now: account.now(subscription.customer),
    },
  );
  const discounts = subscription.discounts.map((discount) => ({ coupon: null, discount, promotion_code: null }));
  const schedule: Schedule = {
    ...emptySchedule(account, subscription.customer),
    billing_mode: { ...subscription.billing_mode, flexible: subscription.billing_mode.flexible ?? null },
    metadata: mergeMetadata({}, params.metadata),
    phases: [{ ...phase, discounts, trial_end: subscription.status === 'trialing' ? subscription.trial_end : null }],
  };
  account.store.put('subscription_schedule', schedule);
  return attachSchedule(account, schedule.id, subscription.id, 'subscription_schedule.created');
}

export function createSchedule(account: Account, params: Values<typeof creating>): Schedule {
  if (params.from_subscription) return fromSubscription(account, params.from_subscription, params);
  if (!params.customer) throw parameterMissing('customer');
  if (!params.phases?.length) throw parameterMissing('phases');
  const customer = findNamed(account, 'customer', params.customer, 'customer');
  const now = account.now(customer.id);
  const first = params.phases[0]?.items[0]?.price ?? '';
  const code = account.store.get('price', first)?.currency ?? 'usd';
  const start = params.start_date === 'now' || params.start_date === undefined ? now : params.start_date;
  const empty = emptySchedule(account, customer.id);
  const schedule = account.create(
    'subscription_schedule',
    {
      ...empty,
      ...(params.billing_mode
        ? {
            billing_mode: {
              type: params.billing_mode.type,
              flexible: params.billing_mode.type === 'classic' ? null : { proration_discounts: 'included' },
              updated_at: now,
            },
          }
        : {}),
      default_settings: { ...empty.default_settings, ...params.default_settings },
      end_behavior: params.end_behavior ?? 'release',
      metadata: mergeMetadata({}, params.metadata),
      phases: resolvePhases(account, params.phases, { start, customer: customer.id, currency: code, now }),
    },
    'subscription_schedule.created',
  );
  if (start <= now) enterPhase(account, schedule.id);
  else planSchedule(account, schedule);
  return find(account, 'subscription_schedule', schedule.id);
}

export function updateSchedule(account: Account, id: string, params: Values<typeof updating>): Schedule {
  const schedule = find(account, 'subscription_schedule', id);
  if (schedule.status !== 'active' && schedule.status !== 'not_started')
    throw notPossible(`You cannot update a subscription schedule that is ${schedule.status}.`);
  const now = account.now(schedule.customer);
  const current = phaseAt(schedule, now);
  const [given] = params.phases ?? [];
  const start = current?.start_date ?? schedule.phases[0]?.start_date ?? now;
  if (
    given &&
    current &&
    given.start_date !== undefined &&
    given.start_date !== 'now' &&
    given.start_date !== start &&
    given.start_date !== schedule.phases[0]?.start_date
  ) {
    throw parameterInvalid(
      'phases[0][start_date]',
      `You can not modify the start date of the current phase. Expected: ${start}, got: ${given.start_date}.`,
    );
  }
  if (given && current && given.start_date === undefined) throw parameterMissing('phases[0][start_date]');
  const phases = params.phases
    ? resolvePhases(account, params.phases, {
        start,
        customer: schedule.customer,
        currency: current?.currency ?? schedule.phases[0]?.currency ?? 'usd',
        now,
      })
    : schedule.phases;
  const { metadata: change, default_settings } = params;
  const after = account.update(
    'subscription_schedule',
    id,
    {
      phases,
      end_behavior: params.end_behavior ?? schedule.end_behavior,
      metadata: mergeMetadata(schedule.metadata ?? {}, change),
      ...(default_settings ? { default_settings: { ...schedule.default_settings, ...default_settings } } : {}),
    },
    'subscription_schedule.updated',
  );
  applyCurrentPhase(account, after, params.proration_behavior);
  planSchedule(account, after);
  return find(account, 'subscription_schedule', id);
}

/** An edit of the phase that runs changes the subscription at once, prorated as the request says. */
function applyCurrentPhase(
  account: Account,
  schedule: Schedule,
  proration: 'always_invoice' | 'create_prorations' | 'none' | undefined,
): void {
  const subscription = schedule.subscription ? find(account, 'subscription', schedule.subscription) : undefined;
  const phase = subscription ? phaseAt(schedule, account.now(schedule.customer)) : undefined;
  if (!subscription || !phase) return;
  account.update('subscription_schedule', schedule.id, {
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
  });
  if (!sameItems(subscription, phase)) {
    applyChange(account, subscription.id, {
      items: itemsForPhase(subscription, phase),
      proration_behavior: proration ?? 'create_prorations',
      patch: { metadata: mergeMetadata(subscription.metadata, phase.metadata) },
    });
  } else {
    changeSubscription(account, subscription.id, { metadata: mergeMetadata(subscription.metadata, phase.metadata) });
  }
}

export const subscriptionScheduleRoutes = [
  route('POST', '/v1/subscription_schedules', creating, ({ account, params }) => createSchedule(account, params)),
  route(
    'GET',
    '/v1/subscription_schedules',
    { ...paging, created: range(), customer: text(), released_at: range(), scheduled: yesNo() },
    ({ account, params }) =>
      page(
        '/v1/subscription_schedules',
        account.store.all('subscription_schedule'),
        params,
        (row) =>
          (params.customer === undefined || row.customer === params.customer) &&
          (params.scheduled === undefined || (row.status === 'not_started') === params.scheduled) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/subscription_schedules/:id', {}, ({ account, id }) => find(account, 'subscription_schedule', id)),
  route('POST', '/v1/subscription_schedules/:id', updating, ({ account, params, id }) =>
    updateSchedule(account, id, params),
  ),
  route('POST', '/v1/subscription_schedules/:id/release', { preserve_cancel_date: yesNo() }, ({ account, id }) => {
    mustRun(find(account, 'subscription_schedule', id), 'release');
    return finishSchedule(account, id, 'released');
  }),
  route(
    'POST',
    '/v1/subscription_schedules/:id/cancel',
    { invoice_now: yesNo(), prorate: yesNo() },
    ({ account, params, id }) => {
      const schedule = find(account, 'subscription_schedule', id);
      mustRun(schedule, 'cancel');
      finishSchedule(account, id, 'canceled');
      if (schedule.subscription)
        cancelNow(account, schedule.subscription, {
          reason: 'cancellation_requested',
          invoice_now: params.invoice_now ?? true,
          prorate: params.prorate ?? true,
        });
      return find(account, 'subscription_schedule', id);
    },
  ),
];

function mustRun({ id, status }: Schedule, verb: string): void {
  if (status === 'active' || status === 'not_started') return;
  throw notPossible(
    `You cannot ${verb} the subscription schedule '${id}': it is currently in the \`${status}\` status.`,
  );
}
