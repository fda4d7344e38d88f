import { isInterfaceType } from 'graphql';
import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { nodeKinds } from '../../src/graphql/node.resolver.js';
import { createSchema } from '../../src/graphql/schema.js';
import { statementsOf } from '../support/statements.js';
import { type StoredTenant, storeTenant } from '../support/stored.js';
import { startWorld, type World } from '../support/world.js';

const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }';
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

describe('a node', () => {
  let world: World;
  let mine: StoredTenant;
  let others: StoredTenant;
  beforeAll(async () => {
    world = await startWorld();
    mine = await storeTenant(world, 'acme', 'acme');
    others = await storeTenant(world, 'globex', 'globex');
  });
  afterAll(() => world.stop());

  const kinds: [keyof StoredTenant, string][] = [
    ['account', 'BillingAccount'],
    ['subscription', 'BillingSubscription'],
    ['item', 'SubscriptionItem'],
    ['invoice', 'Invoice'],
    ['session', 'CheckoutSession'],
    ['method', 'PaymentMethod'],
    ['entry', 'TimelineEntry'],
  ];

  it.each(kinds)("is found by the id of one's own %s", async (key, type) => {
    const { data } = await world.as('acme', Role.MEMBER).ask(NODE, { id: mine[key] });

    expect(data).toEqual({ node: { __typename: type, id: mine[key] } });
  });

  it.each(kinds)('of another account is as absent as what never was: %s', async (key) => {
    const acme = world.as('acme', Role.BILLING_ADMIN);
    const absent = key === 'entry' ? '01ARZ3NDEKTSV4RRFFQ69G5FAV' : `${others[key]}x`;
    const answers: unknown[] = [];
    const costs: string[][] = [];
    for (const id of [others[key], absent]) {
      costs.push(await statementsOf(world, async () => void answers.push(await acme.ask(NODE, { id }))));
    }

    expect(answers[0]).toEqual({ data: { node: null } });
    expect(answers[1]).toEqual(answers[0]);
    expect(costs[1]).toEqual(costs[0]);
  });

  it("is the caller's account even before anything was written", async () => {
    const id = accountIdOf('new-here');
    const { data } = await world
      .as('new-here')
      .ask('query ($id: ID!) { node(id: $id) { ... on BillingAccount { id revision } } }', { id });

    expect(data).toEqual({ node: { id, revision: 0 } });
  });

  it("is anybody's for your backend and your staff", async () => {
    for (const role of [Role.SERVICE, Role.SUPPORT, Role.OPERATOR]) {
      const { data } = await world.staff(role).ask(NODE, { id: others.invoice });
      expect(data.node).toEqual({ __typename: 'Invoice', id: others.invoice });
    }
  });

  it('is null for an id of no form that is known', async () => {
    for (const id of ['', 'nonsense', 'evt_1', '%', 'IN_acme', `in_${'x'.repeat(300)}`]) {
      expect((await world.as('acme').ask(NODE, { id })).data).toEqual({ node: null });
    }
  });

  it("needs a token unless it is everybody's", async () => {
    const { data: catalogue } = await world.anybody().ask('{ plans { id prices { id } } }');
    const [price] = catalogue.plans.at(-1).prices;

    const { data } = await world.anybody().ask(NODES, { ids: [catalogue.plans[0].id, price.id] });
    expect(data.nodes.map((node: { __typename: string }) => node.__typename)).toEqual(['Plan', 'Price']);

    const refused = await world.anybody().ask(NODE, { id: mine.invoice });
    expect(refused.data).toEqual({ node: null });
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is found with others in the order they were asked for, null where there is none', async () => {
    const ids = [others.invoice, mine.invoice, 'in_absent', mine.account, mine.invoice];
    const { data } = await world.as('acme').ask(NODES, { ids });

    expect(data.nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([
      null,
      mine.invoice,
      null,
      mine.account,
      mine.invoice,
    ]);
  });

  it('is not looked for among more than a hundred', async () => {
    const { errors } = await world.as('acme').ask(NODES, { ids: Array.from({ length: 101 }, () => 'in_1') });

    expect(errors?.[0]).toMatchObject({
      message: 'ids may name 100 things, found 101.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('can be everything that implements the interface, and nothing else', () => {
    const schema = createSchema();
    const node = schema.getType('Node');
    if (!isInterfaceType(node)) throw new Error('Node is no interface.');

    expect(
      schema
        .getPossibleTypes(node)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(nodeKinds).sort());
  });
});
