import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import type { Config } from './config.js';
import type { Context } from './graphql/context.js';
import { createLoaders } from './graphql/loaders.js';
import { limitMutations } from './graphql/mutation-time.js';
import { createSchema } from './graphql/schema.js';
import { openFrontDoor } from './http/front-door.js';
import { startCompleter } from './intents/completer.js';
import { readHealth } from './operations/health.js';
import { oldestPendingAt } from './webhooks/inbox.js';
import { type Check, runChecks } from './operations/checks.js';
import type { Parts } from './parts.js';
import { isCatalogueRead, syncCatalogue } from './plans/sync-catalogue.js';
import type { Ports, SharedRedis } from './ports.js';
import { STRIPE_API_VERSION } from './stripe/client.js';
import { observeCalls } from './stripe/observe.js';
import { asJob } from './stripe/patience.js';
import { catchUpChore } from './sync/catch-up.js';
import { sweepChore } from './sync/sweep.js';
import { startUpkeep } from './sync/upkeep.js';
import { createInbox, reopenIgnored } from './webhooks/inbox.js';
import { createDoorWatch } from './webhooks/door-watch.js';
import { ensureEndpoint } from './webhooks/ensure-endpoint.js';
import { createReceiveWebhook } from './webhooks/receive-webhook.js';
import { joinParts } from './join-parts.js';

export interface GatewayOptions {
  /** 0 takes any free port. */
  port: number;
  /** Shortens the leases of the sync; for tests. */
  leaseMs?: number;
  /** Lets mutations wait longer for what they changed to be seen; for tests on busy machines. */
  refreshMs?: number;
  /** Shortens the wait for requests on kept connections when stopping; for tests. */
  lingerMs?: number;
}

/** A running gateway. */
export interface Gateway {
  url: string;
  port: number;
  parts: Parts;
  /** What a start should show: one line each for database, catalogue, webhooks and live updates. */
  checks(): Promise<Check[]>;
  /** Stops taking requests, finishes what runs, gives back leases, closes sockets; at most ten seconds. The ports stay open. */
  stop(): Promise<void>;
}

/** Holds nothing of any one gateway, and takes longer than the rest of a start: built once a process. */
let schema: GraphQLSchema | undefined;

/** Starts the parts, and stops them in the end. Throws when the schema of the database is outdated in production. */
export async function createGateway(config: Config, ports: Ports, options: GatewayOptions): Promise<Gateway> {
  await prepareDatabase(config, ports);
  const parts = joinParts(config, ports, options);
  const {
    database,
    sync,
    hub,
    useWatch,
    inboxWatch,
    jobs,
    jobWatch,
    relay,
    intents,
    timers,
    log,
    wall,
    stripe,
    metrics,
  } = parts;
  const secrets = [...config.stripe.webhookSecrets];
  const watch = createDoorWatch({ wall, log, metrics, apiVersion: STRIPE_API_VERSION });
  let draining = false;
  let started = false;
  const inbox = createInbox(database, timers);
  const door = await openFrontDoor<Context>({
    config,
    port: options.port,
    lingerMs: options.lingerMs,
    publicUrl: (port) => config.publicUrl ?? `http://localhost:${port}`,
    schema: (schema ??= limitMutations(createSchema())),
    createContext: (caller, requestId, origin) => ({
      caller,
      requestId,
      ...origin,
      parts,
      loaders: createLoaders(database),
    }),
    takeRequest: (caller, address, rootFields) =>
      parts.rateLimits.takeRequest(
        { subject: caller?.subject ?? null, account: caller?.accounts[0] ?? null, address },
        rootFields,
      ),
    receiveWebhook: createReceiveWebhook({
      inbox,
      wall,
      log,
      secrets,
      livemode: /^(sk|rk)_live_/.test(config.stripe.secretKey),
      draining: () => draining,
      knock(subject) {
        sync.knock(subject);
        inboxWatch.ring();
      },
      metrics,
      watch,
      takeBadSignature: parts.rateLimits.takeBadSignature,
    }),
    readHealth: () => readHealth({ database, stripe, door: watch }),
    checkReady: async () => [
      ...(started ? [] : [{ name: 'start', problem: 'is not over yet; the first one reads the catalogue' }]),
      { name: 'database', problem: await problemOf(database.read.rows('SELECT 1 AS one')) },
      ...(ports.redis ? [{ name: 'redis', dispensable: true, problem: redisProblem(ports.redis) }] : []),
    ],
    ports,
    metrics,
  });
  parts.publicUrl = door.url;
  metrics.readFrom({
    billing_live_sockets: door.sockets,
    billing_stripe_breaker_open: () => (stripe.calls && stripe.calls.breaker() !== 'closed' ? 1 : 0),
    billing_inbox_oldest_pending_seconds: async () =>
      Math.max(0, wall.now() - ((await oldestPendingAt(database)) ?? Infinity)) / 1_000,
  });
  const stopObserving = observeCalls(stripe, metrics);
  stripe.calls?.report(metrics);
  if (config.stripe.makeEndpoint) {
    const address = config.publicUrl ?? `http://127.0.0.1:${door.port}`;
    const endpoint = ensureEndpoint(parts, `${address}/webhooks/stripe`);
    // The door would keep the process alive that cannot start.
    secrets.push(await endpoint.catch((thrown: unknown) => door.close().then(() => Promise.reject(thrown as Error))));
  }
  hub.start();
  useWatch.start();
  inboxWatch.start();
  jobWatch.start();
  await reopenIgnored(database, wall.now());
  sync.start();
  relay?.start();
  const stopCompleter = startCompleter({ intents, timers, log });
  const knock = (subjects: readonly string[]) => subjects.forEach((subject) => sync.knock(subject));
  const stopUpkeep = startUpkeep(ports, [
    ...catchUpChore({ ...ports, inbox, metrics, knock }, config.catchUp),
    ...sweepChore({ database, knock: (subject, wants) => sync.knock(subject, wants) }, config.sweepAfterHours),
  ]);
  jobs.start();
  if (!(await isCatalogueRead(parts))) await asJob(() => firstCatalogue({ database, stripe, sync }, log));
  started = true;
  return {
    url: door.url,
    port: door.port,
    parts,
    checks: () => runChecks(parts),
    async stop() {
      draining = true;
      // Sockets are closed before their streams end: a stream that completes would tell its client not to come back.
      await door.close();
      hub.stop();
      useWatch.stop();
      inboxWatch.stop();
      jobWatch.stop();
      await jobs.stop();
      await stopCompleter();
      await stopUpkeep();
      await sync.stop();
      await relay?.stop();
      stopObserving();
    },
  };
}

/** The embedded database migrates itself; a server's is migrated by `billing migrate`, except on a developer's machine. */
async function prepareDatabase(config: Config, { database, log }: Ports): Promise<void> {
  const pending = await database.pendingMigrations();
  if (pending.length === 0) return;
  if (config.production && database.dialect.name !== 'sqlite') {
    throw new Error(
      `The database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run \`npx billing migrate\` first.`,
    );
  }
  log.info({ migrations: await database.migrate() }, 'the database was migrated');
}

/** Without a catalogue nothing can be shown, so the first one is waited for; a Stripe that is away does not stop the start. */
async function firstCatalogue(parts: Pick<Parts, 'database' | 'stripe' | 'sync'>, log: Ports['log']): Promise<void> {
  try {
    const report = await syncCatalogue(parts);
    if (report.cutShort === null) log.info({ ...report }, 'the catalogue was read');
    else log.error({ ...report }, 'only a part of the catalogue was read; run `npx billing sync` when Stripe answers');
  } catch (thrown) {
    log.error({ err: thrown }, 'the catalogue could not be read; run `npx billing sync` when Stripe answers');
  }
}

const redisProblem = (redis: SharedRedis): string | undefined =>
  redis.isReady() ? undefined : 'does not answer; limits count for each gateway, live updates are a little later';

const problemOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    () => 'does not answer',
  );
