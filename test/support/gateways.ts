import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import { loadConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from '../sandbox/support/stripe-for.js';
import { databasePorts, type FreshDatabase } from './database.js';
import { createMigratedDatabase } from './migrated-database.js';
import { freePort } from './free-port.js';
import { type GatewayProcess, spawnGateway } from './gateway-process.js';
import { PATIENT } from './patience.js';
import { type Person, personAt } from './world.js';

export interface RunningGateway extends GatewayProcess {
  url: string;
  port: number;
  /** A person of that account; one and the same unless they are named. */
  as(account: string, subject?: string): Person;
}

/** Gateways as processes of their own on one database, beside one Stripe. */
export interface Gateways {
  sandbox: Sandbox;
  stripe: ReturnType<typeof stripeFor>;
  /** Another way in to what they store. */
  database: Database;
  all: RunningGateway[];
  stop(): Promise<void>;
}

export interface GatewaysOptions {
  count: number;
  leaseMs?: number;
  /** Settings of the gateway of that number. */
  env?: (at: number, sandbox: Sandbox) => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>;
  /** The database, when the test has one of its own. */
  fresh?: FreshDatabase;
  /** How they reach it, when not as everybody does. */
  databaseUrl?: string;
}

export async function startGateways(options: GatewaysOptions): Promise<Gateways> {
  const processes = Array.from({ length: options.count }, () => spawnGateway());
  const fresh = options.fresh ?? (await createMigratedDatabase());
  const sandbox = await startSandbox({
    catalogue: 'sample',
    settings: { webhookBackoffMs: [50, 100, 200], webhookAttempts: 10_000 },
  });
  const all: RunningGateway[] = [];
  for (const [at, gateway] of processes.entries()) {
    const env = {
      NODE_ENV: 'test',
      DATABASE_URL: options.databaseUrl ?? fresh.url,
      STRIPE_SECRET_KEY: 'sk_test_real',
      STRIPE_API_BASE: sandbox.url,
      BILLING_CLOCK_URL: `${sandbox.url}/_sandbox/clock`,
      LOG_LEVEL: 'warn',
      REQUESTS_PER_MINUTE: '0',
      CHECKOUTS_PER_MINUTE: '0',
      CHECKOUTS_PER_MINUTE_AND_ADDRESS: '0',
      ...(await options.env?.(at, sandbox)),
    };
    const port = await freePort();
    await gateway.call('start', { env, port, leaseMs: options.leaseMs ?? 500, death: null });
    const token = (account: string, subject = `user-of-${account}`) =>
      issueToken(loadConfig(env), systemWall, {
        account,
        roles: [Role.BILLING_ADMIN],
        subject,
        ttlSeconds: 3_600,
      });
    all.push({
      ...gateway,
      port,
      url: `http://127.0.0.1:${port}`,
      as: (account, subject) => personAt(() => port, token(account, subject)),
    });
  }
  const database = await openDatabase(fresh.url, databasePorts, PATIENT);
  return {
    sandbox,
    stripe: stripeFor(sandbox),
    database,
    all,
    async stop() {
      for (const gateway of all) {
        gateway.kill('SIGCONT');
        gateway.kill('SIGKILL');
        await gateway.ended;
      }
      await database.close();
      await sandbox.stop();
      await fresh.drop();
    },
  };
}
