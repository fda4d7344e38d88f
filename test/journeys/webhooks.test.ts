import { createHmac, randomInt } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { accountIdOf } from '../../src/accounts/account.js';
import { databaseKind } from '../support/database.js';
import { stripeAt } from '../support/stripe-at.js';
import { verifyAudit } from '../support/audit-chain.js';
import { startWorld, type World } from '../support/world.js';

const SECRET = 'whsec_journey';
/** `ORDERS=300 npx jest test/journeys/webhooks` delivers in more orders. */
const ORDERS = Number(process.env.ORDERS ?? 5);
const ACME = accountIdOf('acme');
const STATE = `{ viewer { account { name currency plan { key } access { allowed reason until }
  subscription { id status plan { key } seats currentPeriod { start end } cancellation { effectiveAt } }
  invoices { nodes { id number status total { minor } amountPaid { minor } } } } } }`;
const LIVE = 'subscription { accountUpdated { kind revision account { plan { key } } } }';
const CHECKOUT = `mutation { createCheckoutSession(input: { plan: "team", interval: MONTH }) { session { id } } }`;

interface Sent {
  status: number;
  text: string;
}

describe('webhooks over HTTP', () => {
  let world: World;
  let deliveries: Buffer[];

  beforeAll(async () => {
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: `whsec_older,${SECRET}` });
    const checkout = await world.as('acme').ask(CHECKOUT);
    await fetch(
      `${world.sandbox.url}/_sandbox/checkout_sessions/${checkout.data.createCheckoutSession.session.id}/complete`,
      {
        method: 'POST',
        body: JSON.stringify({ payment_method: 'pm_card_visa' }),
      },
    );
    const stripe = stripeAt(world.sandbox.url);
    const events: object[] = [];
    for await (const event of stripe.events.list({ limit: 100 })) events.unshift(event);
    deliveries = events.map((event) => Buffer.from(JSON.stringify(event)));
  });
  afterAll(async () => {
    process.stdout.write(`${databaseKind}: ${alike} orders through two gateways ended alike\n`);
    await world.stop();
  });

  const sign = (body: Buffer, { secret = SECRET, age = 0 } = {}) => {
    const t = Math.floor(Date.now() / 1000) - age;
    return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex')}`;
  };
  /** Bytes as they are, with a header as often as it is given. */
  const post = (
    body: Buffer,
    signature: string | string[] | undefined,
    headers: Record<string, string> = {},
    port = world.gateway.port,
  ): Promise<Sent> =>
    new Promise((resolve, reject) => {
      const signed = signature === undefined ? {} : { 'stripe-signature': signature };
      const options = { host: '127.0.0.1', port, path: '/webhooks/stripe', method: 'POST' };
      const sending = request(
        { ...options, headers: { 'content-type': 'application/json', ...signed, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      sending.on('error', reject);
      sending.end(body);
    });
  const deliver = async (body: Buffer, port?: number) => {
    const { status } = await post(body, sign(body), {}, port);
    if (status !== 200) throw new Error(`A genuine delivery was answered with ${status}.`);
  };
  const stored = async () => {
    const rows = await world.gateway.parts.database.read.rows<{ state: string }>('SELECT state FROM stripe_events');
    return rows.map(({ state }) => state);
  };
  const state = async () => (await world.as('acme').ask(STATE)).data.viewer.account;
  /** An empty gateway that already knows the tenant, and what a client of hers sees from now on. */
  async function fresh() {
    await world.forgetEverything();
    const live = world.as('acme').watch(LIVE);
    await live.until(() => true);
    return live;
  }
  let inOrder: unknown;
  let alike = 0;

  it('takes invoice.payment_succeeded for invoice.paid, where an endpoint that was made by hand brings only that', async () => {
    const live = await fresh();
    const typeOf = (body: Buffer) => (JSON.parse(body.toString()) as { type: string }).type;
    const alone = deliveries.filter((body) => typeOf(body) === 'invoice.payment_succeeded');
    for (const body of alone) await deliver(body);
    await world.settled();
    live.close();

    expect(alone).toHaveLength(1);
    expect(await stored()).toEqual(['done']);
    expect(await state()).toMatchObject({
      plan: { key: 'team' },
      subscription: { status: 'ACTIVE' },
      invoices: { nodes: [{ status: 'PAID' }] },
    });
  });

  it('brings an empty gateway to the state of Stripe when every delivery comes once, in order', async () => {
    const live = await fresh();
    for (const body of deliveries) await deliver(body);
    await world.settled();
    inOrder = await state();
    live.close();

    expect(inOrder).toMatchObject({
      plan: { key: 'team' },
      access: { allowed: true, reason: 'ACTIVE' },
      subscription: { status: 'ACTIVE' },
      invoices: { nodes: [{ status: 'PAID', total: { minor: 2000 }, amountPaid: { minor: 2000 } }] },
    });
    expect(new Set(await stored())).toEqual(new Set(['done', 'ignored']));
    expect((await verifyAudit(world.gateway.parts.database, ACME)).length).toBeGreaterThan(0);
  });

  it('knows every event once and changes nothing more when each comes five times, two at once', async () => {
    const revisions = await verifyAudit(world.gateway.parts.database, ACME);
    for (const body of deliveries) {
      await Promise.all([deliver(body), deliver(body)]);
      await Promise.all([deliver(body), deliver(body)]);
      await deliver(body);
    }
    await world.settled();

    expect(await stored()).toHaveLength(deliveries.length);
    expect(await state()).toEqual(inOrder);
    expect(await verifyAudit(world.gateway.parts.database, ACME)).toEqual(revisions);
  });

  const seeds = [...Array.from({ length: ORDERS }, (_, n) => n + 1), randomInt(1_000_000)];
  it.each(seeds)(
    'ends in the same state when they come to two gateways in the order of seed %i, some twice, several at once',
    async (seed) => {
      const live = await fresh();
      const other = await world.startAnother();
      const ports = [world.gateway.port, other.gateway.port];
      const shuffled = shuffle([...deliveries, ...deliveries.slice(0, 5)], seed);
      for (let at = 0; at < shuffled.length; at += 1 + (seed % 4)) {
        await Promise.all(shuffled.slice(at, at + 1 + (seed % 4)).map((body, n) => deliver(body, ports[(at + n) % 2])));
      }
      await world.settled();
      await other.gateway.parts.sync.idle();
      await other.close();
      await world.settled();
      const revisions = await verifyAudit(world.gateway.parts.database, ACME);
      const newest = revisions[revisions.length - 1] ?? 0;
      await live.until(({ accountUpdated }) => accountUpdated.revision === newest);
      live.close();

      expect(await state()).toEqual(inOrder);
      expect(await stored()).toHaveLength(deliveries.length);
      const seen = live.messages.map(({ accountUpdated }) => accountUpdated.revision);
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      alike += 1;
    },
  );

  it('stores nothing that is forged, stale, bent or not for it, and tells a forger nothing', async () => {
    await fresh();
    const body = deliveries[0] ?? Buffer.alloc(0);
    const event = JSON.parse(body.toString()) as Record<string, unknown>;
    const written = (differs: object) => Buffer.from(JSON.stringify({ ...event, ...differs }));
    const signed = (sent: Buffer, differs = {}) => post(sent, sign(sent, differs));
    const bom = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    const attempts: [string, Promise<Sent>][] = [
      ['no signature', post(body, undefined)],
      ['an empty signature', post(body, '')],
      ['the signature of another body', post(body, sign(deliveries[1] ?? body))],
      ['the secret of another endpoint', signed(body, { secret: 'whsec_other' })],
      ['301 seconds of age', signed(body, { age: 301 })],
      ['an hour of age', signed(body, { age: 3_600 })],
      ['two minutes ahead', signed(body, { age: -120 })],
      ['v0 only', post(body, sign(body).replace('v1=', 'v0='))],
      ['upper case', post(body, sign(body).toUpperCase())],
      ['letters that are not ASCII', post(body, `t=1,v1=${'\u00e9'.repeat(64)}`)],
      ['the header twice', post(body, [sign(body), sign(body)])],
      ['a header of 10,000 signatures', post(body, `${sign(body)}${`,v1=${'0'.repeat(64)}`.repeat(100)}`)],
      ['JSON written anew', post(Buffer.from(JSON.stringify(event, null, 1)), sign(body))],
      ['a byte order mark', post(bom, sign(body))],
      ['a byte order mark that is signed', signed(bom)],
      ['no JSON', signed(Buffer.from('{"id":'))],
      ['an empty body', signed(Buffer.alloc(0))],
      ['JSON that is no event', signed(Buffer.from('[1]'))],
      ['an event of live mode', signed(written({ livemode: true }))],
      ['an event of a connected account', signed(written({ account: 'acct_1' }))],
      ['an id that is no id', signed(written({ id: "evt_' OR 1=1" }))],
      ['a packed body', post(gzipSync(body), sign(body), { 'content-encoding': 'gzip' })],
    ];

    for (const [what, attempt] of attempts)
      expect([what, await attempt]).toEqual([what, { status: 400, text: expect.any(String) }]);
    const texts = await Promise.all(attempts.map(async ([, attempt]) => (await attempt).text));
    // Only who has the secret learns more.
    expect(new Set(texts.filter((text) => !text.includes('the signature is right'))).size).toBe(1);
    const owned = attempts
      .filter((_attempt, at) => texts[at]?.includes('the signature is right'))
      .map(([what]) => what);
    expect(owned).toEqual([
      'a byte order mark that is signed',
      'no JSON',
      'an empty body',
      'JSON that is no event',
      'an event of live mode',
      'an event of a connected account',
      'an id that is no id',
    ]);
    expect(await stored()).toEqual([]);
  });

  it('takes a delivery again within its five minutes, and not after an hour', async () => {
    const body = deliveries[0] ?? Buffer.alloc(0);

    expect((await post(body, sign(body, { age: 290 }))).status).toBe(200);
    expect((await post(body, sign(body, { age: 290 }))).status).toBe(200);
    expect((await post(body, sign(body, { age: 3_600 }))).status).toBe(400);
    expect(await stored()).toHaveLength(1);
  });

  it('accepts the older of two secrets while they are exchanged', async () => {
    const body = deliveries[1] ?? Buffer.alloc(0);

    expect((await post(body, sign(body, { secret: 'whsec_older' }))).status).toBe(200);
  });

  it('accepts a hundred copies of one delivery at once, and knows it once', async () => {
    await fresh();
    const body = deliveries[2] ?? Buffer.alloc(0);
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(body, sign(body))));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await stored()).toHaveLength(1);
  });
});

/** The same order for the same seed. */
function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const shuffled = [...items];
  let number = seed;
  for (let left = shuffled.length - 1; left > 0; left--) {
    number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = number % (left + 1);
    [shuffled[left], shuffled[other]] = [shuffled[other] as Item, shuffled[left] as Item];
  }
  return shuffled;
}
