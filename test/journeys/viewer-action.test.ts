import type Stripe from 'stripe';
import { Role } from '../../src/auth/roles.js';
import {
  CANCEL_PLAN,
  CHANGE,
  PAUSE,
  PREVIEW,
  REACTIVATE_PLAN,
  run,
  sell,
  standing,
  subscriber,
  UNDO,
} from '../support/change-plan-story.js';
import { addCard, failRenewal } from '../support/payment-story.js';
import { sellAddOns } from '../support/price-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const BUTTONS = `query ($interval: BillingInterval) { plans { key viewerAction(interval: $interval) { action enabled reason } } }`;
const DAY = 86_400_000;

interface Standing {
  person: Person;
  name: string;
  /** Of the subscription at Stripe. */
  id: string;
  stripe: Stripe;
  world: World;
}

interface State {
  plan?: string;
  reach?: (at: Standing) => Promise<unknown>;
  /** What can be pressed by the month. */
  enabled: string[];
}

const inDays = ({ sandbox }: World, days: number) => new Date(sandbox.now() + days * DAY).toISOString();
const schedule = async ({ stripe, id }: Standing, how: Stripe.SubscriptionScheduleUpdateParams) => {
  const made = await stripe.subscriptionSchedules.create({ from_subscription: id });
  await stripe.subscriptionSchedules.update(made.id, how);
  return made;
};
const bookAtStripe = async (at: Standing) => {
  const { phases } = await schedule(at, {});
  const [{ id: price }] = (await at.stripe.prices.list({ lookup_keys: ['team_month'] })).data as [Stripe.Price];
  const { schedule: made } = await at.stripe.subscriptions.retrieve(at.id);
  const { start_date, end_date, items } = phases[0] as Stripe.SubscriptionSchedule.Phase;
  const now = items.map((item) => ({ price: String(item.price), quantity: item.quantity }));
  await at.stripe.subscriptionSchedules.update(String(made), {
    phases: [
      { items: now, start_date, end_date },
      { items: [{ price }], duration: { interval: 'month' } },
    ],
  });
};
const leaving = 'free DOWNGRADE';

const states: Record<string, State> = {
  'on a plan': { enabled: [leaving, 'business UPGRADE', 'max UPGRADE', 'solo UPGRADE'] },
  'with more seats': {
    reach: ({ person }) => run(person, CHANGE, { seats: 2 }),
    enabled: [leaving, 'business UPGRADE', 'max UPGRADE', 'pairs UPGRADE'],
  },
  'with an add-on that is not sold by the year': {
    reach: ({ person }) => run(person, CHANGE, { addOns: [{ addOn: 'backup' }] }),
    enabled: [leaving],
  },
  'in a trial': {
    reach: ({ stripe, id, world }) =>
      stripe.subscriptions.update(id, { trial_end: Math.floor(world.sandbox.now() / 1000) + 7 * 86_400 }),
    enabled: [leaving, 'business UPGRADE', 'max UPGRADE', 'solo UPGRADE'],
  },
  'set to end': {
    reach: ({ person }) => run(person, CANCEL_PLAN),
    enabled: ['team REACTIVATE', 'business UPGRADE', 'max UPGRADE', 'solo UPGRADE'],
  },
  'with a change that is booked': {
    plan: 'business',
    reach: ({ person }) => run(person, CHANGE, { plan: 'team' }),
    enabled: [
      ...[leaving, 'team CANCEL_PENDING_CHANGE', 'business CANCEL_PENDING_CHANGE'],
      ...['max UPGRADE', 'solo UPGRADE'],
    ],
  },
  'with a change that waits to be paid': {
    async reach({ world, person, name, stripe, id }) {
      const default_payment_method = await addCard(world, name, 'pm_card_authenticationRequired');
      await stripe.subscriptions.update(id, { default_payment_method });
      await world.settled();
      await run(person, CHANGE, { plan: 'max' });
    },
    enabled: [
      ...[leaving, 'team CANCEL_PENDING_CHANGE', 'business UPGRADE'],
      ...['max CANCEL_PENDING_CHANGE', 'solo UPGRADE'],
    ],
  },
  'with a change that staff has booked': { plan: 'business', reach: bookAtStripe, enabled: [] },
  'set to end by staff': {
    reach: async (at) => schedule(at, { end_behavior: 'cancel' }),
    enabled: [],
  },
  paused: { reach: ({ person }) => run(person, PAUSE), enabled: [leaving] },
  'paused until a date': {
    reach: ({ person, world }) => run(person, PAUSE, { resumesAt: inDays(world, 45) }),
    enabled: [leaving],
  },
  'on an unknown price': {
    async reach({ stripe, id }) {
      const { items } = await stripe.subscriptions.retrieve(id);
      const price = await stripe.prices.create({
        product_data: { name: 'Elsewhere' },
        currency: 'usd',
        unit_amount: 1_234,
        recurring: { interval: 'month' },
      });
      await stripe.subscriptions.update(id, { items: [{ id: items.data[0]?.id, price: price.id }] });
    },
    enabled: [leaving],
  },
  'past due': {
    reach: ({ world, name }) => failRenewal(world, name),
    enabled: [leaving],
  },
};

describe('the button under each plan', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await sellAddOns(world);
    await sell(world, 'max', 3, 30_000);
    await sell(world, 'pairs', 4, 40_000, { seats_min: '2' });
    await sell(world, 'solo', 5, 50_000, { seats_max: '1' });
  });
  afterAll(() => world.stop());

  interface Button {
    key: string;
    viewerAction: { action: string; enabled: boolean; reason: string | null };
  }
  const buttons = async (person: Person, interval: string): Promise<Button[]> => {
    const { data, errors } = await person.ask(BUTTONS, { interval });
    expect(errors).toBeUndefined();
    return data.plans;
  };

  /** Whether it does something, by the preview of what the button asks for, or else by pressing. */
  const works = async (person: Person, { key: plan, viewerAction: { action } }: Button, interval: string) => {
    if (action === 'REACTIVATE') return (await run(person, REACTIVATE_PLAN)).outcome === 'APPLIED';
    if (action === 'CANCEL_PENDING_CHANGE') return (await run(person, UNDO)).outcome === 'APPLIED';
    const { preview } = await run(person, PREVIEW, { plan, interval });
    if (!preview?.allowed) return false;
    if (action !== 'CURRENT' && !(plan === 'free' && (await standing(person)).subscription.cancellation)) return true;
    return (await run(person, CHANGE, { plan, interval })).outcome !== 'NO_OP';
  };

  it.each(Object.entries(states))(
    'can be pressed exactly where that does something: %s',
    async (state, { plan, reach, enabled }) => {
      const name = state.replaceAll(' ', '-');
      const person = await subscriber(world, plan ?? 'team', name);
      const { id } = (await standing(person)).subscription;
      await reach?.({ person, name, id, world, stripe: world.gateway.parts.stripe });
      await world.settled();
      const shown = [];
      for (const interval of ['MONTH', 'YEAR'])
        for (const button of await buttons(person, interval)) shown.push({ ...button, interval });
      // What takes back comes last, and once: after it everything is otherwise.
      const takesBack = ({ viewerAction: { action } }: Button) =>
        ['REACTIVATE', 'CANCEL_PENDING_CHANGE'].includes(action);
      const [undo] = shown.filter(takesBack);
      const pressed = [...shown.filter((button) => !takesBack(button)), ...(undo ? [undo] : [])];

      const byMonth = shown.filter(({ interval, viewerAction }) => interval === 'MONTH' && viewerAction.enabled);
      expect(byMonth.map(({ key, viewerAction }) => `${key} ${viewerAction.action}`)).toEqual(enabled);
      for (const button of pressed) {
        const { enabled: can, reason } = button.viewerAction;
        expect([button, await works(person, button, button.interval)]).toEqual([button, can]);
        expect(reason === null).toBe(can);
      }
    },
  );

  it('goes up or down to a plan of the same rank as the change does: by what it costs', async () => {
    await sell(world, 'lite', 10, 1_000);
    await sell(world, 'basic', 10, 2_500);
    await sell(world, 'peer', 10, 2_500);
    const person = await subscriber(world, 'basic', 'sideways');
    const member = world.as('sideways', Role.MEMBER);
    const shown = async (by: Person) =>
      Object.fromEntries((await buttons(by, 'MONTH')).map(({ key, viewerAction }) => [key, viewerAction]));
    const previewed = async (plan: string) => (await run(person, PREVIEW, { plan, interval: 'MONTH' })).preview;

    expect(await shown(person)).toMatchObject({
      lite: { action: 'DOWNGRADE', enabled: true },
      peer: { action: 'UPGRADE', enabled: true },
    });
    expect(await shown(member)).toMatchObject({ lite: { action: 'DOWNGRADE', enabled: false } });
    expect(await previewed('lite')).toMatchObject({ kind: 'CROSSGRADE', timing: 'PERIOD_END' });
    expect(await previewed('peer')).toMatchObject({ kind: 'CROSSGRADE', timing: 'NOW' });
  });

  it('says why it cannot be pressed', async () => {
    const person = await subscriber(world, 'team', 'asking');
    await run(person, CHANGE, { addOns: [{ addOn: 'backup' }] });
    const monthly = await buttons(person, 'MONTH');
    const yearly = await buttons(person, 'YEAR');
    const reasonOf = (shown: Button[], plan: string) => shown.find(({ key }) => key === plan)?.viewerAction.reason;
    await run(person, CHANGE, { addOns: [], timing: 'NOW' });
    await run(person, PAUSE, { resumesAt: inDays(world, 45) });
    const paused = await buttons(person, 'MONTH');

    expect(reasonOf(yearly, 'team')).toBe(
      "'backup', which the subscription has, is not sold with 'team' by the year in USD.",
    );
    expect(reasonOf(monthly, 'free')).toBeNull();
    expect(reasonOf(paused, 'business')).toBe('The subscription is paused; resume it first.');
    const single = await subscriber(world, 'team', 'single');
    expect(reasonOf(await buttons(single, 'MONTH'), 'pairs')).toMatch(/seats must be 2 to 10000, found 1\. Choose/);
    const { preview } = await run(single, PREVIEW, { plan: 'pairs', interval: 'MONTH' });
    expect(preview.blockers).toMatchObject([{ code: 'SEATS_DO_NOT_FIT' }]);
    await run(single, CHANGE, { seats: 2 });
    const { preview: most } = await run(single, PREVIEW, { plan: 'solo', interval: 'MONTH' });
    expect(most.blockers).toMatchObject([{ code: 'SEATS_ABOVE_NEW_LIMIT' }]);
  });
});
