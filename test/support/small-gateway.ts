import {
  Arg,
  Authorized,
  buildSchema,
  Field,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { PubSub } from 'type-graphql';
import { createClient } from 'graphql-ws';
import type { Client, ClientOptions } from 'graphql-ws';
import { WebSocket } from 'ws';
import { issueToken } from '../../src/auth/issue-token';
import { Role } from '../../src/auth/roles';
import { createSystemRandom } from '../../src/clock/system-clock';
import { badUserInput } from '../../src/errors';
import { authorize } from '../../src/graphql/authorize';
import { CurrencyCodeScalar } from '../../src/graphql/scalars';
import { openFrontDoor } from '../../src/http/front-door';
import type { FrontDoor, FrontDoorOptions } from '../../src/http/front-door';
import { createManualTime } from './manual-time';
import type { ManualTime } from './manual-time';
import { createRecordedLog } from './recorded-log';
import type { RecordedLog } from './recorded-log';

interface Payload {
  count: number;
  loaders?: object;
}

@ObjectType()
class Node {
  @Field(() => Int)
  depth!: number;

  @Field(() => Node)
  next?: Node;
}

/** What happened inside, for tests that must see that nothing did. */
export const inside = { opened: 0, closed: 0, changed: 0, loaders: [] as unknown[] };

/** A stream that a test feeds; it says in `inside` when it is opened and left. */
export class Feed implements AsyncIterableIterator<Payload> {
  private readonly waiting: Payload[] = [];
  private wake = () => {};
  private left = false;

  push(payload: Payload): void {
    this.waiting.push(payload);
    this.wake();
  }
  async next(): Promise<IteratorResult<Payload>> {
    for (;;) {
      const payload = this.waiting.shift();
      if (payload) return { value: payload, done: false };
      if (this.left) return { value: undefined, done: true };
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
  return(): Promise<IteratorResult<Payload>> {
    this.left = true;
    inside.closed += 1;
    this.wake();
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

export let feed = new Feed();

@Resolver()
class SmallResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => String)
  hello(): string {
    return 'world';
  }

  @Authorized(Role.PUBLIC)
  @Query(() => Node)
  node(): Node {
    const node: Node = { depth: 1 };
    node.next = node;
    return node;
  }

  @Authorized(Role.MEMBER)
  @Query(() => String, { nullable: true })
  mine(): string {
    return 'yours';
  }

  @Authorized(Role.PUBLIC)
  @Query(() => String, { nullable: true })
  price(@Arg('currency', () => CurrencyCodeScalar) currency: string): string {
    return currency;
  }

  @Authorized(Role.PUBLIC)
  @Query(() => String, { nullable: true })
  refused(): string {
    throw badUserInput('The seats must be at least 1, found 0.', 'Order one seat or more.');
  }

  @Authorized(Role.PUBLIC)
  @Query(() => String, { nullable: true })
  broken(): string {
    throw new Error("SELECT * FROM secrets WHERE password = 'hunter2'");
  }

  @Authorized(Role.PUBLIC)
  @Query(() => Int, { nullable: true })
  misfit(): unknown {
    return 'not a number';
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => Int)
  change(): number {
    return (inside.changed += 1);
  }

  @Authorized(Role.MEMBER)
  @Subscription(() => Int, {
    subscribe: () => {
      inside.opened += 1;
      return feed;
    },
  })
  counted(@Root() payload: Payload): number {
    if (payload.count < 0) throw new Error('SELECT secret');
    return payload.count;
  }
}

export const secret = 'a-secret-of-at-least-thirty-two-characters';
const config: FrontDoorOptions<never>['config'] = {
  host: '127.0.0.1',
  returnOrigins: ['https://app.example.com'],
  auth: { jwtSecret: secret, jwksUrl: undefined, issuer: undefined, audience: undefined },
};
const inertPubSub: PubSub = {
  publish: () => {},
  subscribe: () => {
    throw new Error('nothing is published here');
  },
};

export interface SmallGateway {
  url: string;
  door: FrontDoor;
  time: ManualTime;
  log: RecordedLog;
  /** Closes the door and lets time pass until it is closed. */
  close(): Promise<void>;
  token(roles: Role[], ttlSeconds?: number): Promise<string>;
  /** Asks over HTTP. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A graphql-ws client that connects at its first operation and never again. */
  client(options?: Partial<ClientOptions>): Client;
}

/** A whole front door with a small schema behind it, on a clock that stands still. */
export async function openSmallGateway(options: Partial<FrontDoorOptions<never>> = {}): Promise<SmallGateway> {
  Object.assign(inside, { opened: 0, closed: 0, changed: 0, loaders: [] });
  feed = new Feed();
  const time = createManualTime();
  const log = createRecordedLog();
  const schema = await buildSchema({
    resolvers: [SmallResolver],
    authChecker: authorize,
    pubSub: inertPubSub,
    validate: false,
  });
  const door = await openFrontDoor({
    config,
    port: 0,
    publicUrl: (port) => `http://localhost:${port}`,
    schema,
    createContext: (caller, requestId) => ({ caller, requestId }),
    receiveWebhook: (body) => Promise.resolve({ status: 200, body: `received ${body.length}` }),
    checkReady: () => Promise.resolve([{ name: 'database' }]),
    ports: { wall: time.wall, timers: time.timers, random: createSystemRandom(), log },
    ...options,
  });
  const url = `http://127.0.0.1:${door.port}`;
  return {
    url,
    door,
    time,
    log,
    async close() {
      let open = true;
      const closed = door.close().finally(() => (open = false));
      while (open) {
        await new Promise(setImmediate);
        time.advance(100);
      }
      await closed;
    },
    token: (roles, ttlSeconds = 3600) =>
      issueToken({ auth: config.auth, production: false }, time.wall, { account: 'acme', roles, ttlSeconds }),
    post: (body, headers = {}) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    client: (overrides = {}) =>
      createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...overrides,
      }),
  };
}
