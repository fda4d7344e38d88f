import {
  CANCEL_PLAN,
  CHANGE,
  linesOf,
  LIVE,
  monthOfThirtyDays,
  PAUSE,
  PREVIEW,
  PREVIEW_NEXT,
  run,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const PAYMENT = `{ viewer { account { subscription { paymentAction { kind } lastPayment { at amount { minor } } lastPaymentAttemptAt
  latestInvoice { status dueAt paymentMethod { label } paymentAction { kind } paymentAttempts { succeeded amount { minor } declineCode } } } } } }`;
const CREDIT = `{ viewer { account { credit { minor } invoices { nodes { status } } } } }`;
const paymentOf = async (person: Person) => (await person.ask(PAYMENT)).data.viewer.account.subscription;
const told = ({ timeline }: { timeline: { nodes: { title: string; detail: string | null }[] } }) =>
  timeline.nodes.map(({ title, detail }) => `${title} ${detail}`).join(' ');

const grantedTo = async (person: Person) => {
  const { data } = await person.ask(
    `{ sso: checkAccess(feature: "sso") { allowed } projects: checkAccess(feature: "projects") { allowed } viewer { account { plan { key } } } }`,
  );
  return { plan: data.viewer.account.plan.key, sso: data.sso.allowed, projects: data.projects.allowed };
};

/** Everybody on Team with half of a month of thirty days left; from 20.00 to 99.00: half of both. */
const UP = { plan: 'business', interval: 'MONTH' };
const HALVES = [-1_000, 4_950];

describe('a change of plan that is not charged to a card', () => {
  let world: World;
  beforeAll(async () => {
    world = await startStillWorld();
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    for (const name of ['debited', 'unlucky', 'invoiced', 'trying', 'greedy', 'renewing'])
      await subscriber(world, 'team', name);
    await world.advance({ by: 'P15D' });
    await debitFrom('renewing', 'pm_usBankAccount_success');
  });
  afterAll(() => world.stop());

  /** From now on debited from a bank account. */
  async function debitFrom(name: string, account: string): Promise<void> {
    const { stripe } = world.gateway.parts;
    const { id } = (await standing(world.as(name))).subscription;
    const method = await stripe.paymentMethods.attach(account, { customer: await customerOf(world, name) });
    await stripe.subscriptions.update(id, { default_payment_method: method.id });
    await world.settled();
  }

  it('but sent as an invoice is made at once, and the invoice waits on its page until it is due', async () => {
    const acme = world.as('invoiced');
    const { stripe } = world.gateway.parts;
    const { id } = (await standing(acme)).subscription;
    await stripe.subscriptions.update(id, { collection_method: 'send_invoice', days_until_due: 14 });
    await world.settled();
    const live = acme.watch(LIVE);

    const { preview } = await run(acme, PREVIEW, { ...UP, seats: 2 });
    const done = await run(acme, CHANGE, { previewToken: preview.token });
    await live.until(({ accountUpdated: { account } }) => account.plan.key === 'business');
    const lines = await linesOf(world, done.invoice.id);

    expect(done).toMatchObject({
      ...{ outcome: 'APPLIED', paymentAction: null, invoice: { status: 'OPEN' } },
      subscription: { status: 'ACTIVE', plan: { key: 'business' }, seats: 2 },
    });
    expect(lines).toEqual([-1_000, 9_900]);
    expect(preview.amountDueNow).toEqual({ minor: 8_900 });
    expect(told(await standing(acme))).toContain('The plan changed from Team to Business.');
    expect(await paymentOf(acme)).toMatchObject({
      paymentAction: { kind: 'PAY_HOSTED_INVOICE' },
      latestInvoice: { status: 'OPEN', dueAt: expect.any(String), paymentAttempts: [] },
    });
    await stripe.invoices.pay(done.invoice.id, { paid_out_of_band: true });
    await world.settled();
    expect(await paymentOf(acme)).toMatchObject({ paymentAction: null, latestInvoice: { status: 'PAID' } });
    live.close();
  });

  it('to a bank account is made at once, waits for its money for days, and is in force when it is paid as shown', async () => {
    await debitFrom('debited', 'pm_usBankAccount_success');
    const acme = world.as('debited');
    const live = acme.watch(LIVE);

    const { preview } = await run(acme, PREVIEW, UP);
    const done = await run(acme, CHANGE, { previewToken: preview.token });
    const waiting = await paymentOf(acme);
    await live.until(({ accountUpdated: { account } }) => account.subscription.plan.key === 'business');
    const before = await grantedTo(acme);
    await world.advance({ by: 'P5D' });
    await live.until(({ accountUpdated: { account } }) => account.plan.key === 'business');

    expect(preview).toMatchObject({ amountDueNow: { minor: 3_950 }, paymentMethod: { label: expect.any(String) } });
    expect(done).toMatchObject({
      ...{ outcome: 'PROCESSING', paymentAction: null, userErrors: [] },
      subscription: { status: 'ACTIVE', plan: { key: 'business' }, pendingChange: null },
      invoice: { status: 'OPEN' },
    });
    expect(done.account.plan.key).toBe('team');
    expect([before, await grantedTo(acme)]).toEqual([
      { plan: 'team', sso: false, projects: true },
      { plan: 'business', sso: true, projects: true },
    ]);
    expect(await linesOf(world, done.invoice.id)).toEqual(HALVES);
    expect(waiting).toMatchObject({
      ...{ paymentAction: null, lastPayment: { amount: { minor: 2_000 } } },
      latestInvoice: {
        ...{ status: 'OPEN', paymentAction: null },
        paymentAttempts: [{ succeeded: false, amount: { minor: 3_950 }, declineCode: null }],
      },
    });
    expect(await paymentOf(acme)).toMatchObject({
      lastPayment: { amount: { minor: 3_950 } },
      latestInvoice: { status: 'PAID', paymentAttempts: [{ succeeded: true }] },
    });
    expect(told(await standing(acme))).toMatch(
      /The plan changed from Team to Business\..*The subscription is for Business now.*was issued/,
    );
    live.close();
  });

  it('to a bank account that is empty is past due once the bank has said so, with the reason', async () => {
    await debitFrom('unlucky', 'pm_usBankAccount_insufficientFunds');
    const acme = world.as('unlucky');

    const done = await run(acme, CHANGE, UP);
    await world.advance({ by: 'P5D' });

    expect(done.outcome).toBe('PROCESSING');
    const { subscription, access } = await standing(acme);
    expect(subscription).toMatchObject({ status: 'PAST_DUE', plan: { key: 'business' } });
    expect(await grantedTo(acme)).toMatchObject({ plan: 'team', sso: false });
    expect(access).toMatchObject({ allowed: true, reason: 'GRACE_PERIOD' });
    expect(await paymentOf(acme)).toMatchObject({
      paymentAction: { kind: 'NEW_PAYMENT_METHOD' },
      latestInvoice: { paymentAttempts: [{ succeeded: false, declineCode: 'insufficient_funds' }] },
    });
  });

  it('to a bank account that is empty gives nothing back, and no other change is made on top before it is paid', async () => {
    await debitFrom('greedy', 'pm_usBankAccount_insufficientFunds');
    const acme = world.as('greedy');
    await run(acme, CHANGE, UP);

    const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH', timing: 'NOW' });
    const back = await run(acme, CHANGE, { plan: 'team', interval: 'MONTH', timing: 'NOW' });
    const more = await run(acme, CHANGE, { seats: 3 });
    const later = await run(acme, CHANGE, { plan: 'team', interval: 'MONTH', timing: 'PERIOD_END' });
    const { invoices, credit } = (await acme.ask(CREDIT)).data.viewer.account;

    expect(preview.blockers).toMatchObject([{ code: 'PAYMENT_OVERDUE', remedy: 'PAY_INVOICE' }]);
    for (const refused of [back, more])
      expect(refused).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'PAYMENT_OVERDUE', message: expect.stringContaining('still under way') }],
      });
    expect(later).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect({ credit, invoices: invoices.nodes }).toMatchObject({
      credit: { minor: 0 },
      invoices: [{ status: 'OPEN' }, {}],
    });
    await world.advance({ by: 'P5D' });
    expect(await grantedTo(acme)).toMatchObject({ plan: 'team', sso: false });
  });

  it('nor is one made, nor is time given back by a pause, while the bank has not paid the renewal', async () => {
    const acme = world.as('renewing');
    await world.advance({ to: (await standing(acme)).subscription.currentPeriod.end });
    await world.advance({ by: 'PT2H' });

    const [up, pause] = [await run(acme, CHANGE, UP), await run(acme, PAUSE)];
    const until = new Date(world.sandbox.now() + 40 * 86_400_000).toISOString();
    const untilThen = await run(acme, PAUSE, { resumesAt: until });

    for (const refused of [up, pause])
      expect(refused).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'PAYMENT_OVERDUE', message: expect.stringContaining('still under way') }],
      });
    expect(untilThen).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
  });

  it('in a trial costs nothing now, says when it will, takes back a cancellation, and is charged in full at the end', async () => {
    const acme = world.as('trying');
    const { stripe } = world.gateway.parts;
    const { id } = (await standing(acme)).subscription;
    const trial_end = Math.floor(world.sandbox.now() / 1_000) + 2 * 86_400;
    await stripe.subscriptions.update(id, { trial_end, proration_behavior: 'none' });
    await world.settled();
    await run(acme, CANCEL_PLAN);
    const before = (await standing(acme)).invoices.nodes.length;
    const live = acme.watch(LIVE);

    const { preview } = await run(acme, PREVIEW_NEXT, { ...UP, seats: 2 });
    const done = await run(acme, CHANGE, { previewToken: preview.token });
    const pushed = await live.until(({ accountUpdated: { account } }) => account.plan.key === 'business');
    const during = await standing(acme);
    await world.advance({ by: 'P2DT2H' });

    expect(preview).toMatchObject({
      ...{ kind: 'UPGRADE', timing: 'NOW', lines: [], amountDueNow: { minor: 0 }, recurringAfter: { minor: 19_800 } },
      nextInvoice: { amountDue: { minor: 19_800 } },
    });
    expect(preview.notices.map(({ code }: { code: string }) => code)).toEqual(
      expect.arrayContaining(['CANCELLATION_PENDING', 'TRIAL_WILL_END']),
    );
    expect(done).toMatchObject({
      ...{ outcome: 'APPLIED', invoice: null },
      subscription: { status: 'TRIALING', plan: { key: 'business' }, seats: 2, cancellation: null },
    });
    expect(pushed.accountUpdated.account.subscription).toMatchObject({ status: 'TRIALING', seats: 2 });
    expect(during.invoices.nodes).toHaveLength(before);
    expect(told(during)).toContain('The plan changed from Team to Business.');
    const after = await standing(acme);
    expect(after.subscription).toMatchObject({ status: 'ACTIVE', plan: { key: 'business' } });
    expect(await linesOf(world, after.invoices.nodes[0].id)).toEqual([19_800]);
    live.close();
  });

  it('nor is the very first payment: the free plan goes on until the bank has paid', async () => {
    const acme = await subscriber(world, 'team', 'beginner', 'pm_usBankAccount_success');
    const live = acme.watch(`subscription { accountUpdated { account { access { allowed reason } } } }`);
    const before = await standing(acme);
    await world.advance({ by: 'P5D' });
    await live.until(({ accountUpdated: { account } }) => account.access.reason === 'ACTIVE');

    expect(before).toMatchObject({
      plan: { key: 'free' },
      subscription: { status: 'ACTIVE', plan: { key: 'team' } },
      access: { allowed: true, reason: 'FIRST_PAYMENT_PENDING' },
    });
    expect((await standing(acme)).access).toMatchObject({ allowed: true, reason: 'ACTIVE' });
    live.close();
  });

  it('nor does a very first payment give more than the free plan that the bank refuses after days', async () => {
    const acme = await subscriber(world, 'team', 'penniless', 'pm_usBankAccount_insufficientFunds');
    await world.advance({ by: 'P5D' });

    const { plan, subscription, access, invoices, timeline } = await standing(acme);
    expect(invoices.nodes).toMatchObject([{ status: 'VOID', reason: 'SUBSCRIPTION_START' }]);
    expect(subscription.status).toBe('ACTIVE');
    expect(plan.key).toBe('free');
    expect(access).toMatchObject({ allowed: true, reason: 'FIRST_PAYMENT_PENDING' });
    expect(JSON.stringify(told({ timeline }))).not.toMatch(/Access was|plan changed/);
  });

  it('to a bank account grants what is added on top once it is paid, and what was there goes on', async () => {
    const { stripe } = world.gateway.parts;
    const { id: product } = await stripe.products.create({
      name: 'Extra members',
      metadata: { app: 'billing', kind: 'add_on', add_on_id: 'extra-members', limit_members_per_team: '10' },
    });
    const price = { currency: 'usd', unit_amount: 500, recurring: { interval: 'month' as const } };
    await stripe.prices.create({ product, ...price, lookup_key: 'extra-members_month' });
    await world.settled();
    const acme = await subscriber(world, 'team', 'adding');
    const limit = async () =>
      (await acme.ask('{ checkAccess(feature: "members-per-team") { entitlement { limit } } }')).data.checkAccess
        .entitlement.limit as number;
    await run(acme, CHANGE, { addOns: [{ addOn: 'extra-members', quantity: 1 }] });
    await debitFrom('adding', 'pm_usBankAccount_success');
    const before = await limit();

    const done = await run(acme, CHANGE, { addOns: [{ addOn: 'extra-members', quantity: 3 }] });
    const waiting = await limit();
    await world.advance({ by: 'P5D' });

    expect(done).toMatchObject({ outcome: 'PROCESSING', invoice: { status: 'OPEN' } });
    expect([before, waiting, await limit()]).toEqual([30, 30, 50]);
  });
});
