import {
  CANCEL_PLAN,
  CHANGE,
  monthOfThirtyDays,
  PREVIEW_NEXT,
  REACTIVATE_PLAN,
  run,
  sell,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { sellCode } from '../support/price-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const APPLY = `mutation ($input: ApplyPromotionCodeInput!) { applyPromotionCode(input: $input) { outcome userErrors { code } } }`;
const to = (plan: string, more: Record<string, unknown> = {}) => ({ plan, interval: 'MONTH', ...more });
const codes = ({ notices }: { notices: { code: string }[] }) => notices.map(({ code }) => code);
const messageOf = ({ notices }: { notices: { code: string; message: string }[] }, code: string) =>
  notices.find((notice) => notice.code === code)?.message;

describe('the next invoice that a preview shows', () => {
  let world: World;
  beforeEach(async () => {
    world = await startStillWorld();
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
  });
  afterEach(() => world.stop());

  async function inMidMonth(plan = 'team'): Promise<Person> {
    const acme = await subscriber(world, plan);
    await world.advance({ by: 'P15D' });
    return acme;
  }
  const show = async (person: Person, input: Record<string, unknown>) =>
    (await run(person, PREVIEW_NEXT, input)).preview;
  const nextOf = async (person: Person, input: Record<string, unknown>) => (await show(person, input)).nextInvoice;
  const renewalOf = async (person: Person) => {
    await world.advance({ by: 'P16D' });
    return (await standing(person)).invoices.nodes[0];
  };

  it('comes at a whole second, as Stripe makes it, where its period begins with the change', async () => {
    const acme = await subscriber(world);
    const { billing } = world.gateway.parts;
    const now = billing.now();
    const clock = jest.spyOn(billing, 'now').mockReturnValue(Math.floor(now / 1000) * 1000 + 795);

    const { date, lines } = await nextOf(acme, { plan: 'team', interval: 'YEAR' });
    clock.mockRestore();
    await run(acme, CHANGE, { plan: 'team', interval: 'YEAR' });
    const { end } = (await standing(acme)).subscription.currentPeriod;

    expect([date, lines[0].period.start]).toEqual([end, end]);
  });

  it('is that of the change, not of another one that is booked and given up for it', async () => {
    const acme = await inMidMonth('business');
    await run(acme, CHANGE, to('team'));

    const seats = await show(acme, to('business', { seats: 2 }));
    const back = await show(acme, to('business'));
    await run(acme, CHANGE, { previewToken: seats.token });

    const { end } = (await standing(acme)).subscription.currentPeriod;
    expect(seats).toMatchObject({
      amountDueNow: { minor: 4_950 },
      nextInvoice: { date: end, total: { minor: 19_800 }, amountDue: { minor: 19_800 } },
    });
    expect(messageOf(seats, 'PENDING_CHANGE_REPLACED')).toBe(
      'The booked change is taken back first, also if the payment then fails.',
    );
    expect(back).toMatchObject({ kind: 'REACTIVATION', nextInvoice: { date: end, amountDue: { minor: 9_900 } } });
    expect(messageOf(back, 'PENDING_CHANGE_REPLACED')).toBe('The booked change is taken back first.');
    expect(await renewalOf(acme)).toMatchObject({ total: { minor: 19_800 } });
  });

  it('is that of the change also when a booked one has just happened, which is no more told to be booked', async () => {
    const acme = await inMidMonth('business');
    await run(acme, CHANGE, to('team'));
    await world.advance({ by: 'P16D' });

    const preview = await show(acme, to('business'));

    expect((await standing(acme)).subscription).toMatchObject({ plan: { key: 'team' }, pendingChange: null });
    expect(preview).toMatchObject({ kind: 'UPGRADE', nextInvoice: { amountDue: { minor: 9_900 } } });
    expect(codes(preview)).not.toContain('PENDING_CHANGE_REPLACED');
  });

  it('leaves out what the invoice made now bills once', async () => {
    const acme = await inMidMonth();
    const customer = await customerOf(world, 'acme');
    await world.gateway.parts.stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' });

    const preview = await show(acme, to('business'));

    expect(preview).toMatchObject({
      amountDueNow: { minor: 4_650 },
      nextInvoice: { total: { minor: 9_900 }, amountDue: { minor: 9_900 } },
    });
  });

  it('has no discount that is for one invoice only, because the one made now uses it up', async () => {
    await sellCode(world, 'ONEQUARTER', 'once');
    const acme = await inMidMonth();
    const other = await subscriber(world, 'team', 'other');
    await run(acme, APPLY, { code: 'ONEQUARTER' });

    const preview = await show(acme, to('business'));
    const alone = await show(acme, to('team', { timing: 'PERIOD_END', seats: 2 }));
    const brought = await show(other, to('business', { promotionCode: 'ONEQUARTER' }));
    await run(acme, CHANGE, { previewToken: preview.token });

    // Half of three quarters of Business, less half of Team.
    expect(preview).toMatchObject({
      amountDueNow: { minor: 2_713 },
      nextInvoice: { discount: { minor: 0 }, total: { minor: 9_900 }, amountDue: { minor: 9_900 } },
    });
    expect(messageOf(preview, 'DISCOUNT_WILL_END')).toBe(
      'The discount ONEQUARTER is for one invoice only; those after it cost the full price.',
    );
    expect(alone.nextInvoice).toMatchObject({ discount: { minor: 1_000 }, amountDue: { minor: 3_000 } });
    expect(brought.nextInvoice).toMatchObject({ discount: { minor: 0 }, amountDue: { minor: 9_900 } });
    expect(await renewalOf(acme)).toMatchObject({ total: { minor: 9_900 } });
  });

  it('brings what was too little to be charged, and what is owed is charged now', async () => {
    await sell(world, 'plus', 2, 2_003);
    const acme = await inMidMonth();
    const owing = await subscriber(world, 'team', 'owing');
    const customer = await customerOf(world, 'owing');
    const owed = { amount: 3_000, currency: 'usd' };
    await world.gateway.parts.stripe.customers.createBalanceTransaction(customer, owed);

    const little = await show(acme, to('plus'));
    const debt = await show(owing, to('business'));
    await run(acme, CHANGE, { previewToken: little.token });

    expect(little).toMatchObject({
      ...{
        subtotal: { minor: 2 },
        creditApplied: { minor: 0 },
        carriedOver: { minor: -2 },
        amountDueNow: { minor: 0 },
      },
      nextInvoice: {
        ...{ total: { minor: 2_003 }, creditApplied: { minor: 0 }, carriedOver: { minor: 2 } },
        amountDue: { minor: 2_005 },
      },
    });
    expect(debt).toMatchObject({
      ...{ subtotal: { minor: 7_900 }, creditApplied: { minor: 0 }, carriedOver: { minor: 3_000 } },
      ...{ amountDueNow: { minor: 10_900 }, nextInvoice: { carriedOver: { minor: 0 }, amountDue: { minor: 9_900 } } },
    });
    expect(await renewalOf(acme)).toMatchObject({ total: { minor: 2_003 }, amountDue: { minor: 2_005 } });
  });

  it('is there where nothing changes or a cancellation is taken back, and not where it ends', async () => {
    const acme = await inMidMonth();
    const { end } = (await standing(acme)).subscription.currentPeriod;

    const same = await show(acme, to('team'));
    const leaving = await nextOf(acme, to('free'));
    await run(acme, CANCEL_PLAN);
    const kept = await show(acme, to('team'));
    await run(acme, REACTIVATE_PLAN);

    expect(same).toMatchObject({ kind: 'NO_OP', nextInvoice: { date: end, amountDue: { minor: 2_000 } } });
    expect(leaving).toBeNull();
    expect(kept).toMatchObject({ kind: 'REACTIVATION', nextInvoice: { date: end, amountDue: { minor: 2_000 } } });
    expect(messageOf(kept, 'CANCELLATION_PENDING')).toBe('The subscription is set to end; that is taken back first.');
    expect(await renewalOf(acme)).toMatchObject({ total: { minor: 2_000 } });
  });
});
