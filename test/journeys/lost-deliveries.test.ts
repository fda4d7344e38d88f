import { accountIdOf } from '../../src/accounts/account.js';
import { runProgram } from '../../src/cli/program.js';
import { verifyAudit } from '../support/audit-chain.js';
import { BILLING_PAGE, CANCEL, CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const before = { ...process.env };

describe('when Stripe delivers nothing for hours', () => {
  let world: World;
  let output: string;
  beforeEach(async () => {
    world = await startWorld();
    output = '';
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    process.env = { ...before };
    await world.stop();
  });

  const deliveries = async (behavior: object) => {
    await fetch(`${world.sandbox.url}/_sandbox/delivery`, { method: 'POST', body: JSON.stringify(behavior) });
  };
  const shown = async () => (await world.as('acme').ask(BILLING_PAGE)).data.viewer.account;
  /** A purchase, a renewal, an upgrade in the dashboard: of all that no delivery tells. */
  async function lifeInSilence() {
    const { data } = await world.as('acme').ask(CHECKOUT, { plan: 'team' });
    await deliveries({ drop: 1 });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.advance({ by: 'PT5H' });
    const { stripe } = world.gateway.parts;
    const [subscription] = (await stripe.subscriptions.list()).data;
    const [business] = (await stripe.prices.list({ lookup_keys: ['business_month'] })).data;
    await stripe.subscriptions.update(String(subscription?.id), {
      items: [{ id: subscription?.items.data[0]?.id, price: business?.id }],
      proration_behavior: 'always_invoice',
    });
  }
  const repaired = {
    plan: { key: 'business' },
    subscription: { status: 'ACTIVE', plan: { key: 'business' } },
    access: { allowed: true, reason: 'ACTIVE' },
  };

  it('reads the list of events when it starts, and everything is repaired', async () => {
    await lifeInSilence();
    await world.settled();
    expect(await shown()).toMatchObject({ plan: { key: 'free' }, subscription: null });
    await world.restartGateway();
    const live = world.as('acme').watch('subscription { accountUpdated { account { plan { key } } } }');
    await live.until(({ accountUpdated }) => accountUpdated.account.plan.key === 'business');
    live.close();
    await world.settled();

    expect(await shown()).toMatchObject(repaired);
    expect((await shown()).invoices.nodes).toHaveLength(2);
    await verifyAudit(world.gateway.parts.database, accountIdOf('acme'));
  });

  it('does so for `billing recover` too, beside the gateway, and finds nothing more the second time', async () => {
    await lifeInSilence();
    await world.as('acme').ask(CANCEL);
    Object.assign(process.env, {
      NODE_ENV: 'test',
      DATABASE_URL: world.config.databaseUrl,
      STRIPE_SECRET_KEY: 'sk_test_journey',
      STRIPE_API_BASE: world.sandbox.url,
      BILLING_CLOCK_URL: `${world.sandbox.url}/_sandbox/clock`,
    });
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
    const recover = async () => {
      output = '';
      expect(await runProgram(['node', 'billing', 'recover', '--since', '12h', '--json'])).toBe(0);
      return JSON.parse(output) as { read: number; missed: number };
    };
    const first = await recover();
    await world.settled();
    const second = await recover();

    expect(first.missed).toBeGreaterThan(5);
    expect(second).toEqual({ read: first.read, missed: 0 });
    expect(await shown()).toMatchObject(repaired);
    output = '';
    expect(await runProgram(['node', 'billing', 'recover', '--since', '40d'])).toBe(2);
    expect(await runProgram(['node', 'billing', 'recover', '--since', '2099-01-01T00:00Z'])).toBe(2);
    expect(await runProgram(['node', 'billing', 'recover'])).toBe(0);
    // Where the list was never read, there is nowhere to go on from.
    await world.gateway.parts.database.run("UPDATE upkeep SET state = NULL WHERE id = 'catch-up'");
    expect(await runProgram(['node', 'billing', 'recover'])).toBe(2);
  });
});
