import type { Account } from '../account.js';
import { boundaryAt, type Recurrence } from '../billing/calendar.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import { choice, integer, list, record, text, timestamp, type Values } from '../http/parameters.js';
import type { Tables } from '../store/tables.js';
import { prorationBehavior } from './subscription-params.js';

type PauseSchedule = Tables['subscription_schedule']['pause_schedules'][number];

export const pauseScheduleList = list(
  record({
    key: text(),
    pause: record({
      pause_at: record({ type: choice('now', 'timestamp').required(), timestamp: timestamp() }),
      settings: record({
        bill_for: record({
          outstanding_usage_through: record({ type: choice('none', 'pause_at') }),
          unused_time_from: record({ type: choice('item_current_period_start', 'none', 'pause_at') }),
        }),
        invoicing_behavior: choice('invoice', 'pending_invoice_item'),
        type: choice('subscription'),
      }),
    }),
    resume: record({
      resume_at: record({
        type: choice('duration', 'now', 'timestamp').required(),
        duration: record({ interval: choice('day', 'month', 'week', 'year').required(), interval_count: integer(1) }),
        timestamp: timestamp(),
      }),
      settings: record({
        billing_cycle_anchor: choice('resume_at', 'unchanged'),
        payment_behavior: choice('resume_on_payment_attempt', 'resume_on_payment_success'),
        proration_behavior: prorationBehavior,
      }),
    }).clearable(),
  }),
  1,
).clearable();

type Given = NonNullable<Values<{ entries: typeof pauseScheduleList }>['entries']>[number];

const scheduled = { type: 'scheduled' } as const;

/** The pauses after this change: an entry with the key that is held keeps what is not given; null clears. */
export function pauseSchedulesAfter(
  account: Account,
  customer: string,
  held: PauseSchedule[],
  given: Given[] | null | undefined,
): PauseSchedule[] {
  if (given === undefined) return held;
  if (given === null) return [];
  const now = account.now(customer);
  return given.map((entry) => {
    const before = held.find(({ key }) => key === entry.key);
    const pause = pauseFrom(entry, before, now);
    return {
      key: entry.key ?? account.newId('pause', 14),
      pause,
      resume: entry.resume === null ? null : resumeFrom(entry, before, pause.pause_at, now),
    };
  });
}

function pauseFrom({ pause }: Given, before: PauseSchedule | undefined, now: number): PauseSchedule['pause'] {
  const name = 'pause_schedules[0][pause][pause_at]';
  const { pause_at: asked, settings } = pause ?? {};
  if (!asked && !before) throw parameterMissing(name);
  if (asked?.type === 'timestamp' && asked.timestamp === undefined) throw parameterMissing(`${name}[timestamp]`);
  const at = asked?.type === 'now' ? now : (asked?.timestamp ?? before?.pause.pause_at ?? now);
  if (asked && at < now) throw parameterInvalid(name, `The pause must lie in the future (found ${at}, now ${now}).`);
  const was = before?.pause.settings;
  return {
    pause_at: at,
    settings: {
      bill_for: {
        outstanding_usage_through: {
          type:
            settings?.bill_for?.outstanding_usage_through?.type ??
            was?.bill_for.outstanding_usage_through.type ??
            'pause_at',
        },
        unused_time_from: {
          type: settings?.bill_for?.unused_time_from?.type ?? was?.bill_for.unused_time_from.type ?? 'pause_at',
        },
      },
      invoicing_behavior: settings?.invoicing_behavior ?? was?.invoicing_behavior ?? 'pending_invoice_item',
      type: 'subscription',
    },
    status: asked || !before ? scheduled : before.pause.status,
  };
}

function resumeFrom(
  { resume }: Given,
  before: PauseSchedule | undefined,
  pauseAt: number,
  now: number,
): PauseSchedule['resume'] {
  if (!resume) return before?.resume ?? null;
  const name = 'pause_schedules[0][resume][resume_at]';
  const { resume_at: asked, settings } = resume;
  if (!asked && !before?.resume) throw parameterMissing(name);
  if (asked?.type === 'timestamp' && asked.timestamp === undefined) throw parameterMissing(`${name}[timestamp]`);
  if (asked?.type === 'duration' && !asked.duration) throw parameterMissing(`${name}[duration]`);
  const at = asked?.duration
    ? boundaryAt(pauseAt, { interval_count: 1, ...asked.duration } as Recurrence, 1)
    : asked?.type === 'now'
      ? now
      : (asked?.timestamp ?? before?.resume?.resume_at ?? now);
  if (at < pauseAt) throw parameterInvalid(name, `The resume must not lie before the pause (${pauseAt}); found ${at}.`);
  const was = before?.resume?.settings;
  return {
    resume_at: at,
    settings: {
      billing_cycle_anchor: settings?.billing_cycle_anchor ?? was?.billing_cycle_anchor ?? 'resume_at',
      payment_behavior: settings?.payment_behavior ?? was?.payment_behavior ?? 'resume_on_payment_success',
      proration_behavior: settings?.proration_behavior ?? was?.proration_behavior ?? 'create_prorations',
    },
    status: scheduled,
  };
}
