import { Role } from '../../src/auth/roles.js';
import {
  CANCEL_PLAN,
  CHANGE,
  linesOf,
  LIVE,
  PAUSE,
  PREVIEW,
  PREVIEW_NEXT,
  REACTIVATE_PLAN,
  RESUME,
  run,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { holdDeliveries, startWorld, type World } from '../support/world.js';

const titles = (account: { timeline: { nodes: { title: string }[] } }) =>
  account.timeline.nodes.map(({ title }) => title);

describe('a change of plan that costs less', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('is booked for the end of the period, shown, pushed, and then made without a proration', async () => {
    const acme = await subscriber(world, 'business');
    const live = acme.watch(LIVE);
    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'team', interval: 'MONTH' });

    const booked = await run(acme, CHANGE, { previewToken: preview.token });
    await live.until(({ accountUpdated: { account } }) => account.subscription.pendingChange !== null);
    const waiting = await standing(acme);
    await world.advance({ by: 'P1M1D' });

    const { end } = booked.subscription.currentPeriod;
    expect(preview).toMatchObject({
      kind: 'DOWNGRADE',
      timing: 'PERIOD_END',
      effectiveAt: end,
      lines: [],
      amountDueNow: { minor: 0 },
      nextInvoice: { date: end, amountDue: { minor: 2_000 } },
    });
    expect(preview.notices).toContainEqual(
      expect.objectContaining({
        code: 'FEATURE_LOST',
        message: 'Sso is not included any more.',
        feature: { key: 'sso' },
      }),
    );
    expect(booked).toMatchObject({
      outcome: 'SCHEDULED',
      subscription: {
        plan: { key: 'business' },
        pendingChange: {
          state: 'SCHEDULED',
          kind: 'DOWNGRADE',
          toPlan: { key: 'team' },
          toSeats: 1,
          effectiveAt: end,
          canCancel: true,
          recurringAfter: { minor: 2_000 },
        },
      },
    });
    expect(waiting.invoices.nodes).toHaveLength(1);
    const after = await standing(acme);
    expect(after).toMatchObject({
      plan: { key: 'team' },
      subscription: { plan: { key: 'team' }, pendingChange: null },
    });
    expect(await linesOf(world, after.invoices.nodes[0].id)).toEqual([2_000]);
    expect(titles(after)).toEqual(expect.arrayContaining([expect.stringMatching(/^A change of plan was booked for /)]));
    live.close();
  });

  it('is taken back by cancelPendingChange, and the next renewal costs what it did', async () => {
    const acme = await subscriber(world, 'business');
    await run(acme, CHANGE, { plan: 'team' });

    const undone = await run(acme, UNDO);
    const again = await run(acme, UNDO);
    await world.advance({ by: 'P1M1D' });

    expect(undone).toMatchObject({ outcome: 'APPLIED', subscription: { pendingChange: null } });
    expect(again.userErrors[0].code).toBe('NOTHING_PENDING');
    const account = await standing(acme);
    expect(account.plan.key).toBe('business');
    expect(account.invoices.nodes[0].total.minor).toBe(9_900);
    expect(titles(account)).toContain('The booked change of plan was taken back.');
  });

  it('is not said to be taken back when Stripe has it no more, before anybody has told so', async () => {
    const acme = await subscriber(world, 'business');
    await run(acme, CHANGE, { plan: 'team', interval: 'MONTH' });
    await world.settled();
    const { stripe } = world.gateway.parts;
    const [schedule] = (await stripe.subscriptionSchedules.list()).data;
    await holdDeliveries(world, true);
    await stripe.subscriptionSchedules.release(String(schedule?.id));
    const undone = await run(acme, UNDO);
    await holdDeliveries(world, false);
    await world.settled();

    expect(undone).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] });
    expect((await standing(acme)).subscription).toMatchObject({ plan: { key: 'business' }, pendingChange: null });
  });

  it('is released by an upgrade of seats, by a cancellation and by a return to the plan that is there', async () => {
    const acme = await subscriber(world, 'business');
    const { stripe } = world.gateway.parts;
    const scheduleOf = async () =>
      (await stripe.subscriptions.retrieve((await standing(acme)).subscription.id)).schedule;

    await run(acme, CHANGE, { plan: 'team' });
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH', seats: 2 });
    const seats = await run(acme, CHANGE, { previewToken: preview.token });
    const afterSeats = await scheduleOf();
    await run(acme, CHANGE, { plan: 'team', seats: 2 });
    const back = await run(acme, CHANGE, { plan: 'business' });
    const afterBack = await scheduleOf();
    await run(acme, CHANGE, { plan: 'team', seats: 2 });
    const canceled = await run(acme, CANCEL_PLAN);

    expect(preview.notices).toContainEqual(expect.objectContaining({ code: 'PENDING_CHANGE_REPLACED' }));
    expect(seats).toMatchObject({ outcome: 'APPLIED', subscription: { seats: 2, pendingChange: null } });
    expect(back).toMatchObject({
      outcome: 'APPLIED',
      subscription: { plan: { key: 'business' }, pendingChange: null },
    });
    expect(canceled).toMatchObject({ outcome: 'SCHEDULED', subscription: { pendingChange: null } });
    expect(canceled.subscription.cancellation.effectiveAt).toBe(canceled.subscription.currentPeriod.end);
    expect([afterSeats, afterBack, await scheduleOf()]).toEqual([null, null, null]);
  });

  it('to the free plan is a cancellation at the end of the period, previewed', async () => {
    const acme = await subscriber(world);
    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'free', interval: 'MONTH' });

    const done = await run(acme, CHANGE, { previewToken: preview.token });
    await world.advance({ by: 'P1M1D' });

    expect(preview).toMatchObject({ kind: 'DOWNGRADE', timing: 'PERIOD_END', toPrice: null, nextInvoice: null });
    expect(done).toMatchObject({ outcome: 'SCHEDULED', subscription: { plan: { key: 'team' } } });
    expect(done.subscription.cancellation.effectiveAt).toBe(preview.effectiveAt);
    expect(await standing(acme)).toMatchObject({
      plan: { key: 'free' },
      subscription: null,
      access: { reason: 'FREE_PLAN' },
    });
  });

  it('from year to month waits for the end of the year, and from month to year begins a year now', async () => {
    const acme = await subscriber(world);
    const { preview: toYear } = await run(acme, PREVIEW, { plan: 'team', interval: 'YEAR' });
    const year = await run(acme, CHANGE, { previewToken: toYear.token });
    const { preview: toMonth } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
    const month = await run(acme, CHANGE, { previewToken: toMonth.token });
    await world.advance({ by: 'P1Y' });
    await world.advance({ by: 'PT2H' });

    expect(toYear).toMatchObject({ kind: 'INTERVAL_CHANGE', timing: 'NOW', amountDueNow: { minor: 18_000 } });
    expect(await linesOf(world, year.invoice.id)).toEqual(expect.arrayContaining([-2_000, 20_000]));
    expect(year.subscription.price.interval).toBe('YEAR');
    expect(toMonth).toMatchObject({ kind: 'INTERVAL_CHANGE', timing: 'PERIOD_END', amountDueNow: { minor: 0 } });
    expect(month.subscription.pendingChange).toMatchObject({ kind: 'INTERVAL_CHANGE', toPrice: { interval: 'MONTH' } });
    const { subscription, invoices } = await standing(acme);
    expect(subscription).toMatchObject({ price: { interval: 'MONTH' }, pendingChange: null });
    expect(await linesOf(world, invoices.nodes[0].id)).toEqual([2_000]);
    expect(Date.parse(subscription.currentPeriod.end) - world.sandbox.now()).toBeLessThan(32 * 86_400_000);
  });

  it('that was booked in the dashboard is shown, and only an operator may replace it', async () => {
    const acme = await subscriber(world, 'business');
    const { stripe } = world.gateway.parts;
    const { subscription } = await standing(acme);
    await bookElsewhere(world, subscription.id);

    const shown = (await standing(acme)).subscription.pendingChange;
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH', seats: 2 });
    const refused = await run(acme, CHANGE, { seats: 2 });
    const undo = await run(acme, UNDO);
    const byStaff = await run(world.as('acme', Role.BILLING_ADMIN, Role.OPERATOR), UNDO);

    expect(shown).toMatchObject({ state: 'SCHEDULED', toPlan: { key: 'team' }, canCancel: false });
    expect(preview).toMatchObject({ allowed: false, blockers: [{ remedy: 'CONTACT_SUPPORT' }] });
    expect([refused, undo].map(({ userErrors }) => userErrors[0].code)).toEqual([
      'CHANGE_ALREADY_PENDING',
      'CHANGE_ALREADY_PENDING',
    ]);
    expect(byStaff).toMatchObject({ outcome: 'APPLIED', subscription: { pendingChange: null } });
    expect((await stripe.subscriptions.retrieve(subscription.id)).schedule).toBeNull();
  });
});

describe('a schedule', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it('keeps the taxes of the subscription and of its items in both phases', async () => {
    const acme = await subscriber(world, 'business', 'taxed');
    const { stripe } = world.gateway.parts;
    const { id } = (await standing(acme)).subscription;
    const rate = async (percentage: number) =>
      (await stripe.taxRates.create({ display_name: `${percentage}`, percentage, inclusive: false })).id;
    const [own, ofItem] = [await rate(20), await rate(10)];
    const { items } = await stripe.subscriptions.retrieve(id);
    await stripe.subscriptions.update(id, {
      default_tax_rates: [own],
      items: [{ id: items.data[0]!.id, tax_rates: [ofItem] }],
      proration_behavior: 'none',
    });
    await world.settled();

    await run(acme, CHANGE, { plan: 'team' });

    const { schedule } = await stripe.subscriptions.retrieve(id, { expand: ['schedule'] });
    if (!schedule || typeof schedule === 'string') throw new Error('There is no schedule.');
    const taxes = schedule.phases.map(({ default_tax_rates, items }) => [
      default_tax_rates?.map((tax) => tax.id),
      items.map(({ tax_rates }) => tax_rates?.map((tax) => tax.id)),
    ]);
    expect(taxes).toEqual([
      [[own], [[ofItem]]],
      [[own], [[ofItem]]],
    ]);
  });

  it('that ends the subscription is shown as a cancellation, which only staff takes back', async () => {
    const acme = await subscriber(world, 'team', 'ending');
    const { stripe } = world.gateway.parts;
    const { id, currentPeriod } = (await standing(acme)).subscription;
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
    await stripe.subscriptionSchedules.update(schedule.id, { end_behavior: 'cancel' });
    await world.settled();

    const shown = await standing(acme);
    const refused = await run(acme, REACTIVATE_PLAN);
    const byStaff = await run(world.as('ending', Role.BILLING_ADMIN, Role.OPERATOR), REACTIVATE_PLAN);

    expect(shown.subscription.cancellation).toEqual({ effectiveAt: currentPeriod.end });
    expect(shown.access).toMatchObject({ allowed: true, reason: 'CANCELED_BUT_PAID', until: currentPeriod.end });
    expect(refused.userErrors[0].code).toBe('CHANGE_ALREADY_PENDING');
    expect(byStaff).toMatchObject({ outcome: 'APPLIED', subscription: { cancellation: null } });
    expect((await stripe.subscriptions.retrieve(id)).schedule).toBeNull();
  });
});

describe('a pause', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('without a date credits what is unused, withdraws access, and is ended by resuming, with a new period', async () => {
    const acme = await subscriber(world);
    await world.advance({ by: 'P10D' });

    const paused = await run(acme, PAUSE);
    await world.advance({ by: 'P2M' });
    const before = await standing(acme);
    const resumed = await run(acme, RESUME);

    expect(paused).toMatchObject({
      outcome: 'APPLIED',
      subscription: { status: 'PAUSED', pause: { cause: 'REQUESTED', resumesAt: null } },
    });
    expect(before).toMatchObject({ access: { allowed: false, reason: 'PAUSED' } });
    expect(before.invoices.nodes).toHaveLength(1);
    expect(resumed).toMatchObject({ outcome: 'APPLIED', subscription: { status: 'ACTIVE', pause: null } });
    const { invoices, access, timeline } = await standing(acme);
    expect(access.allowed).toBe(true);
    const [credit, month] = (await linesOf(world, invoices.nodes[0].id)).sort((left, right) => left - right);
    expect([month, credit! < 0]).toEqual([2_000, true]);
    expect(titles({ timeline })).toEqual(
      expect.arrayContaining(['The subscription was paused.', 'The subscription was resumed.']),
    );
  });

  it('with a date charges nothing until then, reads PAUSED, and ends by itself', async () => {
    const acme = await subscriber(world);
    const resumesAt = new Date(world.sandbox.now() + 45 * 86_400_000).toISOString();

    const paused = await run(acme, PAUSE, { resumesAt });
    await world.advance({ by: 'P40D' });
    const during = await standing(acme);
    await world.advance({ by: 'P6D' });
    const after = await standing(acme);

    expect(paused).toMatchObject({
      outcome: 'APPLIED',
      subscription: { status: 'ACTIVE', pause: { cause: 'REQUESTED' } },
    });
    expect(during.access).toMatchObject({ allowed: false, reason: 'PAUSED' });
    expect(during.invoices.nodes.filter(({ status }: { status: string }) => status === 'PAID')).toHaveLength(1);
    expect(after).toMatchObject({ access: { allowed: true, reason: 'ACTIVE' }, subscription: { pause: null } });
  });

  it('with a date is left to staff where that is set, because it skips payments', async () => {
    const acme = await subscriber(world);
    world.config.pauseWithDate = 'operators';
    const resumesAt = new Date(world.sandbox.now() + 2 * 86_400_000).toISOString();

    const own = await run(acme, PAUSE, { resumesAt });
    const staff = await run(world.as('acme', Role.BILLING_ADMIN, Role.OPERATOR), PAUSE, { resumesAt });

    expect(own).toMatchObject({ outcome: 'REJECTED', userErrors: [{ field: ['input', 'resumesAt'] }] });
    expect(staff.outcome).toBe('APPLIED');
  });

  it('is refused in the past and in a far future, and resuming without one has nothing to take back', async () => {
    const acme = await subscriber(world);

    const past = await run(acme, PAUSE, { resumesAt: new Date(world.sandbox.now() - 1_000).toISOString() });
    const far = await run(acme, PAUSE, { resumesAt: '9999-12-31T00:00:00Z' });
    const none = await run(acme, RESUME);

    expect([past, far, none].map(({ userErrors }) => userErrors[0].code)).toEqual([
      ...['INVALID', 'INVALID', 'NOTHING_PENDING'],
    ]);
    expect(far.userErrors[0]).toMatchObject({
      field: ['input', 'resumesAt'],
      message: expect.stringContaining('at most 5 years ahead'),
    });
  });
});

describe('a cancellation', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('shows nothing that was said of an earlier one that was taken back, and keeps what was said when brought forward', async () => {
    const acme = await subscriber(world);
    const told = async () =>
      (await acme.ask('{ viewer { account { subscription { cancellation { feedback comment } } } } }')).data.viewer
        .account.subscription.cancellation;
    await run(acme, CANCEL_PLAN, { feedback: 'TOO_EXPENSIVE', comment: 'Too dear.' });
    await run(acme, REACTIVATE_PLAN);
    await run(acme, CANCEL_PLAN);
    const silent = await told();
    await run(acme, REACTIVATE_PLAN);
    await run(acme, CANCEL_PLAN, { feedback: 'UNUSED' });
    const second = await told();
    const { id } = (await standing(acme)).subscription;
    await run(world.as('acme', Role.BILLING_ADMIN, Role.OPERATOR), CANCEL_PLAN, { timing: 'NOW' });

    expect(silent).toEqual({ feedback: null, comment: null });
    expect(second).toEqual({ feedback: 'UNUSED', comment: null });
    const ended = await world.gateway.parts.stripe.subscriptions.retrieve(id as string);
    expect(ended.cancellation_details).toMatchObject({ feedback: 'unused', comment: null });
  });

  it('at once is for operators, and a comment has 500 characters', async () => {
    const acme = await subscriber(world);

    const long = await run(acme, CANCEL_PLAN, { comment: 'x'.repeat(501) });
    expect(long.userErrors[0]).toMatchObject({ code: 'INVALID', field: ['input', 'comment'] });
    const { errors } = await acme.ask(CANCEL_PLAN, { input: { timing: 'NOW' } });
    const done = await run(world.as('acme', Role.BILLING_ADMIN, Role.OPERATOR), CANCEL_PLAN, { timing: 'NOW' });

    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(done).toMatchObject({
      outcome: 'APPLIED',
      subscription: { status: 'CANCELED' },
      account: { plan: { key: 'free' } },
    });
  });

  it('of an overdue subscription happens at once, and collection stops', async () => {
    const acme = await subscriber(world, 'team', 'acme', 'pm_card_visa');
    await failNextPayment(world, acme);
    await world.advance({ by: 'P1M2D' });
    const overdue = (await standing(acme)).subscription.status;

    const done = await run(acme, CANCEL_PLAN);

    expect(overdue).toBe('PAST_DUE');
    expect(done).toMatchObject({ outcome: 'APPLIED', subscription: { status: 'CANCELED' } });
    const { invoices } = await standing(acme);
    expect((await world.gateway.parts.stripe.invoices.retrieve(invoices.nodes[0].id)).auto_advance).toBe(false);
  });

  it('is taken back by a change of plan, which says so first', async () => {
    const acme = await subscriber(world);
    await run(acme, CANCEL_PLAN);

    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'business', interval: 'MONTH' });
    const { preview: stay } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
    const done = await run(acme, CHANGE, { previewToken: preview.token });

    expect(preview.notices).toContainEqual(expect.objectContaining({ code: 'CANCELLATION_PENDING' }));
    expect(preview.nextInvoice).toMatchObject({ total: { minor: 9_900 }, date: expect.any(String) });
    expect(stay.kind).toBe('REACTIVATION');
    expect(done).toMatchObject({ outcome: 'APPLIED', subscription: { plan: { key: 'business' }, cancellation: null } });
    expect((await run(acme, REACTIVATE_PLAN)).userErrors[0].code).toBe('NOTHING_PENDING');
  });
});

/** Every further charge of the account fails. */
async function failNextPayment(world: World, person: Parameters<typeof standing>[0]): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { subscription } = await standing(person);
  const { customer } = await stripe.subscriptions.retrieve(subscription.id);
  const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: String(customer) });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: method.id });
  await stripe.customers.update(String(customer), { invoice_settings: { default_payment_method: method.id } });
  await world.settled();
}

/** A downgrade as somebody books it in Stripe's dashboard. */
async function bookElsewhere(world: World, id: string): Promise<void> {
  const { stripe } = world.gateway.parts;
  const { data: prices } = await stripe.prices.list({ lookup_keys: ['team_month'] });
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
  const [phase] = schedule.phases;
  await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      {
        items: [{ price: String(phase!.items[0]!.price), quantity: 1 }],
        start_date: phase!.start_date,
        end_date: phase!.end_date,
      },
      { items: [{ price: prices[0]!.id, quantity: 1 }], duration: { interval: 'month', interval_count: 1 } },
    ],
  });
  await world.settled();
}
