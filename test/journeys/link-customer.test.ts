import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { linkCustomer } from '../../src/accounts/link-customer.js';
import { runProgram } from '../../src/cli/program.js';
import { verifyAudit } from '../support/audit-chain.js';
import { stripeAt } from '../support/stripe-at.js';
import { holdDeliveries, type Person, startWorld, type World } from '../support/world.js';

const ACCOUNT = `{ viewer { account { name plan { key } subscription { id status }
  invoices { nodes { status total { minor } } } timeline { nodes { title } } } } }`;

const UNMATCHED = '{ admin { unmatched { customer events since } } }';
const LINK = `mutation ($input: AdminLinkCustomerInput!) { adminLinkCustomer(input: $input) {
  account { id } userErrors { code field } } }`;

describe('a customer of whom no account is known', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
    await world.as('acme').ask('mutation { updateBillingDetails(input: {}) { userErrors { code } } }');
  });
  afterEach(() => world.stop());

  /** Made in the dashboard: with a card and a subscription, and without a word of whose she is. */
  async function strange(metadata: Record<string, string> = {}) {
    const stripe = stripeAt(world.sandbox.url);
    const customer = await stripe.customers.create({ name: 'Acme by hand', metadata });
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
    const { data } = await stripe.prices.list({ lookup_keys: ['team_month'] });
    const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: data[0]?.id }] });
    await world.settled();
    return { customer: customer.id, subscription: subscription.id };
  }
  const link = (customerId: string, account = 'acme') =>
    linkCustomer(world.gateway.parts, { account, customerId, reason: 'made by hand', actor: 'operator' });
  const account = async () => (await world.as('acme').ask(ACCOUNT)).data.viewer.account;

  it('is listed and linked by the operator: all that is hers appears, is pushed and has its cause', async () => {
    const live = world.as('acme').watch('subscription { accountUpdated { account { plan { key } } } }');
    await live.until(() => true);
    const { customer, subscription } = await strange();
    expect(await account()).toMatchObject({ plan: { key: 'free' }, subscription: null, invoices: { nodes: [] } });
    const { output, run } = commandLine();

    expect(await run('customers', 'unmatched', '--json')).toBe(0);
    const listed = JSON.parse(output()) as { events: number };
    expect(listed).toMatchObject({ customer, since: expect.any(String) as string });
    expect(listed.events).toBeGreaterThan(0);
    expect(await run('customers', 'link', customer, '--account', 'acme', '--reason', '')).toBe(2);
    expect(await run('customers', 'link', customer, '--account', 'acme', '--reason', 'made by hand')).toBe(0);
    await live.until(({ accountUpdated }) => accountUpdated.account.plan.key === 'team');
    live.close();
    await world.settled();

    expect(await account()).toMatchObject({
      name: 'Acme by hand',
      plan: { key: 'team' },
      subscription: { id: subscription, status: 'ACTIVE' },
      invoices: { nodes: [{ status: 'PAID', total: { minor: 2000 } }] },
    });
    await verifyAudit(world.gateway.parts.database, accountIdOf('acme'));
    const [entry] = await world.gateway.parts.database.read.rows<{ actor: string; causes: string }>(
      "SELECT actor, causes FROM audit WHERE causes LIKE '%linkCustomer%'",
    );
    expect(entry).toMatchObject({ actor: 'cli' });
    expect(await run('customers', 'unmatched')).toBe(0);
    expect(output()).toContain('Every customer has an account.');
  });

  it('is listed and linked over GraphQL as well, by staff who may', async () => {
    const operator = world.staff(Role.OPERATOR);
    const { customer, subscription } = await strange();
    const listed = await operator.ask(UNMATCHED);
    const ask = (person: Person, named: string, reason = 'made by hand') =>
      person.ask(LINK, { input: { account: named, customer, reason } });

    expect(listed.data.admin.unmatched).toEqual([
      { customer, events: expect.any(Number) as number, since: expect.any(String) as string },
    ]);
    expect((await ask(world.staff(Role.SUPPORT), 'acme')).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
    expect((await ask(operator, 'nobody')).data.adminLinkCustomer.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await ask(operator, 'acme', ' ')).data.adminLinkCustomer.userErrors).toMatchObject([{ code: 'INVALID' }]);
    expect((await ask(operator, 'acme')).data.adminLinkCustomer.userErrors).toEqual([]);
    await world.settled();
    expect(await account()).toMatchObject({ plan: { key: 'team' }, subscription: { id: subscription } });
    expect((await operator.ask(UNMATCHED)).data.admin.unmatched).toEqual([]);
  });

  it('is linked by the operator also where an old event finds whose she is before his own look does', async () => {
    const { customer } = await strange();
    const { database, stripe, sync } = world.gateway.parts;
    const update = stripe.customers.update.bind(stripe.customers);
    stripe.customers.update = (async (...asked: Parameters<typeof update>) => {
      const answer = await update(...asked);
      // Only the parked event is there: Stripe has not told of the link, and the intent has not ended.
      await database.run(
        "UPDATE stripe_events SET state = 'pending', pending_at = 0, attempts = 0, finished_at = NULL WHERE type = ?",
        ['customer.subscription.created'],
      );
      sync.knock(customer);
      await sync.idle();
      expect(await account()).toMatchObject({ plan: { key: 'team' } });
      return answer;
    }) as typeof stripe.customers.update;
    await holdDeliveries(world, true);
    await link(customer);
    await holdDeliveries(world, false);
    await world.settled();

    const steps = await database.read.rows<{ actor: string; causes: string }>(
      'SELECT actor, causes FROM audit ORDER BY revision',
    );
    expect(steps.map(({ actor }) => actor)).toEqual(steps.map(() => 'operator'));
    expect(steps[0]?.causes).toContain('linkCustomer');
    await verifyAudit(database, accountIdOf('acme'));
  });

  it('can be linked twice with one effect, and not to another account', async () => {
    await world.as('globex').ask('mutation { updateBillingDetails(input: {}) { userErrors { code } } }');
    const { customer } = await strange();
    await link(customer);
    await world.settled();

    expect(await link(customer)).toMatchObject({ visible: true });
    await expect(link(customer, 'globex')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is not linked to an account that has a live one, and one that claims it is an alert', async () => {
    const first = await strange();
    await link(first.customer);
    await world.settled();
    const second = await strange({ account_id: accountIdOf('acme') });

    await expect(link(second.customer)).rejects.toMatchObject({ code: 'CONFLICT' });
    const metrics = await world.gateway.parts.metrics.render();
    expect(metrics).toMatch(/^billing_second_customer_total [1-9]/m);
    expect(await account()).toMatchObject({ subscription: { id: first.subscription } });
  });

  it.each([
    ['an account that is not there', 'nowhere', undefined],
    ['a customer that Stripe does not have', 'acme', 'cus_nowhere'],
    ['something that is no customer', 'acme', '../v1/charges'],
  ])('is refused with %s', async (_what, to, id) => {
    await expect(link(id ?? 'cus_1', to)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  /** The command line beside the running gateway. */
  function commandLine() {
    const before = { ...process.env };
    const { config } = world;
    let text = '';
    const run = async (...words: string[]) => {
      text = '';
      Object.assign(process.env, {
        ...{ NODE_ENV: 'test', DATABASE_URL: config.databaseUrl, STRIPE_SECRET_KEY: 'sk_test_journey' },
        ...{ STRIPE_API_BASE: world.sandbox.url, BILLING_CLOCK_URL: `${world.sandbox.url}/_sandbox/clock` },
      });
      const spies = [process.stdout, process.stderr].map((stream) =>
        jest.spyOn(stream, 'write').mockImplementation((written) => ((text += String(written)), true)),
      );
      try {
        return await runProgram(['node', 'billing', ...words]);
      } finally {
        spies.forEach((spy) => spy.mockRestore());
        process.env = { ...before };
      }
    };
    return { run, output: () => text };
  }
});
