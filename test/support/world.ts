import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { issueToken, type TokenRequest } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import { type Config, loadConfig } from '../../src/config.js';
import { closeSystemPorts, openSystemPorts } from '../../src/cli/system-ports.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createGateway, type Gateway } from '../../src/gateway.js';
import type { Log } from '../../src/ports.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { createMigratedDatabase } from './migrated-database.js';
import { onOneConnection } from './one-connection.js';
import { PATIENT, PATIENT_WITH_REDIS_MS } from './patience.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/start-sandbox.js';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** Shows what the gateway logs: `LOG=1 npx jest …`. */
const loud: Log = {
  debug() {},
  info: (fields, message) => console.info(message, fields),
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};

/** A gateway, its sandbox and its database, all of one test; `stop` takes everything down. */
export interface World {
  gateway: Gateway;
  sandbox: Sandbox;
  config: Config;
  as(account: string, ...roles: Role[]): Person;
  /** A token that belongs to no account: the product's backend, or its staff. */
  staff(...roles: Role[]): Person;
  /** Whoever such a token was issued to; `chosen` is what the X-Billing-Account header says. */
  holding(request: Omit<TokenRequest, 'ttlSeconds'>, chosen?: string): Person;
  /** Without a token. */
  anybody(): Person;
  /** Waits until Stripe has delivered everything and the gateways have applied it. */
  settled(): Promise<void>;
  /** Lets time pass at Stripe, and resolves once the gateways know and all is settled. */
  advance(to: { to?: string; by?: string }): Promise<void>;
  restartGateway(): Promise<void>;
  /** One more gateway on the same database. */
  startAnother(): Promise<{
    gateway: Gateway;
    as(account: string): Person;
    staff(...roles: Role[]): Person;
    close(): Promise<void>;
  }>;
  /** Goes on with an empty database, as if the gateway were installed anew beside the same Stripe. */
  forgetEverything(): Promise<void>;
  stop(): Promise<void>;
}

export interface Answer<Data> {
  data?: Data;
  errors?: { message: string; extensions: { code: string; [field: string]: unknown } }[];
}

export interface Person {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  ask<Data = any>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  watch<Data = any>(query: string, variables?: Record<string, unknown>): Watch<Data>;
  /** Header, or connection parameters, of whoever this is. */
  authorization(): Promise<{ authorization: string } | undefined>;
}

/** A live subscription over a real socket. */
export interface Watch<Data> {
  messages: Data[];
  /** Resolves with the first message, old or new, that fits; rejects with the last one after minutes. */
  until(test: (data: Data) => boolean): Promise<Data>;
  /** Resolves once the gateway has ended the stream by itself. */
  ended(): Promise<void>;
  close(): void;
}

/** Longer than any machine takes. */
const PATIENCE_MS = 180_000;

/** Settings besides, or who makes them from what the gateway will talk to. */
type Overrides = Record<string, string> | ((sandbox: Sandbox) => Promise<Record<string, string>>);

export async function startWorld(
  overrides: Overrides = {},
  log: Log = process.env.LOG ? loud : quiet,
  settings: SandboxOptions['settings'] = {},
  clock: Pick<SandboxOptions, 'frozen'> = {},
): Promise<World> {
  let fresh = await createMigratedDatabase();
  const sandbox = await startSandbox({ catalogue: 'sample', settings, ...clock });
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: fresh.url,
    STRIPE_SECRET_KEY: 'sk_test_journey',
    // Tests ask faster than people; those of the limits set their own.
    REQUESTS_PER_MINUTE: '0',
    CHECKOUTS_PER_MINUTE: '0',
    CHECKOUTS_PER_MINUTE_AND_ADDRESS: '0',
    // And a busy machine is slower than Stripe.
    STRIPE_MUTATION_SECONDS: '60',
    STRIPE_API_BASE: sandbox.url,
    ...(typeof overrides === 'function' ? await overrides(sandbox) : overrides),
  });
  let { gateway, close } = await start(config, sandbox, await freePort(), log);
  const others = new Set<Gateway>();
  const running = () => [...others, gateway];

  const world: World = {
    get gateway() {
      return gateway;
    },
    sandbox,
    config,
    as: (account, ...roles) => person(() => gateway, config, account, roles),
    staff: (...roles) => person(() => gateway, config, undefined, roles),
    holding: (request, chosen) =>
      personAt(() => gateway.port, issueToken(config, systemWall, { ttlSeconds: 3_600, ...request }), chosen),
    anybody: () => personAt(() => gateway.port),
    async settled() {
      await sandbox.idle();
      for (const { parts } of running()) {
        await parts.sync.idle();
        await parts.relay?.idle();
      }
    },
    async advance(to) {
      const { now } = await sandbox.advance(to);
      await eventually(
        () => Promise.resolve(Math.min(...running().map(({ parts }) => parts.billing.now()))),
        (known) => known >= Date.parse(now),
      );
      await world.settled();
    },
    async restartGateway() {
      const { port } = gateway;
      await close();
      ({ gateway, close } = await start(config, sandbox, port, log));
    },
    async startAnother() {
      const another = await start(config, sandbox, 0, log);
      const at = (account: string | undefined, roles: Role[]) => person(() => another.gateway, config, account, roles);
      others.add(another.gateway);
      return {
        ...another,
        as: (account) => at(account, []),
        staff: (...roles) => at(undefined, roles),
        async close() {
          others.delete(another.gateway);
          await another.close();
        },
      };
    },
    async forgetEverything() {
      await close();
      await fresh.drop();
      fresh = await createMigratedDatabase();
      config.databaseUrl = fresh.url;
      ({ gateway, close } = await start(config, sandbox, 0, log));
    },
    async stop() {
      await close();
      await sandbox.stop();
      await fresh.drop();
    },
  };
  return world;
}

/** The same, where no time passes at Stripe but by `advance`: what is counted by the second comes out exactly. */
export const startStillWorld = (overrides?: Overrides): Promise<World> =>
  startWorld(overrides, undefined, {}, { frozen: true });

async function start(
  config: Config,
  sandbox: Sandbox,
  port: number,
  log: Log,
): Promise<{ gateway: Gateway; close(): Promise<void> }> {
  const followed = { ...config, billingClockUrl: `${sandbox.url}/_sandbox/clock` };
  const ports = await openSystemPorts(
    followed,
    log,
    async ({ databaseUrl }, needs) => onOneConnection(await openDatabase(databaseUrl, needs, PATIENT)),
    PATIENT_WITH_REDIS_MS,
  );
  const gateway = await createGateway(config, ports, { port, lingerMs: 20, refreshMs: 30_000 });
  return {
    gateway,
    async close() {
      await gateway.stop();
      await closeSystemPorts(ports);
    },
  };
}

function person(gateway: () => Gateway, config: Config, account: string | undefined, roles: Role[]): Person {
  const token = issueToken(config, systemWall, {
    account,
    roles: roles.length > 0 ? roles : [Role.BILLING_ADMIN],
    subject: account === undefined ? 'staff' : `user-of-${account}`,
    ttlSeconds: 3_600,
  });
  return personAt(() => gateway().port, token);
}

/** Somebody with a token or without, wherever the gateway listens at the moment. */
export function personAt(port: () => number, token?: Promise<string>, chosen?: string): Person {
  const authorization = async () =>
    token ? { authorization: `Bearer ${await token}`, ...(chosen && { 'x-billing-account': chosen }) } : undefined;
  return {
    authorization,
    async ask(query, variables) {
      const response = await fetch(`http://127.0.0.1:${port()}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await authorization()) },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as never;
    },
    watch: (query, variables) => watch(port(), authorization, query, variables),
  };
}

function watch<Data>(
  port: number,
  authorization: () => Promise<{ authorization: string } | undefined>,
  query: string,
  variables?: Record<string, unknown>,
): Watch<Data> {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: authorization,
  });
  const messages: Data[] = [];
  const waiting = new Set<() => void>();
  let failure: unknown;
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const wake = () => waiting.forEach((check) => check());
  const unsubscribe = client.subscribe<Data>(
    { query, variables },
    {
      next({ data, errors }) {
        if (errors) failure = new Error(JSON.stringify(errors));
        if (data) messages.push(data);
        wake();
      },
      error(thrown) {
        failure = thrown;
        wake();
      },
      complete: end,
    },
  );
  return {
    messages,
    ended: () => ended,
    until: (test) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          failure ??= new Error(`Not told within ${PATIENCE_MS / 1000} s; last: ${JSON.stringify(messages.at(-1))}`);
          wake();
        }, PATIENCE_MS).unref();
        const check = () => {
          const found = messages.find(test);
          if (!found && failure === undefined) return;
          waiting.delete(check);
          clearTimeout(late);
          if (found) resolve(found);
          else reject(failure instanceof Error ? failure : new Error(JSON.stringify(failure)));
        };
        waiting.add(check);
        check();
      }),
    close() {
      unsubscribe();
      void client.dispose();
    },
  };
}

/** Lets Stripe keep its events to itself, or deliver what it kept. */
export async function holdDeliveries({ sandbox }: World, hold: boolean): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/delivery`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ hold }),
  });
  if (!response.ok) throw new Error(await response.text());
}
