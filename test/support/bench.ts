import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { accountIdOf } from '../../src/accounts/account.js';
import { ensureAccount } from '../../src/accounts/ensure-account.js';
import { createSystemRandom, systemTimers } from '../../src/clock/system-clock.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { Hint, Ports } from '../../src/ports.js';
import { stripeAt } from './stripe-at.js';
import { createLook } from '../../src/sync/look.js';
import { askAll, claim, type Round, type Wants } from '../../src/sync/queue.js';
import { subjectKey, subjectOf } from '../../src/sync/subject.js';
import { createInbox } from '../../src/webhooks/inbox.js';
import { toStripeEvent } from '../../src/webhooks/stripe-event.js';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.js';
import { createManualTime, type ManualTime } from './manual-time.js';
import { createRecordedLog, type RecordedLog } from './recorded-log.js';
import { type StripeProxy, startStripeProxy } from './stripe-proxy.js';

export const ACCOUNT = accountIdOf('acme');

export interface EventRow {
  id: string;
  state: string;
  attempts: number;
  subject: string;
  error: string | null;
}

/** The sync taken apart: a real database file, a sandbox behind a proxy, and rounds that a test takes one by one. */
export interface Bench {
  database: Database;
  sandbox: Sandbox;
  proxy: StripeProxy;
  /** The real SDK, through the proxy. */
  stripe: Stripe;
  /** Store and wall time. */
  time: ManualTime;
  /** Added to the sandbox's time. */
  billingOffset: number;
  log: RecordedLog;
  hints: Hint[];
  needs: Omit<Ports, 'hints'>;
  /** Another way in to the same file, as another process would have it. */
  openAnother(): Promise<Database>;
  claim(subject?: string): Promise<Round | null>;
  look(round: Round): Promise<void>;
  /** Takes rounds until nothing is due now; answers how many. */
  drain(): Promise<number>;
  /** Asks to look at everything of these subjects. */
  ask(...subjects: string[]): Promise<void>;
  /** Stores events as a delivery does and asks for their subjects. */
  deliver(...events: object[]): Promise<void>;
  event(id: string): Promise<EventRow>;
  row<Row = Record<string, unknown>>(sql: string, ...parameters: unknown[]): Promise<Row>;
  revision(): Promise<number>;
  stop(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-bench-'));
  const sandbox = await startSandbox({ catalogue: 'sample' });
  const proxy = await startStripeProxy(sandbox.url);
  const time = createManualTime();
  const random = createSystemRandom();
  const opened: Database[] = [];
  const openAnother = async () => {
    const ports = { wall: time.wall, timers: systemTimers, random };
    const another = await openDatabase(`file:${join(folder, 'billing.db')}`, ports);
    opened.push(another);
    return another;
  };
  const database = await openAnother();
  await database.migrate();
  const stripe = stripeAt(proxy.url);
  const log = createRecordedLog();
  const hints: Hint[] = [];
  const billing = { now: () => sandbox.now() + bench.billingOffset, onJump: () => () => {}, close() {} };
  const needs = { database, stripe, random, log, billing, wall: time.wall, timers: time.timers };
  const look = createLook(needs, { policy: { graceDays: 7 }, announce: (hint) => hints.push(hint) });
  const knocked = (subject: string, wants: Wants) => void asked.push(askAll(database, new Map([[subject, wants]])));
  const asked: Promise<void>[] = [];
  const inbox = createInbox(database, systemTimers);

  const bench: Bench = {
    ...{ database, sandbox, proxy, stripe, time, log, hints, needs, openAnother, billingOffset: 0 },
    claim: (subject) => claim(database, random, { owner: 'bench', leaseMs: 3_000, billingNow: billing.now(), subject }),
    async look(round) {
      await look(round, knocked);
      await Promise.all(asked.splice(0));
    },
    ask: (...subjects) => askAll(database, new Map(subjects.map((subject) => [subject, 'look']))),
    async drain() {
      for (let rounds = 0; ; rounds++) {
        const round = await bench.claim();
        if (!round) return rounds;
        await bench.look(round);
      }
    },
    async deliver(...events) {
      const rows = events.map((json) => ({ json, event: toStripeEvent(json) }));
      await Promise.all(
        rows.map(({ json, event }) => {
          if (!event) throw new Error(`This is no event: ${JSON.stringify(json)}`);
          const { id, type, created, livemode, apiVersion, requestKey } = event;
          const subject = subjectKey(subjectOf(event));
          const fixed = {
            receivedAt: time.wall.now(),
            state: 'pending' as const,
            body: Buffer.from(JSON.stringify(json)),
          };
          return inbox.store({ id, type, created, livemode, apiVersion, requestKey, subject, ...fixed });
        }),
      );
      const subjects = rows.flatMap(({ event }) => (event ? [subjectKey(subjectOf(event))] : []));
      await askAll(database, new Map(subjects.map((subject) => [subject, 'events'])));
    },
    event: (id) =>
      bench.row<EventRow>('SELECT id, state, attempts, subject, error FROM stripe_events WHERE id = ?', id),
    async row<Row>(sql: string, ...parameters: unknown[]) {
      const [row] = await database.read.rows<Row>(sql, parameters);
      if (!row) throw new Error(`No row: ${sql}`);
      return row;
    },
    revision: async () =>
      (await bench.row<{ revision: number }>('SELECT revision FROM accounts WHERE id = ?', ACCOUNT)).revision,
    async stop() {
      for (const one of opened) await one.close();
      await proxy.stop();
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await ensureAccount(needs, 'acme');
  return bench;
}

/** A customer of the account `acme` with a card, at Stripe only. */
export async function aCustomerAtStripe({ stripe }: Bench, card = 'pm_card_visa'): Promise<Stripe.Customer> {
  const customer = await stripe.customers.create({ metadata: { account_id: ACCOUNT, external_id: 'acme' } });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}

export async function aSubscriptionAtStripe({ stripe }: Bench, customer: string): Promise<Stripe.Subscription> {
  const { data } = await stripe.prices.list({ lookup_keys: ['team_month'] });
  return stripe.subscriptions.create({ customer, items: [{ price: data[0]?.id }] });
}

/** Every event so far, oldest first. */
export async function eventsAtStripe({ stripe }: Bench): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
  return events.reverse();
}

let made = 0;
/** An event as Stripe would write it, with a body that no sandbox makes. */
export const madeEvent = (type: string, object: object, differs: object = {}) => ({
  id: `evt_made${++made}`,
  object: 'event',
  type,
  created: 1_800_000_000,
  livemode: false,
  api_version: null,
  data: { object },
  ...differs,
});
