import { CANCEL_PLAN, CHANGE, run, standing } from '../support/change-plan-story.js';
import { type MidMonth, startInMidMonth } from '../support/mid-month.js';
import { addCard, PAY_INVOICE } from '../support/payment-story.js';
import { told, type WholeStory } from '../support/whole-story.js';

const players = { confirms: 'team', refuses: 'team', repays: 'team', leaves: 'team', forgets: 'team' };
type Player = keyof typeof players;

const HOUR = 3_600_000;
/** Half of the old month back, half of the new one charged. */
const LINES = [
  [expect.any(String), -1_000],
  [expect.any(String), 4_950],
];
const VOID = { status: 'void', total: 3_950, paid: 0 };
const KEPT = { plan: { key: 'team' }, access: { allowed: true, reason: 'ACTIVE' } };

describe('a dearer plan that is not paid yet, from all sides', () => {
  let cast: MidMonth<Player>;
  beforeAll(async () => {
    cast = await startInMidMonth(players);
  });
  afterAll(() => cast.stop());

  /** From now on that card is charged. */
  const chargeTo = async (name: Player, card: string) => {
    const { world, stories } = cast;
    const { id } = (await standing(stories[name].person)).subscription;
    const method = await addCard(world, name, card);
    await world.gateway.parts.stripe.subscriptions.update(id as string, { default_payment_method: method });
    await stories[name].mark();
  };
  /** Asks for Business with a card that does not simply pay. */
  const ask = async (name: Player, card: string) => {
    await chargeTo(name, card);
    const story = cast.stories[name];
    return { story, asked: await run(story.person, CHANGE, { plan: 'business' }) };
  };
  const waits = async (name: Player, story: WholeStory) =>
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'open', lines: LINES, total: 3_950, paid: 0 }],
      stored: {
        account: { planKey: 'team' },
        subscriptions: [{ status: 'ACTIVE', planKey: 'team', pendingChange: { state: 'AWAITING_PAYMENT' } }],
        invoices: [{ status: 'OPEN', amountPaid: 0 }, { status: 'PAID' }],
      },
      last: {
        ...KEPT,
        subscription: { pendingChange: { state: 'AWAITING_PAYMENT', kind: 'UPGRADE', toPlan: { key: 'business' } } },
      },
      history: expect.arrayContaining([
        told(`user-of-${name}`, 'A change of plan waits for its payment: Business; nothing changes until then.'),
      ]),
    });
  const made = (actor: string) => ({
    charged: [{ status: 'paid', lines: LINES, total: 3_950, paid: 3_950 }],
    stored: {
      account: { planKey: 'business' },
      subscriptions: [{ status: 'ACTIVE', planKey: 'business', pendingChange: null }],
      invoices: [{ status: 'PAID', amountPaid: 3_950 }, {}],
    },
    last: { plan: { key: 'business' }, access: { allowed: true }, subscription: { pendingChange: null } },
    history: expect.arrayContaining([told(actor, 'The plan changed from Team to Business.')]),
  });
  const givenUp = {
    charged: [VOID],
    stored: {
      account: { planKey: 'team', credit: 0 },
      subscriptions: [{ status: 'ACTIVE', planKey: 'team', pendingChange: null }],
      invoices: [{ status: 'VOID' }, { status: 'PAID' }],
    },
    last: { plan: { key: 'team' }, subscription: { pendingChange: null } },
  };
  const answerBank = async (clientSecret: string, ok: boolean) => {
    const [intent] = clientSecret.split('_secret_');
    const { url } = cast.world.sandbox;
    await fetch(`${url}/3ds/${intent}`, {
      method: 'POST',
      body: new URLSearchParams({ ok: String(ok) }),
      redirect: 'manual',
    });
  };

  it('waits for the bank to ask, for 23 hours, and is made when the customer has said yes to it', async () => {
    const { story, asked } = await ask('confirms', 'pm_card_authenticationRequired');

    expect(asked).toMatchObject({ outcome: 'ACTION_REQUIRED', paymentAction: { kind: 'CONFIRM_PAYMENT' } });
    const inWholeSeconds = Math.floor(cast.world.sandbox.now() / 1_000) * 1_000;
    expect(Date.parse(asked.subscription.pendingChange.expiresAt)).toBe(inWholeSeconds + 23 * HOUR);
    await waits('confirms', story);

    await answerBank(asked.paymentAction.clientSecret, true);
    expect(await story.chapter()).toMatchObject(made('stripe'));
  });

  it('goes on waiting when the customer says no to the bank, and gives way to a cancellation', async () => {
    const { story, asked } = await ask('refuses', 'pm_card_authenticationRequired');
    await story.mark();
    await answerBank(asked.paymentAction.clientSecret, false);
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'team' }, subscriptions: [{ pendingChange: { state: 'AWAITING_PAYMENT' } }] },
    });

    expect(await run(story.person, CANCEL_PLAN)).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      ...givenUp,
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'CANCELED_BUT_PAID' } },
      history: expect.arrayContaining([
        told('user-of-refuses', 'The change of plan that waited for its payment was given up.'),
      ]),
    });
  });

  it('is made when its invoice is paid with another card', async () => {
    const { story, asked } = await ask('repays', 'pm_card_chargeCustomerFail');
    expect(asked).toMatchObject({ outcome: 'ACTION_REQUIRED', paymentAction: { kind: 'NEW_PAYMENT_METHOD' } });
    await waits('repays', story);

    const method = await addCard(cast.world, 'repays', 'pm_card_visa');
    const { data } = await story.person.ask(PAY_INVOICE, { invoice: asked.invoice.id, method });
    expect(data.payInvoice).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject(made('user-of-repays'));
  });

  it('makes way for one that is paid, and is not charged besides', async () => {
    const { story } = await ask('leaves', 'pm_card_chargeCustomerFail');
    await waits('leaves', story);

    await chargeTo('leaves', 'pm_card_visa');
    expect(await run(story.person, CHANGE, { seats: 2 })).toMatchObject({ outcome: 'APPLIED', userErrors: [] });

    const { charged, stored, last } = await story.chapter();
    expect(charged).toHaveLength(2);
    expect(charged).toEqual(
      expect.arrayContaining([
        expect.objectContaining(VOID),
        expect.objectContaining({ status: 'paid', total: 1_000, paid: 1_000 }),
      ]),
    );
    expect(stored).toMatchObject({ subscriptions: [{ planKey: 'team', seats: 2, pendingChange: null }] });
    expect(last).toMatchObject({ ...KEPT, subscription: { seats: 2, pendingChange: null } });
  });

  it('is given up by itself in the end, owes nothing, and the old plan is renewed at its own price', async () => {
    const { story } = await ask('forgets', 'pm_card_chargeCustomerFail');
    await waits('forgets', story);

    await cast.world.advance({ by: 'P1D' });
    expect(await story.chapter()).toMatchObject({
      ...givenUp,
      // By Stripe's word or by the gateway's own clock, whichever is first.
      history: expect.arrayContaining([
        expect.objectContaining({
          summary: expect.stringContaining('The change of plan that waited for its payment was given up.'),
        }),
      ]),
    });

    for (const name of ['confirms', 'repays', 'forgets'] as const) await chargeTo(name, 'pm_card_visa');
    for (const name of Object.keys(players) as Player[]) await cast.stories[name].mark();
    await cast.world.advance({ by: 'P15D' });
    const renewed: Record<string, [number, string][]> = {};
    for (const name of Object.keys(players) as Player[]) {
      const { charged, stored } = await cast.stories[name].chapter();
      renewed[name] = charged.map(({ paid }) => [paid, stored.account.planKey]);
    }
    expect(renewed).toEqual({
      confirms: [[9_900, 'business']],
      refuses: [],
      repays: [[9_900, 'business']],
      leaves: [[4_000, 'team']],
      forgets: [[2_000, 'team']],
    });
  });
});
