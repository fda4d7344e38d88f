import { connect } from 'node:net';
import { systemWall } from '../../src/clock/system-clock.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { startWorld, type World } from '../support/world.js';
import { type Genuine, type Sent, signed } from './forged-signatures.js';
import { forgedWebhooks } from './forged-webhooks.js';

const SECRET = 'whsec_of_the_forged_ones';
const CANARY = 'canary-of-the-body@example.com';

describe('forged and misshapen webhooks over the wire', () => {
  let world: World;
  const log = createRecordedLog();
  beforeAll(async () => {
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: SECRET }, log);
    await world.settled();
  });
  afterAll(() => world.stop());

  const genuine = (): Genuine => ({
    secret: SECRET,
    now: Math.floor(systemWall.now() / 1_000),
    body: Buffer.from(
      `{"id": "evt_forged", "object": "event", "type": "customer.updated", "created": 1800000000, "livemode": false,
        "data": {"object": {"object": "customer", "id": "cus_1", "email": "${CANARY}", "name": "Zoë", "balance": 1.0}}}`,
    ),
  });
  /** Bytes as they are. Answers the status; 0 when the connection was closed without one. */
  const send = ({ method = 'POST', path = '/webhooks/stripe', headers, body, contentLength }: Sent): Promise<number> =>
    new Promise((resolve, reject) => {
      const length = contentLength === null ? [] : [['Content-Length', String(contentLength ?? body.length)]];
      const lines = [
        ['Host', 'gateway'],
        ['Connection', 'close'],
        ['Content-Type', 'application/json'],
        ...length,
        ...headers,
      ];
      const socket = connect(world.gateway.port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        // It is closed while we still write.
        if (!['EPIPE', 'ECONNRESET'].includes(String(error.code))) reject(error);
      });
      socket.write(
        `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
      );
      socket.end(body);
    });
  const stored = async () => {
    const rows = await world.gateway.parts.database.read.rows<{ id: string }>(
      'SELECT id FROM stripe_events WHERE source = ?',
      ['delivery'],
    );
    return rows.map(({ id }) => id).filter((id) => id === 'evt_forged' || !/^evt_\w{14,40}$/.test(id));
  };

  it.each(Object.keys(forgedWebhooks(genuine())))('are all refused when it is their %s that is wrong', async (kind) => {
    const count = forgedWebhooks(genuine())[kind]?.length ?? 0;
    for (let at = 0; at < count; at++) {
      // Made anew for each, so that none is refused for its age.
      const [what, sent] = forgedWebhooks(genuine())[kind]?.[at] as [string, Sent];
      const status = await send(sent);
      expect([what, status >= 400 && status < 500]).toEqual([what, true]);
    }

    expect(await stored()).toEqual([]);
  });

  it('are more than two hundred, leave nothing of body or secret in the log, and cost the right one nothing', async () => {
    const cases = Object.values(forgedWebhooks(genuine())).flat();
    process.stdout.write(`${cases.length} forged and misshapen webhooks refused\n`);
    const logged = JSON.stringify(log.lines);

    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(logged).toContain('webhook refused');
    for (const secret of [CANARY, SECRET, 'Zoë']) expect(logged).not.toContain(secret);
    expect(log.lines.filter(({ level, message }) => level === 'error' && !message.includes('refused'))).toEqual([]);
    expect(await send(signed(genuine()))).toBe(200);
    expect(await stored()).toEqual(['evt_forged']);
  });
});
