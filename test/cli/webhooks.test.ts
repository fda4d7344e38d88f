import type Stripe from 'stripe';
import { STRIPE_API_VERSION } from '../../src/stripe/client.js';
import { wantedTypes } from '../../src/webhooks/handlers.js';
import { type Commands, startCommands } from '../support/plans-file-commands.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const ADDRESS = 'http://127.0.0.1:9';
const URL = `${ADDRESS}/webhooks/stripe`;

describe('billing webhooks', () => {
  let world: World;
  let commands: Commands;
  beforeEach(async () => {
    world = await startWorld();
    commands = startCommands(world, { PUBLIC_URL: ADDRESS });
  });
  afterEach(async () => {
    commands.stop();
    await world.stop();
  });

  const run = (...words: string[]) => commands.run('webhooks', ...words);
  const json = async (...words: string[]) => {
    const { code, out, err } = await run(...words, '--json');
    return { code, err, ...(JSON.parse(out || '{}') as { id?: string; secret?: string }) };
  };
  const api = () => world.gateway.parts.stripe.webhookEndpoints;
  const at = async (url: string) => (await api().list({ limit: 100 })).data.filter((endpoint) => endpoint.url === url);
  const add = (given: Partial<Stripe.WebhookEndpointCreateParams> = {}) =>
    api().create({
      url: URL,
      enabled_events: [...wantedTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
      api_version: STRIPE_API_VERSION,
      ...given,
    });
  /** Made by the command, whose secret the settings hold from now on. */
  const provisioned = async () => {
    const { id = '', secret = '' } = await json('provision');
    process.env.STRIPE_WEBHOOK_SECRETS = secret;
    return { id, secret };
  };

  describe('provision', () => {
    it('makes the endpoint by the list of handlers, prints its secret once, and changes nothing the second time', async () => {
      expect(await json('provision', '--dry-run')).toMatchObject({ code: 0, state: 'to do', step: 'create' });
      expect(await at(URL)).toEqual([]);

      const first = await run('provision');
      const made = await at(URL);
      const second = await run('provision');

      expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/whsec_\w+\n.*STRIPE_WEBHOOK_SECRETS/) });
      expect(made).toMatchObject([
        {
          status: 'enabled',
          api_version: STRIPE_API_VERSION,
          enabled_events: [...wantedTypes],
          metadata: { made_by: 'graphql-billing-gateway' },
        },
      ]);
      expect(second).toMatchObject({ code: 0, out: expect.stringContaining('what it should') });
      expect(second.out).not.toContain('whsec_');
      expect(await at(URL)).toEqual(made);
    });

    it('says whether the settings hold the secret', async () => {
      const { secret } = await json('provision');

      expect((await run('provision')).out).toContain('STRIPE_WEBHOOK_SECRETS does not hold');
      process.env.STRIPE_WEBHOOK_SECRETS = `whsec_old,${secret}`;
      expect((await run('provision')).out).not.toContain('does not hold');
    });

    it('brings the event types of one that is there up to date, and enables it', async () => {
      const { id } = await add({ enabled_events: ['invoice.paid', 'charge.succeeded'] });
      await api().update(id, { disabled: true });

      const planned = await json('provision', '--dry-run');
      expect(await api().retrieve(id)).toMatchObject({ status: 'disabled' });
      const done = await json('provision');

      const changes = expect.arrayContaining(['enable it', 'add invoice.created', 'leave out charge.succeeded']);
      expect(planned).toMatchObject({ code: 0, state: 'to do', step: 'update', id, changes });
      expect(done).toMatchObject({ code: 0, state: 'done', step: 'update', id, changes });
      expect(done).not.toMatchObject({ changes: expect.arrayContaining(['add invoice.paid']) });
      expect(await at(URL)).toMatchObject([{ id, status: 'enabled', enabled_events: [...wantedTypes] }]);
      expect(await json('provision')).toMatchObject({ code: 0, step: 'none', changes: [] });
    });

    it('asks for a rotation where the API version is another one', async () => {
      const old = await add({ api_version: '2025-03-31.basil', enabled_events: ['invoice.paid'] });

      const { code, err } = await run('provision');

      expect([code, err]).toEqual([3, expect.stringMatching(/2025-03-31\.basil.*webhooks rotate/)]);
      expect(await at(URL)).toMatchObject([{ id: old.id, enabled_events: ['invoice.paid'] }]);
      expect(await json('rotate')).toMatchObject({ code: 0 });
      expect(await json('provision')).toMatchObject({ code: 0, step: 'none', older: [old.id] });
    });

    it.each([
      ['', 'not set'],
      ['http://localhost:4000', 'localhost'],
      ['https://192.168.1.7', '192.168.1.7'],
    ])("refuses the address '%s', to which Stripe itself cannot deliver", async (address, told) => {
      Object.assign(process.env, { STRIPE_API_BASE: '', PUBLIC_URL: address });

      const { code, err } = await run('provision');

      expect([code, err]).toEqual([2, expect.stringContaining(told)]);
    });

    it('needs no secret in production, since it is to bring the first', async () => {
      Object.assign(process.env, {
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://billing.example.com',
        AUTH_JWT_SECRET: 'x'.repeat(32),
      });

      expect(await json('provision', '--dry-run')).toMatchObject({ code: 0, step: 'create' });
    });
  });

  describe('rotate', () => {
    it('is refused where there is none', async () => {
      expect(await run('rotate')).toMatchObject({ code: 1, err: expect.stringContaining('webhooks provision') });
    });

    it('retires the older one only once the settings hold the new secret', async () => {
      const old = await provisioned();
      const fresh = await json('rotate');

      expect(await run('rotate', '--retire', '--yes')).toMatchObject({
        code: 2,
        err: expect.stringContaining(`does not hold the secret of ${fresh.id}`),
      });
      expect(await at(URL)).toHaveLength(2);
      process.env.STRIPE_WEBHOOK_SECRETS = `${fresh.secret},${old.secret}`;

      expect(await json('rotate', '--retire')).toMatchObject({ code: 0, used: fresh.id, removed: [old.id] });
      expect(await at(URL)).toMatchObject([{ id: fresh.id }]);
      expect(await json('rotate', '--retire')).toMatchObject({ code: 0, removed: [] });
    });

    it('asks where it cannot tell, and before it makes a third', async () => {
      const [old, fresh] = [await add(), await add()];

      expect(await run('rotate')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
      expect(await run('rotate', '--retire')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
      expect(await at(URL)).toHaveLength(2);
      expect(await json('rotate', '--retire', '--yes')).toMatchObject({ used: fresh.id, removed: [old.id] });
      expect(await at(URL)).toMatchObject([{ id: fresh.id }]);
    });

    it('keeps the older one while the newer delivers less', async () => {
      await add();
      await add({ enabled_events: ['invoice.paid'] });

      expect(await run('rotate', '--retire', '--yes')).toMatchObject({
        code: 3,
        err: expect.stringContaining('webhooks provision'),
      });
      expect(await at(URL)).toHaveLength(2);
    });

    it('loses no delivery: what is bought while both deliver is applied, and what is bought after', async () => {
      const own = `http://127.0.0.1:${world.gateway.port}`;
      process.env.PUBLIC_URL = own;
      const { stripe } = world.config;
      const [old] = await world.gateway.parts.database.read.rows<{ secret: string }>(
        'SELECT secret FROM webhook_endpoints',
      );
      const buys = async (account: string) => {
        const { data } = await world.as(account).ask(CHECKOUT, { plan: 'team' });
        await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
        await world.settled();
        return (await world.as(account).ask('{ viewer { account { subscription { status } } } }')).data;
      };
      const ACTIVE = { viewer: { account: { subscription: { status: 'ACTIVE' } } } };

      const { id, secret = '' } = await json('rotate');
      Object.assign(stripe, { makeEndpoint: false, webhookSecrets: [secret, old?.secret] });
      await world.restartGateway();
      expect(await buys('acme')).toEqual(ACTIVE);
      process.env.STRIPE_WEBHOOK_SECRETS = secret;
      expect(await json('rotate', '--retire')).toMatchObject({ code: 0, used: id });
      stripe.webhookSecrets = [secret];
      await world.restartGateway();

      expect(await buys('beta')).toEqual(ACTIVE);
      expect(await at(`${own}/webhooks/stripe`)).toMatchObject([{ id }]);
    });
  });

  describe('prune', () => {
    it("removes disabled and replaced ones with --apply alone, and never another gateway's", async () => {
      const replaced = await add();
      const disabled = await add();
      await api().update(disabled.id, { disabled: true });
      const { id, secret = '' } = await json('rotate');
      const [another] = await at(`http://127.0.0.1:${world.gateway.port}/webhooks/stripe`);
      const waiting = { remove: [disabled.id], waiting: [replaced.id], elsewhere: [another?.id] };

      expect(await json('prune')).toMatchObject({ code: 0, state: 'to do', used: id, ...waiting });
      process.env.STRIPE_WEBHOOK_SECRETS = secret;
      const told = await json('prune');
      expect(told).toMatchObject({ state: 'to do', remove: [replaced.id, disabled.id], waiting: [] });
      expect(await at(URL)).toHaveLength(3);

      expect(await json('prune', '--apply')).toMatchObject({
        code: 0,
        state: 'done',
        remove: [replaced.id, disabled.id],
      });
      expect(await at(URL)).toMatchObject([{ id }]);
      expect(await api().retrieve(String(another?.id))).toMatchObject({ status: 'enabled' });
      expect((await run('prune', '--apply')).out).toContain('Nothing to remove');
    });
  });

  describe('snapshot', () => {
    it('lists every endpoint, and never a secret', async () => {
      const { id, secret } = await provisioned();
      const foreign = await add({ url: 'https://example.com/hook', enabled_events: ['*'] });

      const table = await run('snapshot');
      const { code, out } = await run('snapshot', '--json');

      const shown = JSON.parse(out) as object[];
      expect(code).toBe(0);
      expect(shown).toHaveLength(3);
      expect(shown).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id, url: URL, status: 'enabled', version: STRIPE_API_VERSION }),
          expect.objectContaining({ id: foreign.id, events: ['*'], created: expect.stringMatching(/^20\d\d-.*Z$/) }),
        ]),
      );
      expect(table.out).toMatch(new RegExp(`${id} +enabled +20\\d\\d-\\d\\d-\\d\\d +${[...wantedTypes].length} `));
      expect(table.out + out).not.toContain('whsec_');
      expect(table.out + out).not.toContain(secret);
    });
  });
});
