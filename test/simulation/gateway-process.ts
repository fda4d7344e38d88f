import { createHmac } from 'node:crypto';
import type { Database } from '../../src/database/database.js';
import type { Hub } from '../../src/live/hub.js';
import { createHub } from '../../src/live/hub.js';
import type { Metrics } from '../../src/operations/figures.js';
import type { BillingClock, Hint, Hints, Log } from '../../src/ports.js';
import { createSync, type Sync } from '../../src/sync/sync.js';
import { createInbox } from '../../src/webhooks/inbox.js';
import { createReceiveWebhook } from '../../src/webhooks/receive-webhook.js';
import { type Chance, createSeededRandom } from './chance.js';
import { type Fences, Gate, type Phase } from './gate.js';
import type { Schedule } from './schedule.js';
import { createSimulatedStripe, type StripeFaults } from './simulated-stripe.js';
import type { SentEvent, StripeModel } from './stripe-model.js';

export const POLICY = { graceDays: 7 };
const SECRET = 'whsec_simulation';
const HOUR = 3_600_000;

export interface ProcessNeeds {
  schedule: Schedule;
  chance: Chance;
  database: Database;
  model: StripeModel;
  faults: StripeFaults;
  billing: BillingClock;
  /** Hints of every process. */
  hints: Hints;
  count: (what: string) => void;
  onDeath: (phase: Phase) => void;
  fences: Fences;
  onLateWrite: (subject: string) => void;
}

/** One process of the gateway: all its state is in memory and dies with it. */
export interface GatewayProcess {
  gate: Gate;
  hub: Hub;
  sync: Sync;
  /** Posts a webhook; false when it was refused. Never answers once the process is dead. */
  receive(event: SentEvent): Promise<boolean>;
}

export function startProcess(needs: ProcessNeeds, diesAt: { phase: Phase; time: number } | null): GatewayProcess {
  const { schedule, chance, model, faults, billing, count } = needs;
  const gate = new Gate(schedule, chance.fork(), diesAt, needs.onDeath, needs.fences, needs.onLateWrite);
  const database = gate.database(needs.database);
  const timers = {
    after: gate.later.bind(gate),
    sleep: (ms: number) => schedule.sleep(ms).then(() => gate.pass('other')),
    turn: () => Promise.resolve(),
  };
  // The application's clock is an hour off in some; leases and back-off live by the store's.
  const skew = chance.often(0.2) ? chance.whole(-HOUR, HOUR) : 0;
  const wall = { now: () => schedule.now + skew };
  const log = loudLog(count);
  const stripe = createSimulatedStripe({
    ...{ model, faults, chance: chance.fork() },
    now: () => schedule.now,
    travel: (ms) => gate.travel(ms),
    onStale: () => count('stale reads'),
  });
  const ownHints = hintsThrough(gate, needs.hints);
  const random = createSeededRandom(chance.fork());
  const metrics = counting(count);
  const sync = createSync(
    { database, stripe, random, log, billing, wall, timers },
    { policy: POLICY, announce: (hint) => ownHints.publish(hint), metrics },
  );
  const hub = createHub({ database, hints: ownHints, timers, log });
  const receive = createReceiveWebhook({
    ...{ inbox: createInbox(database, timers), wall, log, secrets: [SECRET], livemode: false, metrics },
    draining: () => false,
    knock: (subject) => sync.knock(subject),
  });
  sync.start();
  hub.start();
  return {
    ...{ gate, hub, sync },
    async receive({ body }) {
      const t = Math.floor(wall.now() / 1000);
      const v1 = createHmac('sha256', SECRET).update(`${t}.`).update(body).digest('hex');
      const meta = { remoteAddress: undefined, requestId: 'simulation' };
      const { status } = await receive(body, { 'stripe-signature': `t=${t},v1=${v1}` }, meta);
      await gate.pass('intake');
      return status === 200;
    },
  };
}

function hintsThrough(gate: Gate, hints: Hints): Hints {
  return {
    publish: (hint: Hint) => void (gate.dead || hints.publish(hint)),
    subscribe: (listener) => hints.subscribe((hint) => void (gate.dead || gate.later(0, () => listener(hint)))),
    close: () => Promise.resolve(),
  };
}

const labelled: Record<string, string> = {
  billing_lease_steals_total: 'leases stolen',
  billing_fence_rejected_total: 'fences rejected',
  billing_webhook_duplicate_total: 'duplicates',
};

function counting(count: (what: string) => void): Metrics {
  return {
    count(name, ...labels) {
      const label = labelled[name];
      if (label) count(label);
      if (name === 'billing_webhook_failed_total' && (labels[0] as { class?: string })?.class === 'stale')
        count('suspect reads');
    },
    observe() {},
    start: () => () => {},
  };
}

function loudLog(count: (what: string) => void): Log {
  const silent = () => {};
  return { debug: silent, info: silent, warn: silent, error: (_fields, message) => count(`error: ${message}`) };
}
