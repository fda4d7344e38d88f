import { standing, subscriber } from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const LIST = `query ($first: Int! = 10, $after: String, $includeEnded: Boolean! = false) { viewer { account {
  subscriptions(first: $first, after: $after, includeEnded: $includeEnded) {
    nodes { id status plan { key } } edges { cursor node { id } } totalCount pageInfo { hasNextPage endCursor }
  } } } }`;

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
});
