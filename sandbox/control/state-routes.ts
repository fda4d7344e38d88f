import type { TableName } from '../store/tables.js';
import { clockShown } from './clock-routes.js';
import { json, type ControlRoute, type Controls } from './control.js';

const counted: TableName[] = [
  'product',
  'price',
  'customer',
  'subscription',
  'invoice',
  'checkout.session',
  'payment_intent',
  'charge',
  'event',
];

interface Pending {
  deliveries: number;
  due_work: boolean;
}

function pendingOf({ deliverer, timekeeper }: Controls): Pending {
  return { deliveries: deliverer.pendingCount(), due_work: timekeeper.hasDueWork() };
}

/** Waits until nothing is pending, or says what still is. */
export async function waitForIdle(controls: Controls, timeoutMs: number): Promise<{ idle: boolean; pending: Pending }> {
  const isIdle = (): boolean => {
    const pending = pendingOf(controls);
    return pending.deliveries === 0 && !pending.due_work;
  };
  if (!isIdle()) {
    if (controls.timekeeper.hasDueWork()) await controls.timekeeper.tick();
    let late = false;
    await new Promise<void>((resolve) => {
      const cancel = controls.account.clock.wall.after(timeoutMs, () => {
        late = true;
        resolve();
      });
      void controls.deliverer
        .until(() => late || isIdle())
        .then(() => {
          cancel();
          resolve();
        });
    });
  }
  return { idle: isIdle(), pending: pendingOf(controls) };
}

function shownState(controls: Controls): object {
  const { account, stateFile, timekeeper } = controls;
  const next = timekeeper.nextDue();
  return {
    clock: { ...clockShown(controls), next_step: next === null ? null : new Date(next * 1000).toISOString() },
    url: account.url,
    pid: process.pid,
    state_file: stateFile,
    seed: account.seed,
    counts: Object.fromEntries(counted.map((table) => [table, account.store.count(table)])),
    pending: pendingOf(controls),
    webhook_endpoints: account.store.all('webhook_endpoint').map((endpoint) => ({
      ...endpoint,
      managed: account.store.get('endpoint_secret', endpoint.id)?.managed ?? false,
    })),
    event_destinations: account.store.all('v2.core.event_destination'),
    settings: account.settings,
  };
}

export const stateRoutes: ControlRoute[] = [
  { method: 'GET', path: /^\/_sandbox\/state$/, handle: ({ controls }) => json(shownState(controls)) },
  {
    method: 'GET',
    path: /^\/_sandbox\/idle$/,
    handle: async ({ controls, query }) => json(await waitForIdle(controls, Number(query.get('timeout_ms') ?? 5000))),
  },
];
