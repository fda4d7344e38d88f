import type Stripe from 'stripe';
import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { verifyAudit } from '../support/audit-chain.js';
import { BILLING_PAGE, CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const UPSERT = `mutation ($input: UpsertAccountInput!) { upsertAccount(input: $input) {
  account { id externalId name email locale timeZone currency metadata revision timeline { nodes { title actor } } }
  userErrors { code field }
} }`;
const DELETE = `mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) {
  account { externalId name email plan { key } subscription { id } access { reason } revision metadata
    paymentMethods { nodes { id } } invoices { nodes { status } } timeline { nodes { title actor } } }
  userErrors { code field }
} }`;

describe('the life of an account', () => {
  let world: World;
  let stripe: Stripe;
  let backend: Person;
  beforeEach(async () => {
    world = await startWorld();
    ({ stripe } = world.gateway.parts);
    backend = world.staff(Role.SERVICE);
  });
  afterEach(() => world.stop());

  const upsert = async (input: object) => {
    const { data, errors } = await backend.ask(UPSERT, { input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.upsertAccount;
  };
  const remove = async (input: object = { externalId: 'acme' }) => {
    const { data, errors } = await backend.ask(DELETE, { input });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.deleteAccount;
  };
  const subscribed = async (externalId = 'acme', plan = 'team') => {
    const person = world.as(externalId);
    const { data } = await person.ask(CHECKOUT, { plan });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    return (await person.ask(BILLING_PAGE)).data.viewer.account.subscription.id as string;
  };
  const customers = async () => (await stripe.customers.list({ limit: 100 })).data;
  const live = async () => (await stripe.subscriptions.list({ limit: 100 })).data.map(({ status }) => status);

  describe('as the product tells it', () => {
    const ACME = {
      name: 'Acme',
      email: 'bills@acme.example',
      locale: 'de-DE',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      metadata: { tier: 7 },
    };

    it('begins with all that is told, without a customer at Stripe, and says so in the history', async () => {
      const { account, userErrors } = await upsert({ externalId: 'acme', ...ACME });

      expect(userErrors).toEqual([]);
      expect(account).toMatchObject({ id: accountIdOf('acme'), externalId: 'acme', ...ACME, revision: 1 });
      expect(account.timeline.nodes).toEqual([{ title: 'Billing details were updated.', actor: 'staff' }]);
      expect(await customers()).toEqual([]);
    });

    it('changes nothing when the same is told again, keeps what is left out, and clears what is null', async () => {
      await upsert({ externalId: 'acme', ...ACME });
      const again = await upsert({ externalId: 'acme', ...ACME });
      const less = await upsert({ externalId: 'acme', email: null, metadata: null, timeZone: null });

      expect(again.account.revision).toBe(1);
      expect(less.account).toMatchObject({ name: 'Acme', email: null, metadata: null, timeZone: 'UTC', revision: 2 });
    });

    it("does not begin under the gateway's id of another account", async () => {
      const input = { externalId: accountIdOf('globex') };
      const { errors = [] } = await backend.ask(UPSERT, { input });

      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(errors[0]?.message).toContain("not the shape of the gateway's ids");
    });

    it('is made once by twenty at the same time', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => upsert({ externalId: 'acme', ...ACME })));

      expect(new Set(all.map(({ account }) => JSON.stringify([account.id, account.name])))).toHaveProperty('size', 1);
      expect((await upsert({ externalId: 'acme' })).account.revision).toBe(1);
    });

    it('goes to Stripe with the first customer, and at once where there is one', async () => {
      await upsert({ externalId: 'acme', ...ACME, currency: 'USD' });
      await subscribed();
      const [made] = await customers();
      const { account } = await upsert({ externalId: 'acme', name: 'Acme AG', metadata: { tier: 8 } });
      const [now] = await customers();

      expect(made).toMatchObject({ name: 'Acme', email: 'bills@acme.example', preferred_locales: ['de-DE'] });
      expect(now).toMatchObject({ name: 'Acme AG', email: 'bills@acme.example' });
      expect(account).toMatchObject({ name: 'Acme AG', metadata: { tier: 8 } });
    });

    it('keeps the currency that Stripe has fixed, and refuses what is no time zone', async () => {
      await subscribed();

      expect((await upsert({ externalId: 'acme', currency: 'EUR' })).userErrors).toEqual([
        { code: 'PRICE_CURRENCY_MISMATCH', field: ['input', 'currency'] },
      ]);
      expect((await upsert({ externalId: 'acme', timeZone: 'Mars/Olympus' })).userErrors).toEqual([
        { code: 'INVALID', field: ['input', 'timeZone'] },
      ]);
    });

    it('is told to the page that watches', async () => {
      const page = world.as('acme').watch(`subscription { accountUpdated { account { name } } }`);
      await page.until(() => true);
      await upsert({ externalId: 'acme', name: 'Acme' });

      await page.until(({ accountUpdated }) => accountUpdated.account.name === 'Acme');
      page.close();
    });
  });

  describe('when it is deleted', () => {
    it('ends every subscription at Stripe, deletes the customer, clears the details and keeps invoices and history', async () => {
      await upsert({ externalId: 'acme', name: 'Acme', metadata: { tier: 7 } });
      const id = await subscribed();
      const { account, userErrors } = await remove();

      expect(userErrors).toEqual([]);
      expect(await live()).toEqual([]);
      expect((await stripe.subscriptions.retrieve(id)).status).toBe('canceled');
      expect(await customers()).toEqual([]);
      expect(account).toMatchObject({
        ...{ externalId: 'acme', name: null, email: null, metadata: null, plan: { key: 'free' }, subscription: null },
        ...{
          access: { reason: 'FREE_PLAN' },
          paymentMethods: { nodes: [] },
          invoices: { nodes: [{ status: 'PAID' }] },
        },
      });
      expect(account.timeline.nodes.map(({ title }: { title: string }) => title)).toContain('The subscription ended.');
    });

    it('changes nothing more when it is repeated, and is not found where there is none', async () => {
      await subscribed();
      const first = await remove();
      await world.settled();
      const second = await remove({ account: accountIdOf('acme') });

      expect(second).toEqual(first);
      expect(await remove({ externalId: 'nobody' })).toEqual({
        account: null,
        userErrors: [{ code: 'NOT_FOUND', field: ['input', 'externalId'] }],
      });
    });

    it('says in the history that its customer is gone, also where nothing else was there to be cleared', async () => {
      const person = world.as('acme');
      await person.ask(CHECKOUT, { plan: 'team' });
      await stripe.checkout.sessions.expire(String((await stripe.checkout.sessions.list()).data[0]?.id));
      await world.settled();
      const { account } = await remove();
      await world.settled();

      expect(account.timeline.nodes[0]).toMatchObject({ title: expect.stringContaining('The account was deleted') });
      expect(await customers()).toEqual([]);
      await verifyAudit(world.gateway.parts.database, accountIdOf('acme'));
      const { revision } = (await remove()).account;
      expect((await remove()).account.revision).toBe(revision);
    });

    it('takes down what is booked and what is open as well', async () => {
      await subscribed('booked', 'business');
      const change = `mutation { changePlan(input: { plan: "team", interval: MONTH }) { outcome } }`;
      const { data } = await world.as('booked').ask(change);
      expect(data.changePlan.outcome).toBe('SCHEDULED');
      await world.as('open').ask(CHECKOUT, { plan: 'team' });
      await remove({ externalId: 'booked' });
      await remove({ externalId: 'open' });

      const sessions = (await stripe.checkout.sessions.list({ limit: 100 })).data;
      expect(sessions.map(({ status }) => status).sort()).toEqual(['complete', 'expired']);
      expect(await live()).toEqual([]);
      expect(await customers()).toEqual([]);
    });

    it('comes back with a later token on the free plan, and buys anew as a new customer', async () => {
      await subscribed();
      await remove();
      await world.settled();
      const before = (await world.as('acme').ask(BILLING_PAGE)).data.viewer.account;
      await subscribed();
      const after = (await world.as('acme').ask(BILLING_PAGE)).data.viewer.account;

      expect(before).toMatchObject({ plan: { key: 'free' }, subscription: null });
      expect(after).toMatchObject({ plan: { key: 'team' }, subscription: { status: 'ACTIVE' } });
      expect(await customers()).toHaveLength(1);
    });
  });

  it("falls back to the free plan when its customer is deleted in Stripe's dashboard, and goes on by its name", async () => {
    await upsert({ externalId: 'acme', name: 'Acme' });
    await subscribed();
    await stripe.customers.del(String((await customers())[0]?.id));
    await world.settled();
    const { account } = await upsert({ externalId: 'acme' });
    const { data } = await world
      .as('acme')
      .ask(
        `{ viewer { account { plan { key } currency currencyLocked subscription { id } defaultPaymentMethod { id } paymentMethods { nodes { id } } } } }`,
      );

    expect(account.name).toBe('Acme');
    expect(data.viewer.account).toEqual({
      plan: { key: 'free' },
      currency: null,
      currencyLocked: false,
      subscription: null,
      defaultPaymentMethod: null,
      paymentMethods: { nodes: [] },
    });
  });
});
