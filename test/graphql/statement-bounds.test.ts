import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountIdOf } from '../../src/accounts/account.js';
import { statementsOf } from '../support/statements.js';
import { storeInvoices, storeTenant } from '../support/stored.js';
import { startWorld, type Person, type World } from '../support/world.js';

const operation = (name: string) => readFileSync(join(__dirname, '../../schema/operations', `${name}.graphql`), 'utf8');

const MOST_FOR_PRICING = 6;
const MOST_FOR_BILLING = 12;

/** Everything that a billing page could show of one account, down to the last list. */
const WHOLE_ACCOUNT = `{ viewer { account {
  id plan { key prices { id plan { key } savingPercent } }
  subscription { id plan { key } price { id } items { id } access { allowed } latestInvoice { id lines { description } } }
  access { allowed }
  defaultPaymentMethod { id label } paymentMethods(first: 50) { nodes { id label isDefault } }
  invoices(first: 100) { totalCount nodes { id total { formatted } lines { amount { minor } } } }
  timeline(first: 100) { nodes { id title detail kind } }
} } }`;

/** The same lists again and again, each with arguments of its own. */
const aliased = (count: number) => `{ viewer { account {
  ${Array.from(
    { length: count },
    (_, at) => `i${at}: invoices(first: ${at + 1}, filter: { search: "${at}" }) { totalCount nodes { id } }
                t${at}: timeline(first: ${at + 1}) { nodes { title } }`,
  ).join('\n')}
} } }`;

describe('the statements that one document costs', () => {
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startWorld();
    acme = world.as('acme');
    await storeTenant(world, 'acme', 'acme');
  });
  afterEach(() => world.stop());

  async function costOf(query: string, variables?: Record<string, unknown>): Promise<number> {
    const statements = await statementsOf(world, async () => {
      const { errors } = await acme.ask(query, variables);
      expect(errors).toBeUndefined();
    });
    expect(statements.length).toBeGreaterThan(0);
    return statements.length;
  }
  const addRows = (count: number) =>
    storeInvoices(
      world,
      accountIdOf('acme'),
      Array.from({ length: count }, (_, at) => ({ id: `in_more_${at}` })),
    );

  it(`are at most ${MOST_FOR_PRICING} for the pricing page`, async () => {
    expect(await costOf(operation('plans'))).toBeLessThanOrEqual(MOST_FOR_PRICING);
  });

  it(`are at most ${MOST_FOR_BILLING} for the billing page, with one row and with sixty`, async () => {
    const billingPage = operation('billing-page');
    const withOne = await costOf(billingPage);
    await addRows(60);

    expect(await costOf(billingPage)).toBe(withOne);
    expect(withOne).toBeLessThanOrEqual(MOST_FOR_BILLING);
  });

  it(`are at most ${MOST_FOR_BILLING} for everything that can be read of an account, with one row and with sixty`, async () => {
    const withOne = await costOf(WHOLE_ACCOUNT);
    await addRows(60);

    expect(await costOf(WHOLE_ACCOUNT)).toBe(withOne);
    expect(withOne).toBeLessThanOrEqual(MOST_FOR_BILLING);
  });

  it('do not grow with the number of aliases', async () => {
    await addRows(60);

    expect(await costOf(aliased(15))).toBe(await costOf(aliased(1)));
  });

  it('do not grow with the number of nodes asked for', async () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`;
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `in_more_${at}`);
    await addRows(100);

    expect(await costOf(query, { ids: ids(100) })).toBe(await costOf(query, { ids: ids(1) }));
  });
});
