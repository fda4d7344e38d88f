import type Stripe from 'stripe';
import type { Account } from '../account.js';
import { usageOf } from '../billing/usage.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { byKey, choice, record, text, timestamp, type Values } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { MeterEventRow, Tables } from '../store/tables.js';
import type { Wire } from '../wire.js';
import { find, findNamed } from './find.js';

const DAY = 86_400;
const OLDEST = 35 * DAY;
const FUTURE = 300;
const WINDOWS = { hour: 3600, day: DAY } as const;

const creating = {
  customer_mapping: record({ type: choice('by_id').required(), event_payload_key: text(100).required() }),
  default_aggregation: record({ formula: choice('count', 'last', 'sum').required() }).required(),
  display_name: text(250).required(),
  event_name: text(100).required(),
  event_time_window: choice('day', 'hour'),
  value_settings: record({ event_payload_key: text(100).required() }),
};

function createMeter(account: Account, params: Values<typeof creating>): Tables['billing.meter'] {
  if (
    account.store.all('billing.meter').some((row) => row.status === 'active' && row.event_name === params.event_name)
  ) {
    throw notPossible(
      `An active meter already uses the event name '${params.event_name}'.`,
      'resource_already_exists',
      'event_name',
    );
  }
  const now = account.now();
  return account.create(
    'billing.meter',
    {
      id: account.newId('mtr'),
      object: 'billing.meter',
      created: now,
      customer_mapping: params.customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
      default_aggregation: params.default_aggregation,
      display_name: params.display_name,
      event_name: params.event_name,
      event_time_window: params.event_time_window ?? null,
      livemode: false,
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: now,
      value_settings: params.value_settings ?? { event_payload_key: 'value' },
    },
    'billing.meter.created',
  );
}

const event = {
  event_name: text(100).required(),
  identifier: text(100),
  payload: byKey(text()).required(),
  timestamp: timestamp(),
};

/** Counts one use for its customer. `timestamp` is in Unix seconds. */
export function recordMeterEvent(account: Account, params: Values<typeof event>): Wire<Stripe.Billing.MeterEvent> {
  const meter = account.store
    .all('billing.meter')
    .find((row) => row.status === 'active' && row.event_name === params.event_name);
  if (!meter)
    throw parameterInvalid('event_name', `No active meter found matching the event name '${params.event_name}'.`);
  const customer = params.payload[meter.customer_mapping.event_payload_key];
  if (!customer) throw parameterMissing(`payload[${meter.customer_mapping.event_payload_key}]`);
  findNamed(account, 'customer', customer, `payload[${meter.customer_mapping.event_payload_key}]`);
  const given = params.payload[meter.value_settings.event_payload_key];
  const value = meter.default_aggregation.formula === 'count' && given === undefined ? 1 : Number(given);
  if (!Number.isFinite(value))
    throw parameterInvalid(
      `payload[${meter.value_settings.event_payload_key}]`,
      `The value of a meter event must be a number (found '${given}').`,
    );
  const now = account.now(customer);
  const at = params.timestamp ?? now;
  if (at < now - OLDEST || at > now + FUTURE)
    throw parameterInvalid(
      'timestamp',
      'The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.',
    );
  const identifier = params.identifier ?? account.newWord(32);
  const held = account.store.get('meter_event', identifier);
  if (held && held.created > now - DAY)
    throw notPossible(`An event already exists with identifier ${identifier}.`, 'duplicate_meter_event');
  const row: MeterEventRow = {
    id: identifier,
    event_name: params.event_name,
    customer: `${params.event_name} ${customer}`,
    value,
    timestamp: at,
    created: now,
    canceled: false,
  };
  account.store.put('meter_event', row);
  return {
    object: 'billing.meter_event',
    created: now,
    event_name: params.event_name,
    identifier,
    livemode: false,
    payload: params.payload,
    timestamp: at,
  };
}

/** Takes a reported use back, for a day. */
export function cancelMeterEvent(account: Account, eventName: string, identifier: string): void {
  const held = find(account, 'meter_event', identifier);
  if (held.event_name !== eventName)
    throw notPossible(`The meter event '${identifier}' was not sent as '${eventName}'.`);
  if (held.created < account.now() - DAY)
    throw notPossible(`The meter event '${identifier}' is older than 24 hours and cannot be canceled.`);
  account.store.put('meter_event', { ...held, canceled: true });
}

const summaries = {
  ...paging,
  customer: text().required(),
  end_time: timestamp().required(),
  start_time: timestamp().required(),
  value_grouping_window: choice('day', 'hour'),
};

function listSummaries(account: Account, id: string, params: Values<typeof summaries>): unknown {
  const meter = find(account, 'billing.meter', id);
  const { start_time: start, end_time: end, customer } = params;
  const step = params.value_grouping_window ? WINDOWS[params.value_grouping_window] : end - start;
  const unit = params.value_grouping_window ? step : 60;
  if (start % unit !== 0 || end % unit !== 0)
    throw parameterInvalid(
      'start_time',
      `start_time and end_time must be aligned with ${params.value_grouping_window ?? 'minute'} boundaries.`,
    );
  if (end <= start) throw parameterInvalid('end_time', 'end_time must lie after start_time.');
  const rows = [];
  for (let from = start; from < end; from += step) {
    rows.push({
      id: `mtrsum_${id.slice(4)}_${from}`,
      object: 'billing.meter_event_summary',
      aggregated_value: usageOf(account, meter, customer, from, Math.min(from + step, end)),
      end_time: Math.min(from + step, end),
      livemode: false,
      meter: id,
      start_time: from,
    });
  }
  return page(`/v1/billing/meters/${id}/event_summaries`, rows, params);
}

export const meterRoutes = [
  route('POST', '/v1/billing/meters', creating, ({ account, params }) => createMeter(account, params)),
  route('GET', '/v1/billing/meters', { ...paging, status: choice('active', 'inactive') }, ({ account, params }) =>
    page(
      '/v1/billing/meters',
      account.store.all('billing.meter'),
      params,
      (row) => params.status === undefined || row.status === params.status,
    ),
  ),
  route('GET', '/v1/billing/meters/:id', {}, ({ account, id }) => find(account, 'billing.meter', id)),
  route('POST', '/v1/billing/meters/:id', { display_name: text(250) }, ({ account, params, id }) =>
    account.update(
      'billing.meter',
      find(account, 'billing.meter', id).id,
      { ...params, updated: account.now() },
      'billing.meter.updated',
    ),
  ),
  route('POST', '/v1/billing/meters/:id/deactivate', {}, ({ account, id }) => {
    find(account, 'billing.meter', id);
    return account.update(
      'billing.meter',
      id,
      { status: 'inactive', status_transitions: { deactivated_at: account.now() } },
      'billing.meter.deactivated',
    );
  }),
  route('POST', '/v1/billing/meters/:id/reactivate', {}, ({ account, id }) => {
    find(account, 'billing.meter', id);
    return account.update(
      'billing.meter',
      id,
      { status: 'active', status_transitions: { deactivated_at: null } },
      'billing.meter.reactivated',
    );
  }),
  route('GET', '/v1/billing/meters/:id/event_summaries', summaries, ({ account, params, id }) =>
    listSummaries(account, id, params),
  ),
  route('POST', '/v1/billing/meter_events', event, ({ account, params }) => recordMeterEvent(account, params)),
  route(
    'POST',
    '/v1/billing/meter_event_adjustments',
    {
      cancel: record({ identifier: text(100).required() }),
      event_name: text(100).required(),
      type: choice('cancel').required(),
    },
    ({ account, params }) => {
      const identifier = params.cancel?.identifier;
      if (!identifier) throw parameterMissing('cancel[identifier]');
      cancelMeterEvent(account, params.event_name, identifier);
      return {
        object: 'billing.meter_event_adjustment',
        cancel: { identifier },
        event_name: params.event_name,
        livemode: false,
        status: 'complete',
        type: 'cancel',
      };
    },
  ),
];
