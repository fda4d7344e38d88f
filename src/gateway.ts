import 'reflect-metadata';
import { customerProcedure } from './accounts/ensure-customer.js';
import { addTaxIdProcedure } from './accounts/add-tax-id.js';
import { removeTaxIdProcedure } from './accounts/remove-tax-id.js';
import { billingDetailsProcedure } from './accounts/update-billing-details.js';
import { cancelProcedure } from './subscriptions/cancel-subscription.js';
import { checkoutProcedure } from './checkout/create-checkout-session.js';
import { applyPromotionCodeProcedure } from './checkout/apply-promotion-code.js';
import { startProcedure } from './checkout/start-subscription.js';
import type { Config } from './config.js';
import type { Context } from './graphql/context.js';
import { createLoaders } from './graphql/loaders.js';
import { limitCheckouts } from './graphql/rate-limited.js';
import { createSchema } from './graphql/schema.js';
import { openFrontDoor } from './http/front-door.js';
import { startCompleter } from './intents/completer.js';
import type { Procedure } from './intents/intent.js';
import { createIntentRunner } from './intents/run-intent.js';
import { createHub } from './live/hub.js';
import { createMetrics } from './operations/metrics.js';
import { createRateLimits } from './operations/rate-limits.js';
import { oldestPendingAt } from './webhooks/inbox.js';
import { type Check, runChecks } from './operations/checks.js';
import type { Parts } from './parts.js';
import { readCatalogueRules } from './plans/plans-file.js';
import { isCatalogueEmpty, syncCatalogue } from './plans/sync-catalogue.js';
import type { Ports } from './ports.js';
import { observeCalls } from './stripe/observe.js';
import { removePaymentMethodProcedure } from './payments/remove-payment-method.js';
import { setDefaultProcedure } from './payments/set-default-payment-method.js';
import { setupIntentProcedure } from './payments/create-setup-intent.js';
import { payInvoiceProcedure } from './invoices/pay-invoice.js';
import { cancelPendingChangeProcedure } from './subscriptions/cancel-pending-change.js';
import { MISMATCH } from './subscriptions/change-plan.js';
import { changePlanProcedure } from './subscriptions/change-plan.procedure.js';
import { pauseProcedure } from './subscriptions/pause-subscription.js';
import { reactivateProcedure } from './subscriptions/reactivate-subscription.js';
import { resumeProcedure } from './subscriptions/resume-subscription.js';
import { createSync, type Sync } from './sync/sync.js';
import { createInbox, reopenIgnored } from './webhooks/inbox.js';
import { ensureEndpoint } from './webhooks/ensure-endpoint.js';
import { createReceiveWebhook } from './webhooks/receive-webhook.js';

export interface GatewayOptions {
  /** 0 takes any free port. */
  port: number;
  /** Shortens the leases of the sync; for tests. */
  leaseMs?: number;
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

/** Joins the parts: the only place that knows them all. Throws when the schema of the database is outdated in production. */
export async function createGateway(config: Config, ports: Ports, options: GatewayOptions): Promise<Gateway> {
  await prepareDatabase(config, ports);
  const parts = joinParts(config, ports, options);
  const { database, sync, hub, intents, timers, log, wall, stripe, metrics } = parts;
  const secrets = [...config.stripe.webhookSecrets];
  let draining = false;
  const door = await openFrontDoor<Context>({
    config,
    port: options.port,
    publicUrl: (port) => config.publicUrl ?? `http://localhost:${port}`,
    schema: limitCheckouts(createSchema()),
    createContext: (caller, requestId, address) => ({
      caller,
      requestId,
      address,
      parts,
      loaders: createLoaders(database),
    }),
    takeRequest: (caller, address, rootFields) =>
      parts.rateLimits.takeRequest(
        { subject: caller?.subject ?? null, account: caller?.account ?? null, address },
        rootFields,
      ),
    receiveWebhook: createReceiveWebhook({
      inbox: createInbox(database, timers),
      wall,
      log,
      secrets,
      livemode: /^(sk|rk)_live_/.test(config.stripe.secretKey),
      draining: () => draining,
      knock: (subject) => sync.knock(subject),
      metrics,
      takeBadSignature: parts.rateLimits.takeBadSignature,
    }),
    checkReady: async () => [{ name: 'database', problem: await problemOf(database.read.rows('SELECT 1 AS one')) }],
    ports,
    metrics,
  });
  parts.publicUrl = door.url;
  metrics.readFrom({
    billing_live_sockets: door.sockets,
    billing_inbox_oldest_pending_seconds: async () =>
      Math.max(0, wall.now() - ((await oldestPendingAt(database)) ?? Infinity)) / 1_000,
  });
  const stopObserving = observeCalls(stripe, metrics);
  if (config.stripe.makeEndpoint) {
    const address = config.publicUrl ?? `http://127.0.0.1:${door.port}`;
    secrets.push(await ensureEndpoint(parts, `${address}/webhooks/stripe`));
  }
  hub.start();
  await reopenIgnored(database, wall.now());
  sync.start();
  const stopCompleter = startCompleter({ intents, timers, log });
  if (await isCatalogueEmpty(parts)) await firstCatalogue({ database, stripe, sync }, log);
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
      await stopCompleter();
      await sync.stop();
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

function joinParts(config: Config, ports: Ports, { leaseMs }: GatewayOptions): Parts {
  const { database, hints, timers, log, random, stripe } = ports;
  const metrics = createMetrics();
  const hub = createHub({ database, hints, timers, log, metrics });
  const catalogueRules = readCatalogueRules(config);
  const sync: Sync = createSync(ports, {
    policy: config,
    catalogue: catalogueRules,
    announce: (hint) => hints.publish(hint),
    leaseMs,
    metrics,
  });
  const procedures = [
    checkoutProcedure(stripe, database, config.checkout),
    startProcedure(stripe, database, config.checkout),
    applyPromotionCodeProcedure(stripe),
    cancelProcedure(stripe),
    reactivateProcedure(stripe),
    changePlanProcedure(stripe, (fields) => log.error(fields, MISMATCH)),
    cancelPendingChangeProcedure(stripe),
    pauseProcedure(stripe),
    resumeProcedure(stripe),
    setupIntentProcedure(stripe, database),
    setDefaultProcedure(stripe),
    removePaymentMethodProcedure(stripe),
    payInvoiceProcedure(stripe),
    customerProcedure(stripe, database),
    billingDetailsProcedure(stripe, database),
    addTaxIdProcedure(stripe, database),
    removeTaxIdProcedure(stripe),
  ] as unknown as Procedure<never>[];
  const intents = createIntentRunner({ database, random, log, sync, procedures });
  return {
    ...ports,
    config,
    publicUrl: config.publicUrl ?? '',
    catalogueRules,
    sync,
    intents,
    hub,
    metrics,
    rateLimits: createRateLimits(config),
  };
}

/** Without a catalogue nothing can be shown, so the first one is waited for; a Stripe that is away does not stop the start. */
async function firstCatalogue(parts: Pick<Parts, 'database' | 'stripe' | 'sync'>, log: Ports['log']): Promise<void> {
  try {
    log.info({ ...(await syncCatalogue(parts)) }, 'the catalogue was read for the first time');
  } catch (thrown) {
    log.error({ err: thrown }, 'the catalogue could not be read; run `npx billing sync` when Stripe answers');
  }
}

const problemOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    () => 'does not answer',
  );
