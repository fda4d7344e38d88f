import { Role } from '../../src/auth/roles.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PREVIEW_NEXT,
  REACTIVATE_PLAN,
  run,
  standing,
  UNDO,
} from '../support/change-plan-story.js';
import { NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { type MidMonth, startInMidMonth } from '../support/mid-month.js';
import { sellAddOns } from '../support/price-story.js';
import { told } from '../support/whole-story.js';

const players = {
  undone: 'business',
  rebooked: 'business',
  stays: 'team',
  lower: 'business',
  operated: 'team',
  reprieved: 'team',
  dated: 'team',
  extras: 'team',
};
type Player = keyof typeof players;

const DAY = 86_400_000;
const BUSINESS = { plan: 'business', interval: 'MONTH' };
const FREE = { plan: { key: 'free' }, subscription: null, access: { allowed: true, reason: 'FREE_PLAN' } };

describe('what is booked for later, from all sides', () => {
  let cast: MidMonth<Player>;
  beforeAll(async () => {
    cast = await startInMidMonth(players, sellAddOns);
  });
  afterAll(() => cast.stop());

  const idOf = async (name: Player) => (await standing(cast.world.as(name))).subscription.id as string;
  const booked = (name: Player) => ({
    charged: [],
    stored: { account: { planKey: 'business' }, subscriptions: [{ pendingChange: { state: 'SCHEDULED' } }] },
    last: {
      ...{ plan: { key: 'business' }, access: { allowed: true, reason: 'ACTIVE' } },
      subscription: { cancellation: null, pendingChange: { kind: 'DOWNGRADE', toPlan: { key: 'team' } } },
    },
    history: expect.arrayContaining([told(`user-of-${name}`, 'A change of plan was booked for ', 'changePlan')]),
  });
  const canceled = (actor: string, end: string, planKey = 'team') => ({
    charged: [],
    stored: { account: { planKey }, subscriptions: [{ status: 'ACTIVE', schedule: null, pendingChange: null }] },
    last: {
      access: { allowed: true, reason: 'CANCELED_BUT_PAID', until: end },
      subscription: { cancellation: { effectiveAt: end } },
    },
    history: expect.arrayContaining([told(actor, 'The subscription was canceled; it ends on ')]),
  });

  it('is taken back without a trace on the bill', async () => {
    const story = cast.stories.undone;
    await run(story.person, CHANGE, { plan: 'team' });
    expect(await story.chapter()).toMatchObject(booked('undone'));

    expect(await run(story.person, UNDO)).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ planKey: 'business', schedule: null, pendingChange: null }] },
      last: { plan: { key: 'business' }, subscription: { pendingChange: null } },
      history: expect.arrayContaining([told('user-of-undone', 'was taken back.', 'cancelPendingChange')]),
    });
    expect((await run(story.person, UNDO)).userErrors).toMatchObject([{ code: 'NOTHING_PENDING' }]);
    expect(await story.chapter()).toMatchObject(NOTHING);
  });

  it('gives way to leaving for the free plan, which is a cancellation and shown as one before', async () => {
    const story = cast.stories.rebooked;
    await run(story.person, CHANGE, { plan: 'team' });
    await story.mark();
    const { preview } = await run(story.person, PREVIEW_NEXT, { plan: 'free', interval: 'MONTH' });
    expect(preview).toMatchObject({ kind: 'DOWNGRADE', timing: 'PERIOD_END', nextInvoice: null, allowed: true });
    expect(await story.chapter()).toMatchObject(NOTHING);

    expect(await run(story.person, CHANGE, { previewToken: preview.token })).toMatchObject({ outcome: 'SCHEDULED' });
    expect(await story.chapter()).toMatchObject(canceled('user-of-rebooked', preview.effectiveAt, 'business'));
  });

  it('takes back a cancellation, which it says first, and is charged as it was shown', async () => {
    const story = cast.stories.stays;
    const { subscription } = await run(story.person, CANCEL_PLAN);
    expect(await story.chapter()).toMatchObject(canceled('user-of-stays', subscription.currentPeriod.end));

    const { preview } = await run(story.person, PREVIEW_NEXT, BUSINESS);
    expect(preview).toMatchObject({
      notices: expect.arrayContaining([expect.objectContaining({ code: 'CANCELLATION_PENDING' })]),
      amountDueNow: { minor: 3_950 },
      nextInvoice: { date: subscription.currentPeriod.end, total: { minor: 9_900 } },
    });
    expect(await story.chapter()).toMatchObject(NOTHING);

    await run(story.person, CHANGE, { previewToken: preview.token });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', total: 3_950, paid: 3_950 }],
      stored: {
        account: { planKey: 'business' },
        subscriptions: [{ cancelAtPeriodEnd: false, cancelAt: null, pendingChange: null }],
      },
      last: { plan: { key: 'business' }, access: { reason: 'ACTIVE' }, subscription: { cancellation: null } },
      history: expect.arrayContaining([
        told('user-of-stays', 'The cancellation was taken back.', 'changePlan'),
        told('user-of-stays', 'The plan changed from Team to Business.', 'changePlan'),
      ]),
    });
  });

  it('takes back a cancellation for something cheaper too, and costs nothing before the end of the period', async () => {
    const story = cast.stories.lower;
    await run(story.person, CANCEL_PLAN);
    await story.mark();

    expect(await run(story.person, CHANGE, { plan: 'team' })).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    const seen = await story.chapter();
    expect(seen).toMatchObject(booked('lower'));
    expect(seen.history).toContainEqual(told('user-of-lower', 'The cancellation was taken back.'));
  });

  it('is not what an operator needs, who ends a subscription at once, which customers may not', async () => {
    const story = cast.stories.operated;
    const { errors } = await story.person.ask(CANCEL_PLAN, { input: { timing: 'NOW' } });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await story.chapter()).toMatchObject(NOTHING);

    const operator = cast.world.as('operated', Role.BILLING_ADMIN, Role.OPERATOR);
    expect(await run(operator, CANCEL_PLAN, { timing: 'NOW' })).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'free', credit: 0 }, subscriptions: [{ status: 'CANCELED' }], invoices: [{}] },
      last: FREE,
      history: expect.arrayContaining([told('user-of-operated', 'The subscription ended.', 'cancelSubscription')]),
    });
  });

  it('may be an end by date, set in the dashboard: it is shown, and the customer can take it back', async () => {
    const { stripe } = cast.world.gateway.parts;
    const at = Math.floor((cast.world.sandbox.now() + 5 * DAY) / 1_000);
    const end = new Date(at * 1_000).toISOString();
    for (const name of ['reprieved', 'dated'] as const) {
      await stripe.subscriptions.update(await idOf(name), { cancel_at: at, proration_behavior: 'none' });
      const seen = await cast.stories[name].chapter();
      expect(seen).toMatchObject(canceled('stripe', end));
      expect(seen.stored.subscriptions).toMatchObject([{ cancelAtPeriodEnd: false, cancelAt: at * 1_000 }]);
    }

    const story = cast.stories.reprieved;
    expect(await run(story.person, REACTIVATE_PLAN)).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ cancelAtPeriodEnd: false, cancelAt: null }] },
      last: { access: { allowed: true, reason: 'ACTIVE', until: null }, subscription: { cancellation: null } },
      history: expect.arrayContaining([
        told('user-of-reprieved', 'The cancellation was taken back.', 'reactivateSubscription'),
      ]),
    });
  });

  it('adds what is bought on top at once, for half a month, and takes it away at the end', async () => {
    const story = cast.stories.extras;
    const addOns = [{ addOn: 'storage', quantity: 2 }, { addOn: 'backup' }];
    const { preview } = await run(story.person, PREVIEW_NEXT, { plan: 'team', interval: 'MONTH', addOns });
    expect(preview).toMatchObject({ amountDueNow: { minor: 850 }, nextInvoice: { total: { minor: 3_700 } } });
    await run(story.person, CHANGE, { previewToken: preview.token });

    const { charged, stored, last, history } = await story.chapter();
    expect(charged).toMatchObject([{ status: 'paid', total: 850, paid: 850 }]);
    expect(charged[0]?.lines.map(([, amount]) => amount).sort()).toEqual([400, 450]);
    expect(stored.subscriptions[0]?.items.map(({ quantity }) => quantity).sort()).toEqual([1, 1, 2]);
    expect(last?.subscription.items).toContainEqual({ quantity: 2, price: { plan: null, addOn: { key: 'storage' } } });
    expect(history).toContainEqual(told('user-of-extras', 'What is bought on top is now ', 'changePlan'));

    await run(story.person, CHANGE, { addOns: [{ addOn: 'storage' }] });
    const later = await story.chapter();
    expect(later).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ pendingChange: { state: 'SCHEDULED' } }] },
      last: { plan: { key: 'team' }, subscription: { pendingChange: { state: 'SCHEDULED' } } },
    });
    expect(later.last?.subscription.items).toHaveLength(3);
  });

  it('happens as it was booked, and is charged to the cent', async () => {
    for (const name of Object.keys(players) as Player[]) await cast.stories[name].mark();
    await cast.world.advance({ by: 'P16D' });

    const seen: Record<string, unknown> = {};
    for (const name of Object.keys(players) as Player[]) {
      const { charged, stored, last } = await cast.stories[name].chapter();
      const lines = charged.flatMap((one) => one.lines.map(([, amount]) => amount)).sort((a, b) => a - b);
      seen[name] = [lines, charged[0]?.paid, stored.account.planKey, last?.subscription?.status];
      if (name === 'lower') expect(charged[0]?.lines).toEqual([[ONE_TEAM, 2_000]]);
    }
    expect(seen).toEqual({
      undone: [[9_900], 9_900, 'business', 'ACTIVE'],
      rebooked: [[], undefined, 'free', undefined],
      stays: [[9_900], 9_900, 'business', 'ACTIVE'],
      lower: [[2_000], 2_000, 'team', 'ACTIVE'],
      operated: [[], undefined, 'free', undefined],
      reprieved: [[2_000], 2_000, 'team', 'ACTIVE'],
      dated: [[], undefined, 'free', undefined],
      extras: [[450, 2_000], 2_450, 'team', 'ACTIVE'],
    });
  });
});
