import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { PaymentActionKind } from '../../src/payments/invoice-payment.js';
import { statementsOf } from '../support/statements.js';
import { storeInvoices, storeTenant } from '../support/stored.js';
import { startWorld, type Person, type World } from '../support/world.js';

const operation = (name: string) => readFileSync(join(__dirname, '../../schema/operations', `${name}.graphql`), 'utf8');

const MOST_FOR_PRICING = 6;
/** Of an account that has never paid, what became of its first invoice is asked too. */
const MOST_FOR_BUTTONS = MOST_FOR_PRICING + 1;
const MOST_FOR_BILLING = 12;
const MOST_FOR_ACCESS = 6;
/** Two lists may ask for invoices in one batch, or, when a server answers one of them later, in two. */
const BATCHES_APART = 1;

/** Everything that a billing page could show of one account, down to the last list. */
const WHOLE_ACCOUNT = `{ viewer { account {
  id plan { key prices { id plan { key } savingPercent } }
  credit { minor } currencyLocked taxStatus discounts { label }
  subscription { id plan { key } price { id } discounts { label } items { id price { id plan { key } } } access { allowed } lastPayment { at } paymentAction { kind expiresAt } latestInvoice { id paymentMethod { id } lines { nodes { description plan { key } } } } }
  access { allowed } entitlements { feature { key } used limit unlockedBy { key } }
  defaultPaymentMethod { id label } paymentMethods(first: 50) { nodes { id label isDefault } }
  invoices(first: 100) { totalCount nodes { id total { formatted } paymentMethod { id } paymentAttempts { at } paymentAction { kind expiresAt } lines { nodes { amount { minor } unit { minor } } } } }
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
      Array.from({ length: count }, (_, at) => ({
        ...{ id: `in_more_${at}`, paymentMethodId: 'pm_acme' },
        paymentAction: PaymentActionKind.CONFIRM_PAYMENT,
      })),
    );

  it(`are at most ${MOST_FOR_PRICING} for the pricing page`, async () => {
    expect(await costOf(operation('plans'))).toBeLessThanOrEqual(MOST_FOR_PRICING);
  });

  it('are one for the pricing page while the catalogue stays as it is', async () => {
    await costOf(operation('plans'));

    expect(await costOf(operation('plans'))).toBe(1);
  });

  it(`are at most ${MOST_FOR_BUTTONS} for the buttons of the pricing page, with one and with many`, async () => {
    const buttons = (count: number) =>
      `{ plans { key ${Array.from({ length: count }, (_, at) => `b${at}: viewerAction(interval: ${at % 2 ? 'YEAR' : 'MONTH'}) { action enabled reason }`).join(' ')} } }`;
    await costOf(buttons(1));
    const withOne = await costOf(buttons(1));

    expect(await costOf(buttons(8))).toBe(withOne);
    expect(withOne).toBeLessThanOrEqual(MOST_FOR_BUTTONS);
  });

  it(`are at most ${MOST_FOR_BILLING} for the billing page, with one row and with sixty`, async () => {
    const billingPage = operation('billing-page');
    const first = await costOf(billingPage);
    const withOne = await costOf(billingPage);
    await addRows(60);

    expect(await costOf(billingPage)).toBeLessThanOrEqual(withOne + BATCHES_APART);
    expect(first).toBeLessThanOrEqual(MOST_FOR_BILLING);
  });

  it(`are at most ${MOST_FOR_BILLING} for everything that can be read of an account, with one row and with sixty`, async () => {
    await costOf(operation('plans'));
    const withOne = await costOf(WHOLE_ACCOUNT);
    await addRows(60);

    expect(await costOf(WHOLE_ACCOUNT)).toBeLessThanOrEqual(withOne + BATCHES_APART);
    expect(withOne).toBeLessThanOrEqual(MOST_FOR_BILLING);
  });

  it(`are at most ${MOST_FOR_ACCESS} for a check of access, and for two hundred records as many as for one`, async () => {
    const check = '{ checkAccess(feature: "members-per-team", quantity: 2) { allowed entitlement { used limit } } }';
    const batch = `mutation ($input: RecordUsageBatchInput!) { recordUsageBatch(input: $input) { accepted } }`;
    const backend = world.staff(Role.SERVICE);
    const record = (count: number, start: number) =>
      statementsOf(world, async () => {
        const records = Array.from({ length: count }, (_, at) => ({
          ...{ account: 'acme', feature: 'members-per-team', enforceLimit: false, idempotencyKey: `key-${start + at}` },
        }));
        const { data } = await backend.ask(batch, { input: { records } });
        expect(data).toEqual({ recordUsageBatch: { accepted: count } });
      });
    await record(1, 0);

    expect(await costOf(check)).toBeLessThanOrEqual(MOST_FOR_ACCESS);
    expect(await record(200, 1)).toHaveLength((await record(1, 201)).length);
  });

  it('do not grow with the number of aliases', async () => {
    await addRows(60);
    await costOf(aliased(1));

    expect(await costOf(aliased(15))).toBe(await costOf(aliased(1)));
  });

  it('do not grow with the number of nodes asked for', async () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`;
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `in_more_${at}`);
    await addRows(100);

    expect(await costOf(query, { ids: ids(100) })).toBe(await costOf(query, { ids: ids(1) }));
  });
});
