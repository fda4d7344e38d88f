import { LIVE, PAUSE, RESUME, run, standing, subscriber } from '../support/change-plan-story.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const LIST = `query ($first: Int! = 10, $after: String, $includeEnded: Boolean! = false) { viewer { account {
  subscriptions(first: $first, after: $after, includeEnded: $includeEnded) {
    nodes { id status plan { key } } edges { cursor node { id } } totalCount pageInfo { hasNextPage endCursor }
  } } } }`;

interface Pushed {
  accountUpdated: {
    revision: number;
    account: {
      plan: { key: string };
      subscription: { id: string; access: { allowed: boolean; reason: string } };
    };
  };
}

describe('the subscriptions of an account', () => {
  let world: World;
  let acme: Person;
  let ids: string[];
  beforeAll(async () => {
    world = await startWorld();
    acme = await subscriber(world);
    const main = (await standing(acme)).subscription.id as string;
    const { stripe } = world.gateway.parts;
    const { customer, items, default_payment_method } = await stripe.subscriptions.retrieve(main);
    const other = await stripe.subscriptions.create({
      customer: String(customer),
      items: [{ price: items.data[0]!.price.id }],
      default_payment_method: String(default_payment_method),
    });
    await world.settled();
    ids = [main, other.id];
  });
  afterAll(() => world.stop());

  const list = async (variables = {}) => (await acme.ask(LIST, variables)).data.viewer.account.subscriptions;

  it('are all listed, newest first, also those that Stripe has from elsewhere', async () => {
    const { nodes, totalCount } = await list();

    expect(nodes.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort());
    expect(totalCount).toBe(2);
  });

  it('come in pages that leave nothing out and repeat nothing', async () => {
    const whole = await list();
    const first = await list({ first: 1 });
    const second = await list({ first: 1, after: first.pageInfo.endCursor });

    expect([...first.nodes, ...second.nodes]).toEqual(whole.nodes);
    expect([first, second].map(({ pageInfo, totalCount }) => [pageInfo.hasNextPage, totalCount])).toEqual([
      [true, 2],
      [false, 2],
    ]);
  });

  it('leave out those that are over, unless asked for', async () => {
    await world.gateway.parts.stripe.subscriptions.cancel(ids[1]!);
    await world.settled();

    expect((await list()).nodes.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect((await list({ includeEnded: true })).totalCount).toBe(2);
  });

  it('refuse a cursor of another list', async () => {
    const { errors } = await acme.ask(LIST, { after: Buffer.from('["timeline",1]').toString('base64url') });

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('give what the running one does while the higher one is paused, from the round of the pause on', async () => {
    const { stripe } = world.gateway.parts;
    const bee = await subscriber(world, 'team', 'bee');
    const team = (await standing(bee)).subscription.id as string;
    const { customer, default_payment_method } = await stripe.subscriptions.retrieve(team);
    const [price] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    const { id: business } = await stripe.subscriptions.create({
      customer: String(customer),
      items: [{ price: String(price?.id) }],
      default_payment_method: String(default_payment_method),
    });
    await world.settled();
    const live = bee.watch<Pushed>(LIVE);
    const shown = async (after: number) => {
      const push = await live.until(({ accountUpdated }) => accountUpdated.revision > after);
      const { account, revision } = push.accountUpdated;
      return { revision, id: account.subscription.id, plan: account.plan.key, ...account.subscription.access };
    };
    const { revision, ...before } = await shown(0);

    await run(bee, PAUSE, { subscription: business });
    const { access } = await standing(bee);
    const paused = await shown(revision);
    const unnamed = await run(bee, RESUME);
    await run(bee, RESUME, { subscription: business });
    const resumed = await shown(revision + 1);

    const active = { allowed: true, reason: 'ACTIVE' };
    expect(before).toEqual({ id: business, plan: 'business', ...active });
    expect(access).toMatchObject(active);
    expect(paused).toEqual({ revision: revision + 1, id: team, plan: 'team', ...active });
    expect(unnamed.userErrors).toMatchObject([
      { code: 'NOTHING_PENDING', hint: expect.stringContaining('Name another') },
    ]);
    expect(resumed).toEqual({ revision: revision + 2, id: business, plan: 'business', ...active });
  });

  it('go on giving what is paid while a bank has not paid the first of a higher one yet', async () => {
    const { stripe } = world.gateway.parts;
    const cee = await subscriber(world, 'team', 'cee');
    const [held] = (await stripe.subscriptions.list({ customer: await customerOf(world, 'cee') })).data;
    const live = cee.watch<Pushed>(LIVE);
    await live.until(() => true);
    const [price] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    const { id: business } = await stripe.subscriptions.create({
      customer: String(held?.customer),
      items: [{ price: String(price?.id) }],
      default_payment_method: await addCard(world, 'cee', 'pm_usBankAccount_success'),
      payment_behavior: 'default_incomplete',
      payment_settings: { payment_method_types: ['us_bank_account'] },
    });
    const [invoice] = (await stripe.invoices.list({ subscription: business })).data;
    await stripe.invoices.pay(String(invoice?.id));
    await world.settled();
    const waiting = await standing(cee);
    const shown = live.messages.map(({ accountUpdated: { account } }) => account.plan.key);
    await world.advance({ by: 'P5D' });

    expect(waiting).toMatchObject({
      access: { allowed: true, reason: 'ACTIVE' },
      subscription: { id: held?.id, plan: { key: 'team' } },
    });
    expect(new Set(shown)).toEqual(new Set(['team']));
    expect((await standing(cee)).subscription).toMatchObject({ id: business, plan: { key: 'business' } });
    live.close();
  });
});
