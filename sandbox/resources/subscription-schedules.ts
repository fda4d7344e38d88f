import type { Account } from '../account.js';
import { cancelNow } from '../billing/cancel-now.js';
import { attachSchedule, enterPhase, finishSchedule, phaseAt, planSchedule } from '../billing/run-schedule.js';
import { changeSubscription } from '../billing/change-subscription.js';
import { applyChange } from '../billing/apply-change.js';
import { itemsForPhase, sameItems } from '../billing/schedule-phase.js';
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
import { emptySchedule } from './empty-schedule.js';
import { find, findNamed } from './find.js';
import { moment, phaseFrom, phaseList, resolvePhases } from './schedule-phases.js';
import { billingMode, prorationBehavior } from './subscription-params.js';

export type Schedule = Tables['subscription_schedule'];

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
