import { createHmac } from 'node:crypto';
import { type Config, loadConfig } from '../../src/config.js';
import { startCompleter } from '../../src/intents/completer.js';
import { joinParts } from '../../src/join-parts.js';
import type { Hub } from '../../src/live/hub.js';
import { mailKinds } from '../../src/notifications/decide-mails.js';
import type { Metrics } from '../../src/operations/figures.js';
import type { MetricsRegistry } from '../../src/operations/metrics.js';
import type { Parts } from '../../src/parts.js';
import type { Hint, Hints, Log, Mailer, Ports } from '../../src/ports.js';
import { catchUpChore } from '../../src/sync/catch-up.js';
import { sweepChore } from '../../src/sync/sweep.js';
import { startUpkeep } from '../../src/sync/upkeep.js';
import { MISMATCH } from '../../src/subscriptions/change-plan.js';
import { createInbox } from '../../src/webhooks/inbox.js';
import { createReceiveWebhook } from '../../src/webhooks/receive-webhook.js';
import { createSeededRandom } from './chance.js';
import { type Fences, Gate, type Phase } from './gate.js';
import type { Post } from './post.js';
import { createSimulatedStripe, type Replays } from './simulated-stripe.js';
import type { SentEvent } from './stripe-model.js';
import type { World } from './world.js';

const defaults = loadConfig({ NODE_ENV: 'test' });
/** As a gateway has it that sets nothing; what nobody has looked at for six minutes is looked at again. */
export const CONFIG: Config = {
  ...defaults,
  mails: { ...defaults.mails, kinds: [...mailKinds] },
  sweepAfterHours: 0.1,
};
const SECRET = 'whsec_simulation';

export interface ProcessNeeds {
  world: World;
  post: Post;
  /** Hints of every process. */
  hints: Hints;
  fences: Fences;
  replays: Replays;
  /** How far its clock is wrong, in milliseconds; the store keeps its own time. */
  skew: number;
  /** Whether it reads Stripe's list of events and looks again at what is old. */
  keepsUp: boolean;
  onDeath: (phase: Phase) => void;
}

/** One process of the gateway: all its state is in memory and dies with it. */
export interface GatewayProcess {
  gate: Gate;
  clock: { skew: number };
  parts: Parts;
  hub: Hub;
  mailer: Mailer;
  /** Posts a webhook; false when it was refused. Never answers once the process is dead. */
  receive(event: SentEvent): Promise<boolean>;
}

export function startProcess(needs: ProcessNeeds, diesAt: { phase: Phase; time: number } | null): GatewayProcess {
  const { world, post, hints, fences, replays } = needs;
  const { schedule, count } = world;
  const chance = world.chance.fork();
  const gate = new Gate(world, diesAt, needs.onDeath, fences);
  const clock = { skew: needs.skew };
  const wall = { now: () => schedule.now + clock.skew };
  const timers = {
    after: gate.later.bind(gate),
    sleep: (ms: number) => schedule.sleep(ms).then(() => gate.pass('other')),
    turn: () => Promise.resolve(),
  };
  const mailer = post.mailerOf(gate, chance.fork(), world.faults);
  const travel = gate.travel.bind(gate);
  const ports: Ports = {
    ...{ wall, timers },
    billing: world.billingClock(() => clock.skew),
    random: createSeededRandom(chance.fork()),
    stripe: createSimulatedStripe({ world, replays, chance: chance.fork(), travel }),
    database: gate.database(world.store.database),
    hints: hintsThrough(gate, hints),
    mail: mailer,
    log: loudLog(world),
  };
  const parts = joinParts(CONFIG, ports, { metrics: counting(count) });
  const receive = doorOf(parts);
  start(parts, needs.keepsUp);
  return {
    ...{ gate, clock, parts, mailer },
    hub: parts.hub,
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

/** As `createGateway` does, without its door. */
function start(parts: Parts, keepsUp: boolean): void {
  const { sync, relay, hub, database, timers, metrics } = parts;
  hub.start();
  sync.start();
  relay?.start();
  startCompleter(parts);
  if (!keepsUp) return;
  const knock = (subjects: readonly string[]) => subjects.forEach((subject) => sync.knock(subject));
  startUpkeep(parts, [
    ...catchUpChore({ ...parts, inbox: createInbox(database, timers), metrics, knock }, CONFIG.catchUp),
    ...sweepChore({ database, knock: (subject, wants) => sync.knock(subject, wants) }, CONFIG.sweepAfterHours),
  ]);
}

const doorOf = ({ database, timers, wall, log, metrics, sync }: Parts) =>
  createReceiveWebhook({
    ...{ inbox: createInbox(database, timers), wall, log, secrets: [SECRET], livemode: false, metrics },
    draining: () => false,
    knock: (subject) => sync.knock(subject),
  });

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
  billing_webhook_missed_total: 'events found in the list',
};

function counting(count: (what: string) => void): MetricsRegistry {
  const metrics: Metrics = {
    count(name, ...labels) {
      const label = labelled[name];
      if (label) count(label);
      if (name === 'billing_webhook_failed_total' && (labels[0] as { class?: string })?.class === 'stale')
        count('suspect reads');
    },
    add() {},
    observe() {},
    start: () => () => {},
  };
  return { ...metrics, readFrom() {}, render: () => Promise.resolve(''), contentType: '' };
}

function loudLog({ count, fail }: World): Log {
  const silent = () => {};
  const error = (fields: object, message: string) => {
    count(`error: ${message}`);
    if (message === MISMATCH) fail(`${message}: ${JSON.stringify(fields)}`);
  };
  return { debug: silent, info: silent, warn: silent, error };
}
