import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STRIPE_API_VERSION } from '../../src/stripe/client.js';
import { stripeFor } from '../sandbox/support/stripe-for.js';
import { subscriber } from '../support/change-plan-story.js';
import { databaseKind } from '../support/database.js';
import { startWorld, type World } from '../support/world.js';

/** `REAL_CAPTURED=100 npx jest test/real/captured-deliveries` captures those of more customers. */
const CUSTOMERS = Number(process.env.REAL_CAPTURED ?? 2);
const SECOND = 1_000;

/** A delivery as somebody on the way has seen it. */
interface Captured {
  body: Buffer;
  headers: IncomingHttpHeaders;
  /** Milliseconds: when it was signed. */
  signedAt: number;
}

describe('deliveries that somebody has captured', () => {
  let world: World;
  const captured: Captured[] = [];
  const between = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { headers } = incoming;
      const signedAt = Number(/t=(\d+)/.exec(String(headers['stripe-signature']))?.[1]) * SECOND;
      const one = { body: Buffer.concat(chunks), headers, signedAt };
      void send(one)
        .catch(() => 503)
        .then((status) => {
          if (status === 200) captured.push(one);
          response.writeHead(status).end();
        });
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const { port } = between.address() as AddressInfo;
    world = await startWorld(async (sandbox) => {
      const { secret } = await stripeFor(sandbox).webhookEndpoints.create({
        ...{ url: `http://127.0.0.1:${port}`, enabled_events: ['*'], api_version: STRIPE_API_VERSION },
      });
      return { STRIPE_WEBHOOK_SECRETS: String(secret) };
    });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    await world.stop();
    between.close();
  });

  /** The same bytes under the same headers. */
  const send = ({ body, headers }: Captured): Promise<number> =>
    new Promise((resolve, reject) => {
      const sending = request(
        { host: '127.0.0.1', port: world.gateway.port, path: '/webhooks/stripe', method: 'POST', headers },
        (answer) => answer.resume().once('end', () => resolve(answer.statusCode ?? 0)),
      );
      sending.once('error', reject);
      sending.end(body);
    });
  /** All that a delivery could change. */
  const stored = async () => {
    const { rows } = world.gateway.parts.database.read;
    return {
      events: await rows('SELECT id, state, attempts FROM stripe_events ORDER BY id'),
      asked: await rows('SELECT subject, asked FROM subjects ORDER BY subject'),
      accounts: await rows('SELECT id, revision FROM accounts ORDER BY id'),
    };
  };

  it(
    'are a repetition for five minutes and refused afterwards, and change nothing either way',
    async () => {
      for (let at = 0; at < CUSTOMERS; at++) await subscriber(world, 'team', `tenant-${at}`);
      const all = [...captured];
      const before = await stored();
      const clock = jest.spyOn(world.gateway.parts.wall, 'now');
      const statuses = new Map<string, number>();
      for (const seconds of [0, 299, 301, 3_600])
        for (const one of all) {
          clock.mockReturnValue(one.signedAt + seconds * SECOND);
          const status = await send(one);
          // Who is refused too often is told to wait.
          const key = `${status === 429 ? 400 : status} after ${seconds} s`;
          statuses.set(key, (statuses.get(key) ?? 0) + 1);
        }
      clock.mockRestore();
      await world.settled();

      process.stdout.write(`${databaseKind}: ${all.length} deliveries captured, ${JSON.stringify([...statuses])}\n`);
      expect(all.length).toBeGreaterThan(5 * CUSTOMERS);
      expect([...statuses]).toEqual(
        ['200 after 0 s', '200 after 299 s', '400 after 301 s', '400 after 3600 s'].map((key) => [key, all.length]),
      );
      expect(await stored()).toEqual(before);
    },
    600_000 + CUSTOMERS * 10_000,
  );
});
