import { accountIdOf } from '../../src/accounts/account.js';
import { InvoiceStatus } from '../../src/invoices/invoice.js';
import { DAY, NOW } from '../support/states.js';
import { storeInvoices } from '../support/stored.js';
import { startWorld, type Person, type World } from '../support/world.js';

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: InvoiceFilter, $order: InvoiceOrder) {
  viewer { account { invoices(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order) {
    totalCount nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }
}`;

interface Page {
  totalCount: number | null;
  ids: string[];
  cursors: string[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

describe('the invoices of an account', () => {
  let world: World;
  let acme: Person;
  beforeAll(async () => {
    world = await startWorld();
    acme = world.as('acme');
    // Nine invoices, four of them made in the same second.
    await storeInvoices(world, accountIdOf('acme'), [
      { number: 'ACME-0007', status: InvoiceStatus.OPEN },
      { number: 'ACME-0006', status: InvoiceStatus.PAID },
      { number: 'ACME-0005', status: InvoiceStatus.PAID, createdAt: NOW - 3 * DAY },
      { number: 'ACME-0004', status: InvoiceStatus.VOID, createdAt: NOW - 3 * DAY },
      { number: 'ACME-0003', status: InvoiceStatus.PAID },
      { number: 'ACME-0002', status: InvoiceStatus.PAID },
      { number: null, status: InvoiceStatus.DRAFT },
      { number: null, status: InvoiceStatus.DRAFT, createdAt: NOW - 3 * DAY },
      { number: null, status: InvoiceStatus.DRAFT, createdAt: NOW - 3 * DAY },
    ]);
    await storeInvoices(world, accountIdOf('other'), [{ id: 'in_other', number: 'ACME-0001' }]);
  });
  afterAll(() => world.stop());

  const newestFirst = ['in_0', 'in_1', 'in_2', 'in_3', 'in_8', 'in_7', 'in_4', 'in_5', 'in_6'];

  async function pageOf(variables: Record<string, unknown>): Promise<Page> {
    const { data, errors } = await acme.ask(PAGE, variables);
    expect(errors).toBeUndefined();
    const { totalCount, nodes, edges, pageInfo } = data.viewer.account.invoices;
    expect(nodes).toEqual(edges.map(({ node }: { node: object }) => node));
    return {
      totalCount,
      pageInfo,
      ids: nodes.map(({ id }: { id: string }) => id),
      cursors: edges.map(({ cursor }: { cursor: string }) => cursor),
    };
  }

  it('come newest first, and the number decides within one second, as Stripe counts', async () => {
    expect((await pageOf({})).ids).toEqual(newestFirst);
    expect((await pageOf({ order: 'OLDEST_FIRST' })).ids).toEqual([...newestFirst].reverse());
  });

  it.each(['NEWEST_FIRST', 'OLDEST_FIRST'])('are all met once by paging forwards, %s', async (order) => {
    const met: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = await pageOf({ first: 2, after, order });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      met.push(...page.ids);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);

    expect(met).toEqual((await pageOf({ order })).ids);
  });

  it.each(['NEWEST_FIRST', 'OLDEST_FIRST'])('are all met once by paging backwards, %s', async (order) => {
    const met: string[] = [];
    let before: string | null = null;
    do {
      const page: Page = await pageOf({ last: 3, before, order });
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      met.unshift(...page.ids);
      before = page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null;
    } while (before !== null);

    expect(met).toEqual((await pageOf({ order })).ids);
  });

  it('can be cut out between two cursors', async () => {
    const { cursors } = await pageOf({});

    expect((await pageOf({ first: 10, after: cursors[0], before: cursors[5] })).ids).toEqual(newestFirst.slice(1, 5));
    expect((await pageOf({ last: 2, after: cursors[0], before: cursors[5] })).ids).toEqual(newestFirst.slice(3, 5));
  });

  it.each([
    ['by status', { statuses: ['PAID', 'VOID'] }, ['in_1', 'in_2', 'in_3', 'in_4', 'in_5']],
    ['by no status at all', { statuses: [] }, []],
    [
      'from a moment on, that moment included',
      { createdFrom: new Date(NOW - 3 * DAY).toISOString() },
      newestFirst.slice(0, 6),
    ],
    [
      'until a moment, that moment excluded',
      { createdTo: new Date(NOW - 3 * DAY).toISOString() },
      newestFirst.slice(6),
    ],
    ['by part of the number, in any case', { search: 'acme-0006' }, ['in_1']],
    ["by a number that is another account's", { search: 'ACME-0001' }, []],
    ['by a text with signs that mean something to LIKE', { search: '%' }, []],
    [
      'by everything at once',
      { statuses: ['PAID'], search: '000', createdTo: new Date(NOW - 2 * DAY).toISOString() },
      ['in_2', 'in_4', 'in_5'],
    ],
  ])('are narrowed %s', async (_how, filter, expected) => {
    const page = await pageOf({ filter });

    expect(page.ids).toEqual(expected);
    expect(page.totalCount).toBe(expected.length);
  });

  it('say how many they are, whatever the page', async () => {
    expect((await pageOf({ first: 1 })).totalCount).toBe(9);
    expect((await pageOf({ last: 1, filter: { statuses: ['PAID'] } })).totalCount).toBe(4);
  });

  it('have an empty page where there is nothing', async () => {
    expect(await pageOf({ filter: { search: 'no such number' } })).toEqual({
      totalCount: 0,
      ids: [],
      cursors: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  it.each([
    ['first and last together', { first: 1, last: 1 }, 'first and last exclude each other, found first 1 and last 1.'],
    ['first 0', { first: 0 }, 'first must be 1 to 100, found 0.'],
    ['first 101', { first: 101 }, 'first must be 1 to 100, found 101.'],
    ['last -1', { last: -1 }, 'last must be 1 to 100, found -1.'],
    ['an invented cursor', { after: 'abc' }, "'abc' is no cursor of this list."],
    ['an empty cursor', { before: '' }, "'' is no cursor of this list."],
    ['an endless search', { filter: { search: 'x'.repeat(101) } }, 'search may have 100 characters, found 101.'],
  ])('refuse %s', async (_what, variables, message) => {
    const { errors } = await acme.ask(PAGE, variables);

    expect(errors).toEqual([expect.objectContaining({ message })]);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('refuse the cursor of another list', async () => {
    const foreign = Buffer.from(JSON.stringify(['timeline', 4])).toString('base64url');
    const similar = Buffer.from(JSON.stringify(['paymentMethods', NOW, '', 'in_0'])).toString('base64url');

    for (const after of [foreign, similar]) {
      const { errors } = await acme.ask(PAGE, { after });
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('a very long list of invoices', () => {
  it('tells its number up to 10,000 and null above', async () => {
    const world = await startWorld();
    const count = async () =>
      (await world.as('acme').ask('{ viewer { account { invoices(first: 1) { totalCount } } } }')).data.viewer.account
        .invoices.totalCount;
    const accountId = accountIdOf('acme');
    for (let start = 0; start < 10_000; start += 500) {
      await storeInvoices(
        world,
        accountId,
        Array.from({ length: 500 }, (_, at) => ({ id: `in_${start + at}` })),
      );
    }

    expect(await count()).toBe(10_000);
    await storeInvoices(world, accountId, [{ id: 'in_one_more' }]);
    expect(await count()).toBeNull();

    await world.stop();
  });
});
