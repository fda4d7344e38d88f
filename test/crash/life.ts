import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemTimers, systemWall } from '../../src/clock/system-clock.js';
import { loadConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from '../sandbox/support/stripe-for.js';
import { databasePorts } from '../support/database.js';
import { createMigratedDatabase } from '../support/migrated-database.js';
import { freePort } from '../support/free-port.js';
import { type GatewayProcess, spawnGateway } from '../support/gateway-process.js';
import { PATIENT } from '../support/patience.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { type Person, personAt } from '../support/world.js';
import type { Death } from './child/points.js';
import { follow, type Follower } from './follower.js';

/** A lease of a dead process is waited for, so it is short. */
const LEASE_MS = 500;
const PATIENCE_MS = 300_000;

export const ACCOUNT = 'acme';

export interface LifeOptions {
  /** The first process dies at the first of these, if there is one. */
  deaths?: readonly Death[];
  /** Reach the database, a server, over a wire that can be disturbed. */
  throughProxy?: boolean;
}

/** A gateway that dies and is started again, as often as it takes, beside a Stripe that lives on. */
export class Life {
  died = 0;
  /** Events from before the gateway had an endpoint at Stripe. */
  readonly untold = new Set<string>();
  /** Why it ended otherwise than by the hand that kills it; nothing goes on after it. */
  private broken: Error | null = null;
  private stopping = false;
  private gateway: GatewayProcess;
  private spare: GatewayProcess;
  private up: Promise<void>;

  private constructor(
    readonly sandbox: Sandbox,
    readonly database: Database,
    readonly person: Person,
    /** Between the gateway and its database. */
    readonly wire: Proxy | null,
    private readonly env: NodeJS.ProcessEnv,
    private readonly port: number,
    private readonly drop: () => Promise<void>,
    private deaths: Death[],
  ) {
    this.gateway = spawnGateway();
    this.spare = spawnGateway();
    this.up = this.start();
  }

  static async begin({ deaths = [], throughProxy = false }: LifeOptions = {}): Promise<Life> {
    const fresh = await createMigratedDatabase();
    const sandbox = await startSandbox({
      catalogue: 'sample',
      clock: '2027-01-15T00:00:00Z',
      frozen: true,
      seed: 1,
      settings: { webhookBackoffMs: [20, 50, 100, 200], webhookAttempts: 1_000 },
    });
    const url = new URL(fresh.url);
    const wire = throughProxy ? await startProxy({ host: url.hostname, port: Number(url.port) }) : null;
    if (wire) url.port = String(wire.port);
    const env = {
      NODE_ENV: 'test',
      DATABASE_URL: wire ? url.toString() : fresh.url,
      STRIPE_SECRET_KEY: 'sk_test_crash',
      STRIPE_API_BASE: sandbox.url,
      BILLING_CLOCK_URL: `${sandbox.url}/_sandbox/clock`,
      LOG_LEVEL: 'error',
      REQUESTS_PER_MINUTE: '0',
      CHECKOUTS_PER_MINUTE: '0',
      CHECKOUTS_PER_MINUTE_AND_ADDRESS: '0',
    };
    const port = await freePort();
    const request = { account: ACCOUNT, roles: [Role.SERVICE], subject: 'somebody', ttlSeconds: 3_600 };
    const person = personAt(() => port, issueToken(loadConfig(env), systemWall, request));
    const database = await openDatabase(fresh.url, databasePorts, PATIENT);
    const drop = async () => {
      await wire?.close();
      await fresh.drop();
    };
    const life = new Life(sandbox, database, person, wire, env, port, drop, [...deaths]);
    for (const { id } of (await life.stripe.events.list({ limit: 100 })).data) life.untold.add(id);
    await life.alive();
    return life;
  }

  get stripe() {
    return stripeFor(this.sandbox);
  }

  follow(): Follower {
    return follow(this.port, this.person, () => this.alive());
  }

  call: GatewayProcess['call'] = (name, ...given) => this.gateway.call(name, ...given);

  /** It will die there; the process after it at the next death, and so on. Counting begins anew. */
  async arm([first, ...rest]: readonly Death[]): Promise<void> {
    this.deaths = [...rest];
    // It may be dead before it can say that it has heard.
    await this.gateway.call('arm', { death: first ?? null }).catch(() => undefined);
  }

  /** It dies no more; answers the points passed since it was armed, or since it was started. */
  async disarm(): Promise<string[]> {
    for (;;) {
      await this.settled();
      const { died } = this;
      const counts = await this.gateway.call('counts').catch(() => ({}));
      await this.arm([]);
      await this.settled();
      if (died === this.died) return Object.keys(counts);
    }
  }

  /** Resolves when it answers, however often it has died meanwhile. */
  async alive(): Promise<void> {
    for (;;) {
      const { up } = this;
      await up;
      if (this.broken) throw this.broken;
      if (up === this.up) return;
    }
  }

  /** Resolves when Stripe has told everything, the gateway has done everything, and nothing has died since. */
  async settled(): Promise<void> {
    const until = systemWall.now() + PATIENCE_MS;
    for (;;) {
      await this.alive();
      const { up } = this;
      const calm = await this.sandbox
        .idle()
        .then(() => this.gateway.call('idle'))
        .then(() => this.openWork())
        .catch((thrown: Error) => [thrown.message]);
      if (calm.length === 0 && up === this.up) return;
      if (this.wire) await this.halfAMinutePasses();
      if (systemWall.now() > until) throw new Error(`Not settled after ${PATIENCE_MS / 1000} s: ${calm.join(', ')}`);
      await systemTimers.sleep(20);
    }
  }

  /** Asks as a client does that does not give up: the same again until there is an answer. */
  async ask(document: string, variables: Record<string, unknown>): Promise<Answered> {
    const until = systemWall.now() + PATIENCE_MS;
    for (;;) {
      await this.alive();
      const answer = await this.person.ask<Record<string, Answered>>(document, variables).catch(() => null);
      const payload = Object.values(answer?.data ?? {})[0];
      const again = payload?.userErrors?.some(({ code }) => code === 'IN_PROGRESS' || code === 'CONFLICT');
      if (payload && !again) return payload;
      const retryable = this.wire || (answer?.errors?.every(({ extensions }) => extensions.retryable) ?? true);
      if ((answer && !retryable) || systemWall.now() > until)
        throw new Error(`Asked for ${document} ${JSON.stringify(variables)}: ${JSON.stringify(answer)}`);
      // Nobody is there any more who would finish what a lost answer left open.
      if (this.wire) await this.halfAMinutePasses();
      await systemTimers.sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const gateway of [this.gateway, this.spare]) {
      gateway.kill('SIGKILL');
      await gateway.ended;
    }
    await this.database.close();
    await this.sandbox.stop();
    await this.drop();
  }

  private async start(): Promise<void> {
    const { gateway } = this;
    void gateway.ended.then((how) => {
      if (this.stopping) return;
      this.died += 1;
      if (how !== 'SIGKILL') this.broken = new Error(`The gateway ended by itself (${how}).\n${gateway.printed()}`);
      else this.up = this.startNext();
    });
    const [port, env] = [this.port, this.env];
    const death = this.deaths.shift() ?? null;
    try {
      await gateway.call('start', { env, port, leaseMs: LEASE_MS, death });
    } catch (thrown) {
      // Killed while it was starting: the next one is on its way.
      if (!gateway.hasEnded()) this.broken = thrown as Error;
    }
  }

  private async startNext(): Promise<void> {
    await this.halfAMinutePasses();
    this.gateway = this.spare;
    this.spare = spawnGateway();
    await this.start();
  }

  /** What its callers left open is the completer's by now, and a mail on its way anybody's. */
  private async halfAMinutePasses(): Promise<void> {
    await this.database.run('UPDATE intents SET due_at = 0 WHERE due_at IS NOT NULL');
    await this.database.run('UPDATE outbox SET lease_until = 0 WHERE lease_until IS NOT NULL');
  }

  private async openWork(): Promise<string[]> {
    const events = await this.database.read.rows<{ type: string }>(
      'SELECT type FROM stripe_events WHERE pending_at IS NOT NULL',
    );
    const intents = await this.database.read.rows<{ verb: string }>("SELECT verb FROM intents WHERE state = 'open'");
    const mails = await this.database.read.rows<{ id: string }>('SELECT id FROM outbox WHERE finished_at IS NULL');
    return [...events.map(({ type }) => type), ...intents.map(({ verb }) => verb), ...mails.map(({ id }) => id)];
  }
}

export interface Answered {
  outcome?: string;
  session?: { id: string };
  userErrors?: { code: string; message: string }[];
}
