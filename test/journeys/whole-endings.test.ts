import type Stripe from 'stripe';
import { Role } from '../../src/auth/roles.js';
import { monthOfThirtyDays, run, standing, subscriber } from '../support/change-plan-story.js';
import { customerOf, SETUP_INTENT } from '../support/payment-story.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

/** All on Team with half of a month of thirty days left. */
const players = ['seats', 'plan', 'portal', 'paused', 'booked', 'gone', 'deleted', 'ended'] as const;
type Player = (typeof players)[number];

const PORTAL = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { session { url } userErrors { code } } }`;
const DELETE = `mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { account { externalId } userErrors { code } } }`;
const UPSERT = `mutation ($input: UpsertAccountInput!) { upsertAccount(input: $input) { userErrors { code } } }`;
const ONE_TEAM = '1 × Team (at $20.00 / month)';
const ONE_BUSINESS = '1 × Business (at $99.00 / month)';
const FREE = { plan: { key: 'free' }, subscription: null, access: { allowed: true, reason: 'FREE_PLAN' } };

describe("what is done in Stripe's dashboard or portal, and how it ends, from all sides", () => {
  let world: World;
  let stripe: Stripe;
  let proxy: StripeProxy;
  const stories = {} as Record<Player | 'adopted', WholeStory>;
  beforeAll(async () => {
    const between = async ({ url }: { url: string }) => {
      proxy = await startStripeProxy(url);
      return { STRIPE_API_BASE: proxy.url, RETURN_ORIGINS: 'https://app.example' };
    };
    world = await startWorld(between);
    ({ stripe } = world.gateway.parts);
    const first = monthOfThirtyDays(world.sandbox.now());
    if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
    for (const name of players) await subscriber(world, 'team', name);
    await world.advance({ by: 'P15D' });
    for (const name of [...players, 'adopted'] as const) stories[name] = await wholeStory(world, name);
  });
  afterAll(async () => {
    Object.values(stories).forEach((story) => story.close());
    await world.stop();
    await proxy.stop();
  });

  const held = async (name: Player) =>
    stripe.subscriptions.retrieve((await standing(world.as(name))).subscription.id as string);
  const priceOf = async (key: string) => (await stripe.prices.list({ lookup_keys: [`${key}_month`] })).data[0]!.id;
  const amounts = (lines: [string | null, number][]) => lines.map(([, amount]) => amount);

  describe('in mid-month', () => {
    it('takes over seats that were added there, and what they cost', async () => {
      const { id, items } = await held('seats');
      await stripe.subscriptions.update(id, {
        items: [{ id: items.data[0]!.id, quantity: 3 }],
        proration_behavior: 'always_invoice',
      });

      const { charged, ...seen } = await stories.seats.chapter();
      expect(charged).toMatchObject([{ status: 'paid', total: 2_000, paid: 2_000 }]);
      expect(amounts(charged[0]!.lines)).toEqual([-1_000, 3_000]);
      expect(seen).toMatchObject({
        stored: { subscriptions: [{ seats: 3, items: [{ quantity: 3 }] }], invoices: [{ total: 2_000 }, {}] },
        last: { subscription: { seats: 3 } },
        history: expect.arrayContaining([told('stripe', 'Seats changed from 1 to 3.')]),
      });
    });

    it('takes over another plan whose difference waits for the next invoice', async () => {
      const { id, items } = await held('plan');
      await stripe.subscriptions.update(id, {
        items: [{ id: items.data[0]!.id, price: await priceOf('business') }],
        proration_behavior: 'create_prorations',
      });

      expect(await stories.plan.chapter()).toMatchObject({
        charged: [],
        stored: { account: { planKey: 'business' }, subscriptions: [{ planKey: 'business', pendingChange: null }] },
        last: { plan: { key: 'business' }, access: { allowed: true, reason: 'ACTIVE' } },
        history: expect.arrayContaining([
          told('stripe', 'The plan changed from Team to Business.', 'customer.subscription.updated'),
        ]),
      });
    });

    it('takes over a cancellation from the portal', async () => {
      const story = stories.portal;
      const { session } = await run(story.person, PORTAL, { flow: 'CANCEL', returnUrl: 'https://app.example/' });
      const { id, items } = await held('portal');
      await fetch(session.url as string, {
        method: 'POST',
        body: new URLSearchParams({ action: 'cancel', subscription: id }),
        redirect: 'manual',
      });
      const until = new Date(items.data[0]!.current_period_end * 1_000).toISOString();

      expect(await story.chapter()).toMatchObject({
        charged: [],
        stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE', cancelAt: Date.parse(until) }] },
        last: {
          access: { allowed: true, reason: 'CANCELED_BUT_PAID', until },
          subscription: { cancellation: { effectiveAt: until } },
        },
        history: expect.arrayContaining([told('stripe', 'The subscription was canceled; it ends on ')]),
      });
    });

    it('takes over a pause of what is collected, which closes access', async () => {
      const { id } = await held('paused');
      await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });

      expect(await stories.paused.chapter()).toMatchObject({
        charged: [],
        stored: { subscriptions: [{ status: 'ACTIVE', pause: { resumesAt: null } }] },
        last: { access: { allowed: false, reason: 'PAUSED' }, subscription: { pause: { resumesAt: null } } },
        history: expect.arrayContaining([told('stripe', 'The subscription was paused.')]),
      });
    });

    it('shows a change that was booked there', async () => {
      const { id, items } = await held('booked');
      const { id: schedule, phases } = await stripe.subscriptionSchedules.create({ from_subscription: id });
      const [now] = phases;
      await stripe.subscriptionSchedules.update(schedule, {
        phases: [
          { start_date: now!.start_date, end_date: now!.end_date, items: [{ price: items.data[0]!.price.id }] },
          { items: [{ price: await priceOf('business') }], duration: { interval: 'month' } },
        ],
        proration_behavior: 'none',
      });

      expect(await stories.booked.chapter()).toMatchObject({
        charged: [],
        stored: { account: { planKey: 'team' }, subscriptions: [{ pendingChange: { state: 'SCHEDULED' } }] },
        last: { plan: { key: 'team' }, subscription: { pendingChange: { toPlan: { key: 'business' } } } },
        history: expect.arrayContaining([told('stripe', 'A change of plan was booked for ')]),
      });
    });

    it('takes over a subscription that was made there', async () => {
      const story = stories.adopted;
      await story.person.ask(SETUP_INTENT);
      const customer = await customerOf(world, 'adopted');
      const { id: card } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
      const { id } = await stripe.subscriptions.create({
        ...{ customer, items: [{ price: await priceOf('team') }], default_payment_method: card },
      });

      expect(await story.chapter()).toMatchObject({
        charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
        stored: {
          account: { planKey: 'team' },
          subscriptions: [{ id, status: 'ACTIVE' }],
          invoices: [{ total: 2_000 }],
        },
        last: { plan: { key: 'team' }, subscription: { id } },
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('is on the free plan at once where a subscription is ended there, and nothing is given back', async () => {
      await stripe.subscriptions.cancel((await held('ended')).id);

      expect(await stories.ended.chapter()).toMatchObject({
        charged: [],
        stored: { account: { planKey: 'free', credit: 0 }, subscriptions: [{ status: 'CANCELED' }], invoices: [{}] },
        last: FREE,
        history: expect.arrayContaining([told('stripe', 'The subscription ended.')]),
      });
    });

    it('forgets a customer who is deleted there, and sells to a new one', async () => {
      const story = stories.gone;
      const customer = await customerOf(world, 'gone');
      await stripe.customers.del(customer);
      expect(await story.chapter()).toMatchObject({
        charged: [],
        stored: {
          account: { planKey: 'free', defaultPaymentMethodId: null, credit: 0 },
          ...{ subscriptions: [{ status: 'CANCELED' }], paymentMethods: [], invoices: [{ status: 'PAID' }] },
        },
        last: { ...FREE, defaultPaymentMethod: null },
        history: expect.arrayContaining([told('stripe', 'The subscription ended.')]),
      });

      const { data } = await story.person.ask(CHECKOUT, { plan: 'team' });
      await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
      expect(await customerOf(world, 'gone')).not.toBe(customer);
      expect(await story.chapter()).toMatchObject({
        charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
        stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE' }, { status: 'CANCELED' }] },
        last: { plan: { key: 'team' } },
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('deletes an account at Stripe first, and goes on where it was interrupted', async () => {
      const story = stories.deleted;
      const backend = world.staff(Role.SERVICE);
      await backend.ask(UPSERT, { input: { externalId: 'deleted', timeZone: 'Europe/Berlin' } });
      const remove = () => backend.ask(DELETE, { input: { externalId: 'deleted' } });
      await story.mark();
      const { length } = proxy.calls;
      const error = { type: 'invalid_request_error', message: 'This customer is locked.' };
      proxy.instead = ({ method, path }) =>
        method === 'DELETE' && path.startsWith('/v1/customers/') ? { status: 400, body: { error } } : undefined;
      const { data } = await remove();
      proxy.instead = () => undefined;

      expect(data.deleteAccount.userErrors).toEqual([{ code: 'CONFLICT' }]);
      const deletions = proxy.calls.slice(length).filter(({ method }) => method === 'DELETE');
      expect(deletions.map(({ path }) => path.split('/')[2])).toEqual(['subscriptions', 'customers']);
      expect(await story.chapter()).toMatchObject({
        charged: [],
        stored: { account: { planKey: 'free' }, subscriptions: [{ status: 'CANCELED' }], paymentMethods: [{}] },
        last: FREE,
        history: expect.arrayContaining([told('staff', 'The subscription ended.')]),
      });

      expect((await remove()).data.deleteAccount).toEqual({ account: { externalId: 'deleted' }, userErrors: [] });
      expect(await story.chapter()).toMatchObject({
        charged: [],
        stored: { account: { timeZone: null }, paymentMethods: [], invoices: [{ status: 'PAID' }] },
        last: { ...FREE, defaultPaymentMethod: null },
        history: expect.arrayContaining([
          told('staff', 'The account was deleted; its invoices and its history stay.', 'deleteAccount'),
        ]),
      });
      expect((await remove()).data.deleteAccount.userErrors).toEqual([]);
      expect(await story.chapter()).toMatchObject({ charged: [], pushed: [], history: [] });
    });
  });

  it('charges at the end of the period what was made there, and nobody else', async () => {
    await world.advance({ by: 'P16D' });

    const ends = {
      seats: ['A new period began; it ends on ', 'over $60.00 was paid.'],
      plan: ['A new period began; it ends on ', 'over $138.50 was paid.'],
      portal: ['The subscription ended.', 'The plan changed from Team to Free.'],
      paused: ['A new period began; it ends on ', 'was voided.'],
      booked: ['The plan changed from Team to Business.', 'over $99.00 was paid.'],
      ended: [],
      deleted: [],
    };
    const seen = {} as Record<string, unknown>;
    for (const name of Object.keys(ends) as (keyof typeof ends)[]) {
      const { charged, stored, last, history } = await stories[name].chapter();
      for (const end of ends[name]) expect(history.map(({ summary }) => summary).join(' ')).toContain(end);
      if (ends[name].length === 0) expect(history).toEqual([]);
      const [invoice] = charged;
      seen[name] = [charged.length, invoice?.status, invoice?.paid, stored.account.planKey, last?.plan.key];
      if (name === 'plan') expect(amounts(invoice!.lines).sort((a, b) => a - b)).toEqual([-1_000, 4_950, 9_900]);
      if (name === 'booked') expect(invoice?.lines).toEqual([[ONE_BUSINESS, 9_900]]);
    }
    expect(seen).toEqual({
      seats: [1, 'paid', 6_000, 'team', 'team'],
      plan: [1, 'paid', 13_850, 'business', 'business'],
      portal: [0, undefined, undefined, 'free', 'free'],
      paused: [1, 'void', 0, 'team', 'team'],
      booked: [1, 'paid', 9_900, 'business', 'business'],
      ended: [0, undefined, undefined, 'free', undefined],
      deleted: [0, undefined, undefined, 'free', undefined],
    });
  });
});
