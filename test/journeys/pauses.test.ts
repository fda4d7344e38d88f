import { CHANGE, PAUSE, PREVIEW_NEXT, RESUME, run, standing, subscriber } from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { sellCode } from '../support/price-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const UPCOMING = `{ viewer { account { upcomingInvoice { date total { minor } amountDue { minor }
  lines { amount { minor } period { start end } } } } } }`;

describe('a pause', () => {
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startStillWorld();
    await world.advance({ to: '2027-01-31T00:00:00Z' });
    acme = await subscriber(world, 'business');
  });
  afterEach(() => world.stop());

  const upcoming = async () => {
    const { data, errors } = await acme.ask(UPCOMING);
    expect(errors).toBeUndefined();
    return data.viewer.account.upcomingInvoice;
  };
  const taken = async () => {
    const { invoices } = await standing(acme);
    return (invoices.nodes as { status: string; amountDue: { minor: number } }[]).map(({ status, amountDue }) => [
      status,
      amountDue.minor,
    ]);
  };

  it('with a date announces the renewal that is taken next, not those that fall into it', async () => {
    await world.advance({ by: 'P5D' });
    await run(acme, PAUSE, { resumesAt: '2027-03-10T00:00:00Z' });

    const shown = await upcoming();
    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'business', interval: 'MONTH' });
    await world.advance({ to: '2027-03-02T00:00:00Z' });
    const after = await upcoming();
    await world.advance({ to: '2027-04-02T00:00:00Z' });

    expect(shown).toEqual({
      date: '2027-03-31T00:00:00.000Z',
      total: { minor: 9_900 },
      amountDue: { minor: 9_900 },
      lines: [
        {
          amount: { minor: 9_900 },
          period: { start: '2027-03-31T00:00:00.000Z', end: '2027-04-30T00:00:00.000Z' },
        },
      ],
    });
    expect(after).toEqual(shown);
    expect(preview).toMatchObject({ kind: 'NO_OP', nextInvoice: { date: shown.date, amountDue: { minor: 9_900 } } });
    expect(await taken()).toEqual([
      ['PAID', 9_900],
      ['VOID', 9_900],
      ['PAID', 9_900],
    ]);
  });

  it('with a date makes no credit of the renewal that it has waived', async () => {
    await world.advance({ to: '2027-02-27T00:00:00Z' });
    await run(acme, PAUSE, { resumesAt: '2027-03-01T00:00:00Z' });
    await world.advance({ to: '2027-03-02T00:00:00Z' });
    const refused = [await run(acme, CHANGE, { plan: 'team', timing: 'NOW' }), await run(acme, PAUSE)];
    const later = await run(acme, CHANGE, { plan: 'team' });

    for (const answer of refused)
      expect(answer).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ message: expect.stringContaining('was not paid') }],
      });
    expect(later).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(await taken()).toEqual([
      ['VOID', 9_900],
      ['PAID', 9_900],
    ]);
  });

  it('with a date announces that renewal without a discount that has ended by then, less the credit', async () => {
    await sellCode(world, 'SHORT', { months: 1 });
    await run(acme, CHANGE, { seats: 2, promotionCode: 'SHORT' });
    const { stripe } = world.gateway.parts;
    const customer = await customerOf(world, 'acme');
    await stripe.customers.createBalanceTransaction(customer, { amount: -800, currency: 'usd' });
    await run(acme, PAUSE, { resumesAt: '2027-03-10T00:00:00Z' });

    const shown = await upcoming();
    await world.advance({ to: '2027-04-02T00:00:00Z' });

    expect(shown).toMatchObject({
      date: '2027-03-31T00:00:00.000Z',
      total: { minor: 19_800 },
      amountDue: { minor: 19_000 },
    });
    expect((await taken())[0]).toEqual(['PAID', 19_000]);
  });

  it('with a date announces nothing where a cancellation comes first', async () => {
    await run(acme, PAUSE, { resumesAt: '2027-03-10T00:00:00Z' });
    const { stripe } = world.gateway.parts;
    const { subscription } = await standing(acme);
    await stripe.subscriptions.update(subscription.id, { cancel_at: Date.parse('2027-03-20T00:00:00Z') / 1000 });
    await world.settled();

    expect(await upcoming()).toBeNull();
  });

  it('with a date within the period changes nothing of the next invoice', async () => {
    const before = await upcoming();
    await run(acme, PAUSE, { resumesAt: '2027-02-10T00:00:00Z' });

    expect(await upcoming()).toEqual(before);
  });

  it('announces nothing while nothing will be taken before somebody resumes', async () => {
    const { stripe } = world.gateway.parts;
    const { subscription } = await standing(acme);
    await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void' } });
    await world.settled();
    const voiding = await upcoming();
    await run(acme, RESUME);
    await run(acme, PAUSE);

    expect(voiding).toBeNull();
    expect(await upcoming()).toBeNull();
  });

  it('ends by an invoice that the answer shows, charged or not, and with a date by none', async () => {
    await world.advance({ by: 'P6D' });
    await run(acme, PAUSE, { resumesAt: '2027-03-10T00:00:00Z' });
    const free = await run(acme, RESUME);
    await run(acme, PAUSE);
    await world.advance({ by: 'P2D' });
    const { invoice, ...paid } = await run(acme, RESUME, { idempotencyKey: 'once' });
    const again = await run(acme, RESUME, { idempotencyKey: 'once' });
    await world.settled();
    const { nodes } = (await standing(acme)).invoices;

    expect(free).toMatchObject({ outcome: 'APPLIED', invoice: null });
    expect(paid.outcome).toBe('APPLIED');
    expect(invoice).toEqual({ id: nodes[0].id, status: 'PAID' });
    expect(again.invoice).toEqual(invoice);
    // The six days of 28 that were used stay paid; the rest comes off the new period.
    expect(nodes[0].total.minor).toBe(9_900 - 7_779);
  });

  it('of a free trial is refused, with what can be done instead', async () => {
    const { stripe } = world.gateway.parts;
    const { subscription } = await standing(acme);
    await stripe.subscriptions.update(subscription.id, { trial_end: Math.floor(world.sandbox.now() / 1000) + 86_400 });
    await world.settled();

    for (const input of [{}, { resumesAt: '2027-03-10T00:00:00Z' }]) {
      const { userErrors } = await run(acme, PAUSE, input);
      expect(userErrors).toEqual([
        expect.objectContaining({
          code: 'OTHER',
          message: 'A free trial cannot be paused; it costs nothing.',
          hint: 'Ask again once it has ended, or leave with cancelSubscription.',
        }),
      ]);
    }
  });

  describe('that is resumed with a card that is refused', () => {
    const day = (at: number) => new Date(at).toISOString();
    const titles = async () =>
      (await standing(acme)).timeline.nodes.map(({ detail }: { detail: string | null }) => detail).join(' ');
    const payWith = async (card: string) => {
      const { stripe } = world.gateway.parts;
      const customer = await customerOf(world, 'acme');
      const { subscription } = await standing(acme);
      const { id } = await stripe.paymentMethods.attach(card, { customer });
      await stripe.subscriptions.update(subscription.id, { default_payment_method: id });
      await world.settled();
    };
    beforeEach(async () => {
      await world.advance({ by: 'P10D' });
      await run(acme, PAUSE);
      await world.advance({ by: 'P30D' });
      await payWith('pm_card_chargeCustomerFail');
    });

    it('stays as it is however long that takes, and its period begins once it is resumed again with another', async () => {
      const before = await standing(acme);

      const refused = await run(acme, RESUME);
      await world.advance({ by: 'P40D' });
      const waiting = await standing(acme);
      const told = await titles();
      await payWith('pm_card_visa');
      const resumed = await run(acme, RESUME);
      const now = world.sandbox.now();
      await world.advance({ by: 'P1D' });

      const { currentPeriod } = before.subscription;
      expect(refused).toMatchObject({ outcome: 'ACTION_REQUIRED', paymentAction: { kind: 'NEW_PAYMENT_METHOD' } });
      expect(waiting).toMatchObject({ subscription: { status: 'PAUSED', currentPeriod }, access: { allowed: false } });
      expect(told).not.toContain('A new period began');
      expect(resumed).toMatchObject({
        outcome: 'APPLIED',
        invoice: { id: refused.invoice.id, status: 'PAID' },
        subscription: { status: 'ACTIVE', currentPeriod: { start: day(now) } },
      });
      expect((await taken()).map(([status]) => status)).toEqual(['PAID', 'PAID']);
    });

    it('tries the same invoice again, and says again what is needed', async () => {
      const { invoice } = await run(acme, RESUME);

      const again = await run(acme, RESUME);

      expect(again).toMatchObject({
        ...{ outcome: 'ACTION_REQUIRED', invoice: { id: invoice.id } },
        paymentAction: { kind: 'NEW_PAYMENT_METHOD' },
      });
    });

    it('is given up after a year, and can be resumed anew', async () => {
      const { invoice } = await run(acme, RESUME);
      await world.advance({ by: 'P366D' });
      const given = (await standing(acme)).invoices.nodes[0];
      await payWith('pm_card_visa');

      const resumed = await run(acme, RESUME);

      expect(given).toMatchObject({ id: invoice.id, status: 'VOID' });
      expect(resumed).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' } });
      expect(resumed.invoice.id).not.toBe(invoice.id);
    });
  });

  it('is not resumed without a card, and nothing is left to pay', async () => {
    const { stripe } = world.gateway.parts;
    await world.advance({ to: '2027-02-27T23:00:00Z' });
    await run(acme, PAUSE);
    const { data } = await stripe.paymentMethods.list({ customer: await customerOf(world, 'acme') });
    for (const { id } of data) await stripe.paymentMethods.detach(id);
    await world.settled();

    const refused = await run(acme, RESUME);

    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'PAYMENT_METHOD_REQUIRED' }] });
    expect(await taken()).toHaveLength(1);
    expect((await standing(acme)).subscription).toMatchObject({ status: 'PAUSED' });
  });
});
