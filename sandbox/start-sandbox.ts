import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Account } from './account.js';
import { addSampleCatalogue } from './catalogue/sample.js';
import { Clock } from './clock/clock.js';
import { Timekeeper } from './clock/timekeeper.js';
import { advanceClock } from './control/clock-routes.js';
import type { Controls } from './control/control.js';
import { answerControl } from './control/dispatch.js';
import { waitForIdle } from './control/state-routes.js';
import { Deliverer } from './delivery/deliverer.js';
import { interruptionFor } from './faults/interrupt.js';
import { Api } from './http/api.js';
import { listen, type Answerer } from './http/server.js';
import { answerPage } from './pages/dispatch.js';
import { freshSeed, systemWall } from './ports.js';
import { manageEndpoint } from './resources/webhook-endpoints.js';
import { routes } from './routes.js';
import { defaultSettings, type SandboxSettings } from './settings.js';
import { StateFile } from './store/state-file.js';
import { Store } from './store/store.js';

export interface SandboxOptions {
  /** 0 takes any free port. Default 0. */
  port?: number;
  /** A loopback address. Default 127.0.0.1. */
  host?: string;
  /** Ids and misbehaviour follow from it. Default: a fresh one, kept in the state. */
  seed?: number;
  /** Where a new sandbox's clock starts: RFC 3339 or milliseconds. Default: wall time. A continued one goes on from its state. */
  clock?: string | number;
  /** The clock stands still between advances. Default false. */
  frozen?: boolean;
  /** Where the state is kept. Default: in memory only. */
  file?: string;
  /** `sample` adds three plans to an empty account. Default `none`. */
  catalogue?: 'sample' | 'none';
  /** The endpoint webhooks go to from the start. */
  endpoint?: { url: string; secret: string; enabledEvents?: string[] };
  settings?: Partial<SandboxSettings>;
}

export interface Sandbox {
  url: string;
  port: number;
  /** Milliseconds since 1970, by the sandbox's clock. */
  now(): number;
  /** Moves the clock to an RFC 3339 time or by an ISO 8601 duration; resolves when all due work and deliveries were done once. */
  advance(to: { to?: string; by?: string }): Promise<{ now: string; frozen: boolean; steps: number }>;
  /** Resolves once nothing is pending; rejects with what still is when for half a minute it has become no less. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** Starts a local Stripe. Any number of them can run in one process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const host = loopback(options.host ?? '127.0.0.1');
  const stateFile = options.file === undefined ? null : new StateFile(resolve(options.file));
  const store = new Store(stateFile);
  const account = openAccount(store, options);
  const deliverer = new Deliverer(account);
  const timekeeper = new Timekeeper(account, () => deliverer.attemptedOnce());
  const reset: Controls['reset'] = async ({ clock, catalogue }) => {
    await timekeeper.between(() => {
      const at = clock ?? account.clock.now();
      const { frozen } = account.clock;
      store.transaction(() => {
        store.clear();
        store.put('meta', { id: 'seed', value: account.seed });
        account.clock.start(at, frozen);
        if (options.endpoint) manageEndpoint(account, options.endpoint);
        if (catalogue === 'sample') addSampleCatalogue(account);
      });
    });
  };
  const controls: Controls = { account, timekeeper, deliverer, stateFile: stateFile?.path ?? null, reset };
  const server = await listen(host, options.port ?? 0, answererFor(controls)).catch((error: unknown) => {
    stateFile?.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  account.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  store.transaction(() => {
    if (options.endpoint) manageEndpoint(account, options.endpoint);
    if (options.catalogue === 'sample') addSampleCatalogue(account);
  });
  store.onCommit(() => deliverer.wake());
  deliverer.resume();
  account.advanceTestClock = (clock, target) => void timekeeper.advanceTestClock(clock, target);
  for (const { id, status_details } of store.all('test_helpers.test_clock')) {
    if (status_details.advancing) account.advanceTestClock(id, status_details.advancing.target_frozen_time);
  }
  void timekeeper.tick();
  return {
    url: account.url,
    port,
    now: () => account.clock.now(),
    advance: (to) => advanceClock(controls, to),
    async idle() {
      for (let left = Infinity; ;) {
        const { idle, pending } = await waitForIdle(controls, PATIENCE_MS);
        if (idle) return;
        if (pending.deliveries >= left)
          throw new Error(`The sandbox has got no further in ${PATIENCE_MS / 1000} s: ${JSON.stringify(pending)}`);
        left = pending.deliveries;
      }
    },
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await Promise.all([closed, timekeeper.stop(), deliverer.stop()]);
      stateFile?.close();
    },
  };
}

/** Anyone who reaches the sandbox can do anything with it, so it listens to its own machine only. */
function loopback(host: string): string {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return host;
  throw new Error(`The sandbox listens on a loopback address only, such as 127.0.0.1 (asked for '${host}').`);
}

function openAccount(store: Store, options: SandboxOptions): Account {
  const clock = new Clock(store, systemWall);
  const settings = { ...defaultSettings, ...options.settings };
  return store.transaction(() => {
    const seed = Number(store.get('meta', 'seed')?.value ?? options.seed ?? freshSeed());
    if (!store.get('meta', 'seed')) {
      store.put('meta', { id: 'seed', value: seed });
      clock.start(startOf(options.clock), options.frozen ?? false);
    }
    return new Account(store, clock, settings, seed);
  });
}

function startOf(clock: string | number | undefined): number {
  const at = typeof clock === 'string' ? Date.parse(clock) : (clock ?? systemWall.now());
  if (!Number.isFinite(at))
    throw new Error(
      `The sandbox's clock cannot start at '${clock}': give an RFC 3339 time such as 2027-01-31T00:00:00Z, or milliseconds.`,
    );
  return at;
}

function answererFor(controls: Controls): Answerer {
  const api = new Api(controls.account, routes);
  return async (request, response) => {
    if (request.path.startsWith('/_sandbox')) return answerControl(controls, request, response);
    if (request.path.startsWith('/v1/') || request.path.startsWith('/v2/'))
      return api.answer(request, interruptionFor(controls.account, request));
    return answerPage(controls.account, request) ?? api.answer(request, interruptionFor(controls.account, request));
  };
}
