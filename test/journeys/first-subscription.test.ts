import { startWorld, type World } from '../support/world.js';
import { ACCOUNT_LIVE, BILLING_PAGE, CANCEL, CHECKOUT, payCheckout, REACTIVATE } from '../support/story.js';
import { Role } from '../../src/auth/roles.js';

describe('the first subscription of an account', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('starts with the plans of the Stripe catalogue', async () => {
    const { data } = await world
      .as('acme')
      .ask(`{ plans { key rank free prices { interval unit { formatted } savingPercent } } }`);

    expect(data.plans).toEqual([
      { key: 'free', rank: 0, free: true, prices: [] },
      {
        key: 'team',
        rank: 1,
        free: false,
        prices: [
          { interval: 'MONTH', unit: { formatted: '$20.00' }, savingPercent: null },
          { interval: 'YEAR', unit: { formatted: '$200.00' }, savingPercent: 16 },
        ],
      },
      {
        key: 'business',
        rank: 2,
        free: false,
        prices: [
          { interval: 'MONTH', unit: { formatted: '$99.00' }, savingPercent: null },
          { interval: 'YEAR', unit: { formatted: '$990.00' }, savingPercent: 16 },
        ],
      },
    ]);
  });

  it('is on the free plan before anything was written', async () => {
    const { data } = await world.as('acme').ask(BILLING_PAGE);

    expect(data.viewer.account).toMatchObject({
      revision: 0,
      plan: { key: 'free' },
      subscription: null,
      access: { allowed: true, reason: 'FREE_PLAN' },
      invoices: { nodes: [] },
      timeline: { nodes: [] },
    });
  });

  it('is pushed as SNAPSHOT and then as ACTIVE to who watches before paying', async () => {
    const acme = world.as('acme');
    const live = acme.watch(ACCOUNT_LIVE);
    const first = await live.until(() => true);
    const { data } = await acme.ask(CHECKOUT, { plan: 'team' });

    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    const { accountUpdated } = await live.until(
      ({ accountUpdated: { account } }) => account.subscription?.status === 'ACTIVE',
    );

    expect(first.accountUpdated).toMatchObject({
      kind: 'SNAPSHOT',
      account: { plan: { key: 'free' }, subscription: null },
    });
    expect(accountUpdated).toMatchObject({
      kind: 'CHANGED',
      account: { plan: { key: 'team' }, access: { allowed: true } },
    });
    live.close();
  });

  it('is told in full on the billing page', async () => {
    const acme = await subscribed(world);

    const { data } = await acme.ask(BILLING_PAGE);

    const { subscription, ...account } = data.viewer.account;
    expect(account).toMatchObject({
      plan: { key: 'team' },
      access: { allowed: true, reason: 'ACTIVE' },
      invoices: { nodes: [{ total: { formatted: '$20.00' }, status: 'PAID' }] },
    });
    expect(subscription).toMatchObject({ status: 'ACTIVE', plan: { key: 'team' }, cancellation: null });
    expect(Date.parse(subscription.currentPeriod.end)).toBeGreaterThan(world.sandbox.now());
    const titles = account.timeline.nodes.map(({ title }: { title: string }) => title);
    expect(titles).toContain('The subscription to Team began.');
    expect(titles.at(-1)).toBe('A checkout was started.');
  });

  it('is canceled and taken back, and each mutation reads its own write', async () => {
    const acme = await subscribed(world);

    const canceled = await acme.ask(CANCEL);
    const again = await acme.ask(CANCEL);
    const back = await acme.ask(REACTIVATE);

    expect(canceled.data.cancelSubscription).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(canceled.data.cancelSubscription.subscription.cancellation.effectiveAt).toBe(
      canceled.data.cancelSubscription.subscription.currentPeriod.end,
    );
    expect(again.data.cancelSubscription).toMatchObject({ outcome: 'NO_OP', userErrors: [] });
    expect(back.data.reactivateSubscription).toMatchObject({
      outcome: 'APPLIED',
      subscription: { cancellation: null },
    });
  });

  it('ends on the free plan when the period is over, and the socket says so', async () => {
    const acme = await subscribed(world);
    await acme.ask(CANCEL);
    const live = acme.watch(ACCOUNT_LIVE);
    await live.until(() => true);

    await world.advance({ by: 'P1M1D' });

    const { accountUpdated } = await live.until(({ accountUpdated: { account } }) => account.subscription === null);
    expect(accountUpdated.account).toMatchObject({
      plan: { key: 'free' },
      access: { allowed: true, reason: 'FREE_PLAN' },
    });
    live.close();
  });

  it('renews by itself, with one more paid invoice each month', async () => {
    const acme = await subscribed(world);

    for (let month = 0; month < 3; month++) await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });

    const { data } = await acme.ask(BILLING_PAGE);
    const { subscription, invoices } = data.viewer.account;
    expect(subscription.status).toBe('ACTIVE');
    expect(invoices.nodes.map(({ status }: { status: string }) => status)).toEqual(['PAID', 'PAID', 'PAID', 'PAID']);
    expect(Date.parse(subscription.currentPeriod.end)).toBeGreaterThan(world.sandbox.now());
  });

  it('keeps its history, and streams resume where they stopped, after a restart of the gateway', async () => {
    const acme = await subscribed(world);
    const live = acme.watch(ACCOUNT_LIVE);
    const { accountUpdated: held } = await live.until(() => true);
    live.close();

    await world.restartGateway();
    await acme.ask(CANCEL);

    const resumed = acme.watch(ACCOUNT_LIVE, { after: held.cursor });
    const { accountUpdated } = await resumed.until(() => true);
    expect(accountUpdated).toMatchObject({ kind: 'CHANGED', skipped: 0 });
    expect(accountUpdated.revision).toBeGreaterThan(held.revision);
    expect(accountUpdated.entries).toHaveLength(accountUpdated.revision - held.revision);
    resumed.close();
  });
});

describe('a checkout', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('is the same page in a second tab, and another page for another choice', async () => {
    const acme = world.as('acme');
    const [one, two] = [await acme.ask(CHECKOUT, { plan: 'team' }), await acme.ask(CHECKOUT, { plan: 'team' })];
    const other = await acme.ask(CHECKOUT, { plan: 'business' });

    const idOf = (answer: typeof one) => answer.data.createCheckoutSession.session.id as string;
    expect(idOf(two)).toBe(idOf(one));
    expect(idOf(other)).not.toBe(idOf(one));
    await expect(payCheckout(world.sandbox, idOf(one))).rejects.toThrow(/expired/i);
  });

  it('is refused while there is a subscription, and names it', async () => {
    const acme = await subscribed(world);

    const { data } = await acme.ask(CHECKOUT, { plan: 'business' });

    expect(data.createCheckoutSession.session).toBeNull();
    expect(data.createCheckoutSession.userErrors).toEqual([
      expect.objectContaining({
        code: 'ALREADY_SUBSCRIBED',
        subscription: expect.objectContaining({ id: expect.stringMatching(/^sub_/) }),
      }),
    ]);
  });

  it('is refused for an address that is not on the allow-list, a plan that is not sold, and seats that do not exist', async () => {
    const acme = world.as('acme');
    const codes = [];
    for (const input of [
      '{ plan: "team", interval: MONTH, successUrl: "https://evil.example/" }',
      '{ plan: "gold", interval: MONTH }',
      '{ plan: "free", interval: MONTH }',
      '{ plan: "team", interval: WEEK }',
      '{ plan: "team", interval: MONTH, seats: 0 }',
    ]) {
      const { data } = await acme.ask(
        `mutation { createCheckoutSession(input: ${input}) { session { id } userErrors { code } } }`,
      );
      codes.push(data.createCheckoutSession.userErrors[0].code);
    }

    expect(codes).toEqual([
      'RETURN_URL_NOT_ALLOWED',
      'PLAN_NOT_AVAILABLE',
      'PLAN_NOT_AVAILABLE',
      'PLAN_NOT_AVAILABLE',
      'QUANTITY_OUT_OF_RANGE',
    ]);
  });

  it('needs a billing admin', async () => {
    const { errors } = await world.as('acme', Role.MEMBER).ask(CHECKOUT, { plan: 'team' });

    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('makes one customer and one session when a few tabs ask at once, and gives each of them the page', async () => {
    const acme = world.as('acme');

    const answers = await Promise.all(Array.from({ length: 5 }, () => acme.ask(CHECKOUT, { plan: 'team' })));

    const pages = answers.map(({ data }) => data.createCheckoutSession.session.id as string);
    expect(new Set(pages).size).toBe(1);
    const { data: customers } = await world.gateway.parts.stripe.customers.list();
    expect(customers).toHaveLength(1);
  });
});

async function subscribed(world: World) {
  const acme = world.as('acme');
  const { data } = await acme.ask(CHECKOUT, { plan: 'team' });
  await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
  await world.settled();
  return acme;
}
