import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { figures } from '../../src/operations/figures.js';
import { readHealth } from '../../src/operations/health.js';
import { createMetrics } from '../../src/operations/metrics.js';
import { createRateLimits } from '../../src/operations/rate-limits.js';
import { STRIPE_API_VERSION } from '../../src/stripe/client.js';
import { createDoorWatch } from '../../src/webhooks/door-watch.js';
import type { NewInboxRow } from '../../src/webhooks/inbox.js';
import { createReceiveWebhook } from '../../src/webhooks/receive-webhook.js';
import { createManualTime } from '../support/manual-time.js';
import { createRecordedLog } from '../support/recorded-log.js';

const SECRET = 'whsec_of_the_door';
/** `FORGERIES=1000000 npx jest test/webhooks/door` tries more headers and bodies. */
const FORGERIES = Number(process.env.FORGERIES ?? 2_000);
const MINUTE = 60_000;

function openDoor() {
  const time = createManualTime();
  const log = createRecordedLog();
  const metrics = createMetrics();
  const watch = createDoorWatch({ wall: time.wall, log, metrics, apiVersion: STRIPE_API_VERSION });
  const rows: NewInboxRow[] = [];
  const receive = createReceiveWebhook({
    inbox: { store: async (row) => (rows.push(row), 'new') },
    ...{ wall: time.wall, log, metrics, watch, secrets: [SECRET], livemode: false },
    draining: () => false,
    knock() {},
    takeBadSignature: createRateLimits({
      rateLimits: { requestsPerMinute: 0, checkoutsPerMinute: 0, checkoutsPerMinuteAndAddress: 0 },
    }).takeBadSignature,
  });
  const post = (body: string | Buffer, secret = SECRET, header?: string) => {
    const t = Math.floor(time.wall.now() / 1_000);
    const v1 = createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex');
    const headers = { 'stripe-signature': header ?? `t=${t},v1=${v1}` };
    return receive(Buffer.from(body), headers, { remoteAddress: '192.0.2.7', requestId: 'req-1' });
  };
  const health = async () => {
    const database = { read: { rows: async () => [], manager: {} as never } };
    return readHealth({ database, stripe: {}, door: watch });
  };
  const lines = (level: string) => log.lines.filter((line) => line.level === level);
  const count = async (name: keyof typeof figures) =>
    (await metrics.render())
      .split('\n')
      .filter((line) => line.startsWith(name))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { time, rows, post, health, lines, count };
}

const event = (differs: object = {}) =>
  JSON.stringify({
    ...{ id: 'evt_1', object: 'event', type: 'customer.updated', created: 1_800_000_000, livemode: false },
    ...{ api_version: STRIPE_API_VERSION, request: null, data: { object: { object: 'customer', id: 'cus_1' } } },
    ...differs,
  });

describe('the door for webhooks', () => {
  it.each([
    ['is no JSON', '{'],
    ['is empty', ''],
    ['is a number', '1'],
    ['is null', 'null'],
    ['is a list', '[]'],
    ['is a thin event', event({ object: 'v2.core.event' })],
    ['has no id', event({ id: undefined })],
    ['has the id of something else', event({ id: 'cus_1' })],
    ['has no type', event({ type: undefined })],
    ['has a type of capitals', event({ type: 'CUSTOMER' })],
    ['has no time', event({ created: null })],
    ['has a time with a fraction', event({ created: 1.5 })],
    ['has a time as text', event({ created: '1800000000' })],
    ['does not say its mode', event({ livemode: undefined })],
    ['has no data', event({ data: undefined })],
    ['has no object', event({ data: {} })],
    ['has a text for an object', event({ data: { object: 'cus_1' } })],
    ['has a list for previous attributes', event({ data: { object: {}, previous_attributes: [] } })],
  ])('tells the owner of the secret that a signed body is right and no event when it %s', async (_what, body) => {
    const door = openDoor();

    const answer = await door.post(body);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(/the signature is right, but the body is no (event|JSON)/);
    expect(door.rows).toEqual([]);
  });

  it('says which mode or account a signed event should not be of', async () => {
    const door = openDoor();

    expect((await door.post(event({ livemode: true }))).body).toContain('live or test');
    expect((await door.post(event({ account: 'acct_1' }))).body).toContain('connected account');
  });

  it('writes one line for each refusal, with no more than reason, address and request', async () => {
    const door = openDoor();
    await door.post(event(), 'whsec_wrong');

    expect(door.lines('warn')).toEqual([
      {
        level: 'warn',
        message: expect.stringMatching(/^webhook refused: .*STRIPE_WEBHOOK_SECRETS.*`billing doctor`/) as unknown,
        fields: { reason: 'no_match', remoteAddress: '192.0.2.7', requestId: 'req-1' },
      },
    ]);
  });

  it('raises one alert for more than ten refusals in five minutes, and another for the next time', async () => {
    const door = openDoor();
    for (let sent = 0; sent < 10; sent++) await door.post(event(), 'whsec_wrong');
    expect(door.lines('error')).toHaveLength(0);
    await door.post(event(), 'whsec_wrong');
    await door.post(event(), 'whsec_wrong');
    expect(door.lines('error')).toHaveLength(1);

    door.time.advance(6 * MINUTE);
    for (let sent = 0; sent < 11; sent++) await door.post(event(), 'whsec_wrong');

    expect(door.lines('error')).toHaveLength(2);
    expect(await door.count('billing_webhook_refusal_alerts_total')).toBe(2);
  });

  it('does not let a flood fill the log, and counts all of it', async () => {
    const door = openDoor();
    for (let sent = 0; sent < 500; sent++) await door.post('x', 'whsec_wrong');

    expect(door.lines('warn')).toHaveLength(100);
    expect(await door.count('billing_webhook_invalid_signature_total')).toBe(500);
  });

  it('is degraded, with the remedy, after three bad signatures and no good one', async () => {
    const door = openDoor();
    await door.post(event(), 'whsec_wrong');
    await door.post(event(), 'whsec_wrong');
    expect((await door.health()).state).toBe('OK');
    await door.post(event(), 'whsec_wrong');

    const { state, checks } = await door.health();
    expect(state).toBe('DEGRADED');
    expect(checks.find(({ name }) => name === 'webhook signatures')?.detail).toContain('STRIPE_WEBHOOK_SECRETS');
    await door.post(event());
    expect((await door.health()).state).toBe('OK');
  });

  it('is degraded when all are refused after good ones had come, as after the secret was rolled, and until one is good', async () => {
    const door = openDoor();
    await door.post(event());
    const refuse = async (times: number) => {
      for (let sent = 0; sent < times; sent++) await door.post(event(), 'whsec_wrong');
    };
    await refuse(20);
    expect((await door.health()).state).toBe('OK');
    door.time.advance(6 * MINUTE);
    await refuse(10);
    expect((await door.health()).state).toBe('OK');
    await refuse(1);

    const { state, checks } = await door.health();
    expect(state).toBe('DEGRADED');
    expect(checks.find(({ name }) => name === 'webhook signatures')?.detail).toContain('STRIPE_WEBHOOK_SECRETS');
    await door.post(event());
    expect((await door.health()).state).toBe('OK');
  });

  it('takes in, counts and tells an event of another API version', async () => {
    const door = openDoor();

    expect((await door.post(event({ api_version: '2024-06-20' }))).status).toBe(200);

    expect(door.rows).toMatchObject([{ id: 'evt_1', apiVersion: '2024-06-20' }]);
    expect(await door.count('billing_webhook_other_version_total')).toBe(1);
    const version = async () => (await door.health()).checks.find(({ name }) => name === 'webhook version');
    expect(await version()).toMatchObject({ state: 'DEGRADED', detail: expect.stringContaining(STRIPE_API_VERSION) });
    door.time.advance(60 * MINUTE);
    expect(await version()).toMatchObject({ state: 'OK' });
  });

  it('never lets the limit of bad signatures refuse a good one from the same address', async () => {
    const door = openDoor();
    for (let sent = 0; sent < 100; sent++) await door.post(event(), 'whsec_wrong');
    expect((await door.post(event(), 'whsec_wrong')).status).toBe(429);

    expect((await door.post(event())).status).toBe(200);
    expect((await door.post('no event')).status).toBe(400);
  });

  it(
    'takes in nothing that was not signed, whatever header and body, and never breaks',
    async () => {
      const door = openDoor();
      const t = Math.floor(door.time.wall.now() / 1_000);
      const foreign = createHmac('sha256', 'whsec_other').update(`${t}.${event()}`).digest('hex');
      const piece = fc.oneof(
        fc.constantFrom(
          't=',
          'v1=',
          'v0=',
          ',',
          '=',
          ' ',
          String(t),
          `t=${t},v1=${foreign}`,
          'a'.repeat(64),
          '\n',
          '\u0000',
        ),
        fc.string({ unit: 'binary', maxLength: 70 }),
      );
      const header = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
      const body = fc.oneof(fc.constant(event()), fc.json(), fc.string({ unit: 'binary' }));
      const began = performance.now();
      await fc.assert(
        fc.asyncProperty(header, body, async (any, text) => {
          const { status } = await door.post(text, SECRET, any);
          expect([400, 429]).toContain(status);
        }),
        { numRuns: FORGERIES },
      );
      const perSecond = Math.round(FORGERIES / ((performance.now() - began) / 1_000));
      process.stdout.write(`${FORGERIES} forgeries refused, ${perSecond} made and refused in a second\n`);
      expect(door.rows).toEqual([]);
    },
    600_000 + FORGERIES,
  );

  it('answers a signed body of any shape with 200 or 400, and stores only what fits the inbox', async () => {
    const door = openDoor();
    const shape = fc.record(
      {
        id: fc.oneof(fc.constant('evt_1'), fc.anything()),
        type: fc.oneof(fc.constant('invoice.paid'), fc.anything()),
        created: fc.oneof(fc.constant(1), fc.anything()),
        livemode: fc.oneof(fc.constant(false), fc.anything()),
        api_version: fc.anything(),
        account: fc.constant(null),
        request: fc.oneof(fc.constant(null), fc.anything()),
        data: fc.oneof(fc.record({ object: fc.dictionary(fc.string(), fc.anything()) }), fc.anything()),
      },
      { requiredKeys: ['id'] },
    );
    await fc.assert(
      fc.asyncProperty(shape, async (differs) => {
        const text = JSON.stringify({ object: 'event', ...differs }, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
        const { status } = await door.post(text);
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 1_000 },
    );
    for (const { id, subject } of door.rows) {
      expect(id).toMatch(/^evt_\w+$/);
      expect(subject).toMatch(/^[\w:-]+$/);
    }
  });
});
