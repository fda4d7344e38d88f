import type Stripe from 'stripe';
import type { Account } from '../account.js';
import { tellThin } from '../events/create-event.js';
import { StripeError } from '../http/errors.js';
import { byKey, choice, list, record, text } from '../http/parameters.js';
import { route } from '../http/route.js';
import { cancelMeterEvent, recordMeterEvent } from '../resources/meters.js';
import type { Wire } from '../wire.js';
import { moment, rfc3339 } from './answers.js';

const event = {
  event_name: text(100).required(),
  identifier: text(100),
  payload: byKey(text()).required(),
  timestamp: moment(),
};

const LARGEST_STREAM = 100;

export const v2MeterEventRoutes = [
  route('POST', '/v2/billing/meter_events', event, ({ account, params }): Wire<Stripe.V2.Billing.MeterEvent> => {
    const made = recordMeterEvent(account, params);
    return {
      ...made,
      object: 'v2.billing.meter_event',
      created: rfc3339(made.created),
      timestamp: rfc3339(made.timestamp),
    };
  }),
  route(
    'POST',
    '/v2/billing/meter_event_adjustments',
    {
      cancel: record({ identifier: text(100).required() }).required(),
      event_name: text(100).required(),
      type: choice('cancel').required(),
    },
    ({ account, params }): Wire<Stripe.V2.Billing.MeterEventAdjustment> => {
      cancelMeterEvent(account, params.event_name, params.cancel.identifier);
      return {
        id: account.newId('mea'),
        object: 'v2.billing.meter_event_adjustment',
        cancel: params.cancel,
        created: rfc3339(account.now()),
        event_name: params.event_name,
        livemode: false,
        status: 'complete',
        type: 'cancel',
      };
    },
  ),
  // A stream is taken first and checked afterwards: what is wrong with an event is told by a thin event.
  route(
    'POST',
    '/v2/billing/meter_event_stream',
    { events: list(record(event), LARGEST_STREAM).required() },
    ({ account, params }) => {
      const refused: { identifier: string; error: StripeError; meter: string | null }[] = [];
      for (const given of params.events) {
        try {
          recordMeterEvent(account, given);
        } catch (error) {
          if (!(error instanceof StripeError)) throw error;
          refused.push({ identifier: given.identifier ?? '', error, meter: meterNamed(account, given.event_name) });
        }
      }
      for (const meter of new Set(refused.map((one) => one.meter)))
        reportErrors(
          account,
          meter,
          refused.filter((one) => one.meter === meter),
        );
      return {};
    },
  ),
];

function meterNamed(account: Account, eventName: string): string | null {
  const meter = account.store
    .all('billing.meter')
    .find((row) => row.status === 'active' && row.event_name === eventName);
  return meter?.id ?? null;
}

function reportErrors(
  account: Account,
  meter: string | null,
  refused: { identifier: string; error: StripeError }[],
): void {
  const at = account.now();
  const samples = refused
    .slice(0, 10)
    .map(({ identifier, error }) => ({ error_message: error.message, request: { identifier } }));
  const code = meter === null ? 'no_meter' : 'meter_event_invalid_value';
  tellThin(account, {
    type: meter === null ? 'v1.billing.meter.no_meter_found' : 'v1.billing.meter.error_report_triggered',
    related_object: meter === null ? null : { id: meter, type: 'billing.meter', url: `/v1/billing/meters/${meter}` },
    data: {
      developer_message_summary: `There ${refused.length === 1 ? 'is 1 invalid event' : `are ${refused.length} invalid events`}`,
      reason: {
        error_count: refused.length,
        error_types: [{ code, error_count: refused.length, sample_errors: samples }],
      },
      validation_start: rfc3339(at),
      validation_end: rfc3339(at),
    },
  });
}
