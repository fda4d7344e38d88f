import type { Account } from '../account.js';
import { boundaryAt, type Recurrence } from '../billing/calendar.js';
import { notPossible, parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { text, timestamp } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { isTerminal } from '../billing/subscription-status.js';
import { erase, find } from './find.js';

type TestClock = Tables['test_helpers.test_clock'];

const DAY = 86_400;
const CUSTOMERS = 3;

function customersOf(account: Account, clock: string): Tables['customer'][] {
  return account.store.all('customer').filter(({ test_clock }) => test_clock === clock);
}

/** At most two of the shortest interval among the clock's subscriptions, or two years. */
function furthest(account: Account, clock: TestClock): number {
  const recurrences = customersOf(account, clock.id)
    .flatMap(({ id }) => account.store.where('subscription', 'customer', id))
    .filter(({ status }) => !isTerminal(status))
    .flatMap(({ items }) => items.data.map(({ price }) => price.recurring as Recurrence));
  const ends = recurrences.map((recurrence) => boundaryAt(clock.frozen_time, recurrence, 2));
  return ends.length > 0
    ? Math.min(...ends)
    : boundaryAt(clock.frozen_time, { interval: 'year', interval_count: 1 }, 2);
}

/** Refuses a fourth customer on a clock. */
export function checkClockHasRoom(account: Account, clock: string): void {
  if (customersOf(account, clock).length >= CUSTOMERS) {
    throw notPossible(
      `A test clock takes at most ${CUSTOMERS} customers; '${clock}' has them already.`,
      'test_clock_too_many_customers',
      'test_clock',
    );
  }
}

/** The clock has come where it was sent. */
export function finishAdvance(account: Account, id: string, target: number): void {
  if (!account.store.get('test_helpers.test_clock', id)) return;
  account.store.put('clock_time', { id, now: target });
  const ready = account.update('test_helpers.test_clock', id, {
    frozen_time: target,
    status: 'ready',
    status_details: {},
  });
  account.emit('test_helpers.test_clock.ready', ready);
}

function deleteClock(account: Account, id: string): unknown {
  const clock = find(account, 'test_helpers.test_clock', id);
  for (const customer of customersOf(account, id)) {
    for (const subscription of account.store.where('subscription', 'customer', customer.id)) {
      account.store.remove('subscription', subscription.id);
    }
    for (const entry of account.store.all('agenda')) if (entry.clock === id) account.store.remove('agenda', entry.id);
    erase(account, 'customer', customer.id, 'customer');
  }
  account.store.remove('clock_time', id);
  account.emit('test_helpers.test_clock.deleted', clock);
  return erase(account, 'test_helpers.test_clock', id, 'test_helpers.test_clock');
}

export const testClockRoutes = [
  route(
    'POST',
    '/v1/test_helpers/test_clocks',
    { frozen_time: timestamp().required(), name: text(300) },
    ({ account, params }) => {
      const id = account.newId('clock');
      account.store.put('clock_time', { id, now: params.frozen_time });
      return account.create(
        'test_helpers.test_clock',
        {
          id,
          object: 'test_helpers.test_clock',
          created: account.now(),
          deletes_after: account.now() + 30 * DAY,
          frozen_time: params.frozen_time,
          livemode: false,
          name: params.name ?? null,
          status: 'ready',
          status_details: {},
        },
        'test_helpers.test_clock.created',
      );
    },
  ),
  route('GET', '/v1/test_helpers/test_clocks', paging, ({ account, params }) =>
    page('/v1/test_helpers/test_clocks', account.store.all('test_helpers.test_clock'), params),
  ),
  route('GET', '/v1/test_helpers/test_clocks/:id', {}, ({ account, id }) =>
    find(account, 'test_helpers.test_clock', id),
  ),
  route(
    'POST',
    '/v1/test_helpers/test_clocks/:id/advance',
    { frozen_time: timestamp().required() },
    ({ account, params, id }) => {
      const clock = find(account, 'test_helpers.test_clock', id);
      const target = params.frozen_time;
      if (clock.status !== 'ready')
        throw notPossible(`The test clock '${id}' is ${clock.status}; wait until it is ready.`);
      if (target <= clock.frozen_time)
        throw parameterInvalid(
          'frozen_time',
          `A test clock only goes forward: it stands at ${clock.frozen_time}, asked for ${target}.`,
        );
      const limit = furthest(account, clock);
      if (target > limit)
        throw parameterInvalid(
          'frozen_time',
          `You cannot advance a test clock by more than two intervals of its shortest subscription: at most to ${limit}, asked for ${target}.`,
        );
      const advancing = account.update(
        'test_helpers.test_clock',
        id,
        { status: 'advancing', status_details: { advancing: { target_frozen_time: target } } },
        'test_helpers.test_clock.advancing',
      );
      account.advanceTestClock(id, target);
      return advancing;
    },
  ),
  route('DELETE', '/v1/test_helpers/test_clocks/:id', {}, ({ account, id }) => deleteClock(account, id)),
];
