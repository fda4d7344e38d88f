import { createHmac } from 'node:crypto';
import { Writable } from 'node:stream';
import { createLog } from '../../src/cli/log.js';
import { startWorld, type World } from '../support/world.js';

const SECRET = 'whsec_CANARYofTheEndpoint1';

/** Things that must never be found in what the gateway says about itself. Each is told apart by its own ending. */
const canaries: Record<string, string> = {
  'a live key': 'sk_live_CANARY51abcdef',
  'a test key': 'sk_test_CANARY51abcdef',
  'a restricted key': 'rk_live_CANARY51abcdef',
  'a signing secret': SECRET,
  'a token': 'eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkiOjF9.CANARYsignature',
  'a bearer header': 'Bearer CANARYbearer.token',
  'an e-mail address': 'CANARY.person+tag@example.com',
  'a client secret': 'pi_3Nx_secret_CANARYclient',
  'a setup secret': 'seti_1Nx_secret_CANARYsetup',
  'a database address': 'mysql://billing:CANARYpassword@db.internal:3306/billing',
  'a Redis address': 'redis://:CANARYredis@cache:6379',
  'a mail server': 'smtp://billing:CANARYsmtp@mail.internal:587',
  'a card number': '4000056655665556',
  'a card number with blanks': '5200 8282 8282 8210',
};
const shownBits = /CANARY|4000056655665556|5200 8282 8282 8210/;

describe('the log and the figures', () => {
  let world: World;
  let output = '';
  const lines = () => output;
  beforeAll(async () => {
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        output += String(chunk);
        done();
      },
    });
    const log = createLog({ logLevel: 'debug', production: true }, stream as unknown as NodeJS.WriteStream);
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: SECRET }, log);
  });
  afterAll(() => world.stop());

  const url = () => `http://127.0.0.1:${world.gateway.port}`;
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url()}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  function deliver(body: string, secret = SECRET): Promise<Response> {
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    return post('/webhooks/stripe', body, { 'stripe-signature': `t=${t},v1=${v1}` });
  }

  it.each(Object.entries(canaries))('keep %s to themselves, whatever way it comes in', async (name, canary) => {
    output = '';
    const quoted = JSON.stringify(canary);
    await post('/graphql', JSON.stringify({ query: `{ plan(key: ${quoted}) { key } invoice(id: ${quoted}) { id } }` }));
    await post('/graphql', JSON.stringify({ query: `{ ${canary} }`, operationName: canary, variables: { a: canary } }));
    await post('/graphql', canary);
    await post('/graphql', JSON.stringify({ query: '{ plans { key } }' }), { authorization: canary, cookie: canary });
    await post('/graphql', JSON.stringify({ query: '{ plans { key } }' }), { authorization: `Bearer ${canary}` });
    await fetch(`${url()}/${encodeURIComponent(canary)}?token=${encodeURIComponent(canary)}`);
    await world
      .as('acme')
      .ask(
        `mutation ($key: ID) { createCheckoutSession(input: { plan: ${quoted}, interval: MONTH, idempotencyKey: $key, successUrl: "http://localhost/?s=${encodeURIComponent(canary)}" }) { userErrors { code } } }`,
        { key: canary },
      );
    await post('/webhooks/stripe', canary, { 'stripe-signature': canary });
    await deliver(canary);
    const event = { id: `evt_${name.replace(/\W/g, '')}`, object: 'event', created: 1_800_000_000, livemode: false };
    await deliver(
      JSON.stringify({
        ...event,
        type: 'customer.updated',
        data: { object: { id: 'cus_1', object: 'customer', email: canary, name: canary } },
      }),
    );
    await deliver(
      JSON.stringify({
        ...event,
        id: `${event.id}2`,
        type: canary,
        data: { object: { id: canary, object: canary, customer: canary } },
      }),
    );
    const { log } = world.gateway.parts;
    const crash = Object.assign(new Error(`connect failed: ${canary}`, { cause: new Error(canary) }), {
      sql: canary,
      config: { canary },
    });
    log.error(
      { err: crash, reason: canary, client_secret: canary, nested: { password: canary } },
      `gave up on ${canary}`,
    );
    await world.gateway.parts.sync.idle();

    expect(lines()).toContain('gave up on');
    expect(
      lines()
        .split('\n')
        .filter((line) => shownBits.test(line)),
    ).toEqual([]);
    expect(shownBits.exec(await (await fetch(`${url()}/metrics`)).text())?.[0]).toBeUndefined();
  });

  it('say under which request something failed', async () => {
    await post('/webhooks/stripe', '{}', { 'x-request-id': 'request-of-this-test' });

    expect(lines()).toContain('"requestId":"request-of-this-test"');
  });
});
