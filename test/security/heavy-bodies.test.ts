import { connect, type Socket } from 'node:net';
import { createDeliverer, DELIVERY_SECRET } from '../support/deliver.js';
import { type Gateways, startGateways } from '../support/gateways.js';

/** `HEAVY_SOCKETS=400 npx jest test/security/heavy-bodies` opens so many of each kind. */
const SOCKETS = Number(process.env.HEAVY_SOCKETS ?? 10);
const WEBHOOK_BYTES = 512 * 1024;
const GRAPHQL_BYTES = 64 * 1024;
const GIGABYTE = 1_073_741_824;
/** What lies between the last byte that is read and the moment in which the sender hears of it: buffers of the system. */
const ON_THE_WAY = 24 * 1_048_576;

/** How one connection ended. */
interface Ended {
  /** Of its first answer; 0 when it was closed without one. */
  status: number;
  sent: number;
}

/** Writes what each `next` answers until it answers null, and then waits. Resolves when the other side has closed. */
function talk(port: number, head: string, next: (sent: number) => Buffer | null, everyMs = 0): Promise<Ended> {
  return new Promise((resolve) => {
    let [answer, sent] = ['', 0];
    const socket: Socket = connect(port, '127.0.0.1', () => {
      socket.write(head);
      write();
    });
    const write = () => {
      const chunk = socket.destroyed ? null : next(sent);
      if (!chunk) return;
      sent += chunk.length;
      const goOn = () => (everyMs > 0 ? setTimeout(write, everyMs) : setImmediate(write));
      if (socket.write(chunk)) goOn();
      else socket.once('drain', goOn);
    };
    socket.on('data', (text) => (answer = (answer + text.toString('latin1')).slice(0, 1_000)));
    // It is closed while we still write.
    socket.on('error', () => {});
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0), sent }));
  });
}

const post = (path: string, ...lines: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: gateway', 'Content-Type: application/json', ...lines, '', ''].join('\r\n');
const once = (body: Buffer) => (sent: number) => (sent < body.length ? body : null);
const bytes = (count: number) => Buffer.alloc(count, 'x');
const chunked = (count: number) =>
  Buffer.concat([Buffer.from(`${count.toString(16)}\r\n`), bytes(count), Buffer.from('\r\n')]);
const CHUNK = chunked(65_536);
const SLOWLY_MS = 1_000;

interface Attack {
  head: string;
  next: (sent: number) => Buffer | null;
  everyMs?: number;
  statuses: number[];
  /** The most that its sender gets rid of. */
  most?: number;
}

const WEBHOOK = '/webhooks/stripe';
const attacks: Record<string, Attack> = {
  'an event of one byte too many': {
    head: post(WEBHOOK, `Content-Length: ${WEBHOOK_BYTES + 1}`, 'Connection: close'),
    next: once(bytes(WEBHOOK_BYTES + 1)),
    statuses: [413],
  },
  'a question of one byte too many': {
    head: post('/graphql', `Content-Length: ${GRAPHQL_BYTES + 1}`, 'Connection: close'),
    next: once(bytes(GRAPHQL_BYTES + 1)),
    statuses: [413],
  },
  'a gigabyte that is announced': {
    head: post(WEBHOOK, `Content-Length: ${GIGABYTE}`),
    next: (sent) => (sent < GIGABYTE ? bytes(65_536) : null),
    statuses: [413, 0],
    most: ON_THE_WAY,
  },
  'a gigabyte in chunks': {
    head: post(WEBHOOK, 'Transfer-Encoding: chunked'),
    next: (sent) => (sent < GIGABYTE ? CHUNK : null),
    statuses: [413, 0],
    most: ON_THE_WAY,
  },
  'a gigabyte in chunks as a question': {
    head: post('/graphql', 'Transfer-Encoding: chunked'),
    next: (sent) => (sent < GIGABYTE ? CHUNK : null),
    statuses: [413, 0],
    most: ON_THE_WAY,
  },
  'much announced and nothing sent': {
    head: post(WEBHOOK, `Content-Length: ${GIGABYTE}`),
    next: () => null,
    statuses: [413],
  },
  'more announced than sent': {
    head: post(WEBHOOK, 'Content-Length: 100', 'Connection: close'),
    next: once(bytes(10)),
    statuses: [408],
  },
  'less announced than sent': {
    head: post(WEBHOOK, 'Content-Length: 10'),
    next: once(bytes(1_000)),
    statuses: [400],
  },
  'a length that is none': { head: post(WEBHOOK, 'Content-Length: -1'), next: () => null, statuses: [400] },
  'two lengths': {
    head: post(WEBHOOK, 'Content-Length: 3', 'Content-Length: 4'),
    next: once(bytes(3)),
    statuses: [400],
  },
  'a length beside chunks': {
    head: post(WEBHOOK, 'Content-Length: 3', 'Transfer-Encoding: chunked'),
    next: once(chunked(3)),
    statuses: [400],
  },
  'a body of a byte a second': {
    head: post(WEBHOOK, 'Content-Length: 1000', 'Connection: close'),
    next: () => bytes(1),
    everyMs: SLOWLY_MS,
    statuses: [408],
  },
  'a question of a byte a second': {
    head: post('/graphql', 'Content-Length: 1000', 'Connection: close'),
    next: () => bytes(1),
    everyMs: SLOWLY_MS,
    statuses: [408],
  },
  'a header of a byte a second': {
    head: `POST ${WEBHOOK} HTTP/1.1\r\nHost: gateway\r\nX-Slow: `,
    next: () => bytes(1),
    everyMs: SLOWLY_MS,
    statuses: [408],
  },
  'a header that never ends': {
    head: `POST ${WEBHOOK} HTTP/1.1\r\nHost: gateway\r\nX-Long: `,
    next: (sent) => (sent < GIGABYTE ? bytes(65_536) : null),
    statuses: [431, 0],
    most: ON_THE_WAY,
  },
  'nothing at all': { head: '', next: () => null, statuses: [408] },
};

describe('bodies that are too large, too slow or not what they say', () => {
  let gateways: Gateways;
  const deliverer = createDeliverer(4);
  beforeAll(async () => {
    gateways = await startGateways({ count: 1, env: () => ({ STRIPE_WEBHOOK_SECRETS: DELIVERY_SECRET }) });
  });
  afterAll(async () => {
    deliverer.close();
    await gateways.stop();
  });

  it(
    'are all cut off, hold no more than their limit, and cost the right ones nothing',
    async () => {
      const [gateway] = gateways.all as [(typeof gateways.all)[0]];
      const acme = gateway.as('acme');
      const right = async (id: string) => [
        await deliverer.deliver(gateway.port, id),
        (await acme.ask('{ viewer { subject } }')).errors,
      ];
      await right('evt_before');
      const before = await gateway.call('residentMb');
      let over = 0;
      const all = Object.entries(attacks).map(async ([name, { head, next, everyMs }]) => {
        const ends = await Promise.all(Array.from({ length: SOCKETS }, () => talk(gateway.port, head, next, everyMs)));
        over += 1;
        return [name, ends] as const;
      });
      let [asked, most] = [0, before];
      const refused: unknown[] = [];
      while (over < all.length) {
        const [status, errors] = await right(`evt_beside${asked++}`);
        if (status !== 200 || errors) refused.push([status, errors]);
        most = Math.max(most, await gateway.call('residentMb'));
      }
      const ended = await Promise.all(all);

      process.stdout.write(
        `${all.length} kinds of ${SOCKETS} sockets each, all cut off; ${asked} right ones beside them answered; ` +
          `resident +${(most - before).toFixed(0)} MB\n`,
      );
      for (const [name, ends] of ended) {
        const { statuses, most: mostSent = Infinity } = attacks[name] as Attack;
        const found = ends.map(({ status }) => status);
        expect([name, [...new Set(found)].filter((status) => !statuses.includes(status))]).toEqual([name, []]);
        expect([name, Math.max(...ends.map(({ sent }) => sent)) <= mostSent]).toEqual([name, true]);
      }
      expect(refused).toEqual([]);
      // Of each connection the largest body that is taken, twice: as it came and put together; and what the process takes by itself.
      const limitMb = 100 + (2 * all.length * SOCKETS * WEBHOOK_BYTES) / 1_048_576;
      expect(most - before).toBeLessThan(limitMb);
      expect(gateway.hasEnded()).toBe(false);
    },
    600_000 + SOCKETS * 1_000,
  );
});
