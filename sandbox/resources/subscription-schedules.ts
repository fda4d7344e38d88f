import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { enterPhase, finishSchedule, phaseAt, planSchedule } from '../billing/run-schedule.js';
import { changeSubscription } from '../billing/change-subscription.js';
import { applyChange } from '../billing/apply-change.js';
import { itemsForPhase, patchOfPhase, sameItems } from '../billing/schedule-phase.js';
import { updateSubscription } from '../billing/update-subscription.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  clearableText,
  inRange,
  mergeMetadata,
  metadata,
  range,
  record,
  text,
  type Values,
  yesNo,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { scheduleFromSubscription } from './schedule-from-subscription.js';
import { emptySchedule } from './empty-schedule.js';
import { find, findNamed } from './find.js';
import { pauseScheduleList, pauseSchedulesAfter } from './pause-schedules.js';
import { moment, phaseList, resolvePhases } from './schedule-phases.js';
import { billingMode, prorationBehavior } from './subscription-params.js';

export type Schedule = Tables['subscription_schedule'];

const shared = {
  default_settings: record({
    collection_method: choice('charge_automatically', 'send_invoice'),
    default_payment_method: text(),
    description: clearableText(),
  }),
  end_behavior: choice('cancel', 'none', 'release', 'renew'),
  metadata: metadata(),
  pause_schedules: pauseScheduleList,
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

export function createSchedule(account: Account, params: Values<typeof creating>): Schedule {
  if (params.from_subscription) return scheduleFromSubscription(account, params.from_subscription, params);
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
      pause_schedules: pauseSchedulesAfter(account, customer.id, [], params.pause_schedules),
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
        held: heldPrices(account, schedule),
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
      pause_schedules: pauseSchedulesAfter(
        account,
        schedule.customer,
        schedule.pause_schedules,
        params.pause_schedules,
      ),
      ...(default_settings ? { default_settings: { ...schedule.default_settings, ...default_settings } } : {}),
    },
    'subscription_schedule.updated',
  );
  applyCurrentPhase(account, after, params.proration_behavior);
  planSchedule(account, after);
  return find(account, 'subscription_schedule', id);
}

/** What the schedule or its subscription has already. */
function heldPrices(account: Account, { phases, subscription }: Schedule): Set<string> {
  const items = account.store.get('subscription', subscription ?? '')?.items.data ?? [];
  const planned = phases.flatMap((phase) => phase.items.map(({ price }) => String(price)));
  return new Set([...planned, ...items.map(({ price }) => price.id)]);
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
  const patch = patchOfPhase(subscription, phase);
  if (sameItems(subscription, phase)) changeSubscription(account, subscription.id, patch);
  else
    applyChange(account, subscription.id, {
      items: itemsForPhase(subscription, phase),
      proration_behavior: proration ?? 'create_prorations',
      patch,
    });
}

export const subscriptionScheduleRoutes = [
  route('POST', '/v1/subscription_schedules', creating, ({ account, params }) => createSchedule(account, params)),
  route(
    'GET',
    '/v1/subscription_schedules',
    {
      ...paging,
      canceled_at: range(),
      completed_at: range(),
      created: range(),
      customer: text(),
      released_at: range(),
      scheduled: yesNo(),
    },
    ({ account, params }) =>
      page(
        '/v1/subscription_schedules',
        account.store.all('subscription_schedule'),
        params,
        (row) =>
          (params.customer === undefined || row.customer === params.customer) &&
          (params.scheduled === undefined || (row.status === 'not_started') === params.scheduled) &&
          (['canceled_at', 'completed_at', 'released_at'] as const).every(
            (field) => params[field] === undefined || (row[field] !== null && inRange(row[field], params[field])),
          ) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/subscription_schedules/:id', {}, ({ account, id }) => find(account, 'subscription_schedule', id)),
  route('POST', '/v1/subscription_schedules/:id', updating, ({ account, params, id }) =>
    updateSchedule(account, id, params),
  ),
  route(
    'POST',
    '/v1/subscription_schedules/:id/release',
    { preserve_cancel_date: yesNo() },
    ({ account, params, id }) => {
      const { subscription, end_behavior, phases, ...schedule } = find(account, 'subscription_schedule', id);
      mustRun({ id, status: schedule.status }, 'release');
      const after = finishSchedule(account, id, 'released');
      const cancel_at = phases.at(-1)?.end_date;
      if (params.preserve_cancel_date && subscription && end_behavior === 'cancel')
        updateSubscription(account, subscription, { cancel_at });
      return after;
    },
  ),
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

function mustRun({ id, status }: Pick<Schedule, 'id' | 'status'>, verb: string): void {
  if (status === 'active' || status === 'not_started') return;
  throw notPossible(
    `You cannot ${verb} the subscription schedule '${id}': it is currently in the \`${status}\` status.`,
  );
}
