import type Stripe from 'stripe';
import { Role } from '../../src/auth/roles.js';
import { RESUME, run, standing, subscriber } from '../support/change-plan-story.js';
import { addCard, customerOf, PAY_INVOICE, SETUP_INTENT } from '../support/payment-story.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { START } from '../support/verb-stories.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const RECORD = `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { accepted } }`;
const USAGE = `{ viewer { account { entitlement(feature: "members-per-team") { limit used overBy } } } }`;
const REMEDIES = '{ viewer { account { access { remedy } subscription { access { remedy } } } } }';
const TEAM = { plan: 'team', interval: 'MONTH' };
const ONE_TEAM = '1 × Team (at $20.00 / month)';

describe("a subscription in each of Stripe's statuses, from all sides", () => {
  let world: World;
  let stripe: Stripe;
  let proxy: StripeProxy;
  const opened: WholeStory[] = [];
  beforeAll(async () => {
    const between = async ({ url }: { url: string }) => {
      proxy = await startStripeProxy(url);
      return { STRIPE_API_BASE: proxy.url };
    };
    world = await startWorld(between, undefined, { afterLastRetry: 'unpaid' });
    ({ stripe } = world.gateway.parts);
  });
  afterAll(async () => {
    opened.forEach((story) => story.close());
    await world.stop();
    await proxy.stop();
  });

  const begin = async (account: string) => {
    const story = await wholeStory(world, account);
    opened.push(story);
    return story;
  };
  const subscriptionOf = async ({ person }: WholeStory) =>
    stripe.subscriptions.retrieve((await standing(person)).subscription.id as string);

  it('is incomplete, then expired: nothing is charged and the free plan goes on', async () => {
    const story = await begin('waiting');
    await run(story.person, START, TEAM);
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'open', paid: 0 }],
      stored: { account: { planKey: 'free' }, subscriptions: [{ status: 'INCOMPLETE' }] },
      last: { plan: { key: 'free' }, access: { allowed: true, reason: 'FREE_PLAN' } },
      history: expect.arrayContaining([told('user-of-waiting', 'The subscription waits for its first payment.')]),
    });

    await world.advance({ by: 'P1D' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'void', total: 2_000, paid: 0 }],
      stored: { account: { planKey: 'free' }, subscriptions: [{ status: 'INCOMPLETE_EXPIRED' }] },
      last: { plan: { key: 'free' }, subscription: null, access: { reason: 'FREE_PLAN' } },
      history: expect.arrayContaining([told('stripe', 'was voided.')]),
    });
  });

  it('is paused where a trial ends without a card, and active with one that pays', async () => {
    const story = await begin('trying');
    await story.person.ask(SETUP_INTENT);
    const [price] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
    const { id } = await stripe.subscriptions.create({
      ...{ customer: await customerOf(world, 'trying'), items: [{ price: price!.id }], trial_period_days: 7 },
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    });
    expect(await story.chapter()).toMatchObject({
      charged: [{ total: 0 }],
      stored: { account: { planKey: 'team' }, subscriptions: [{ id, status: 'TRIALING' }] },
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'TRIALING' } },
      history: expect.arrayContaining([told('stripe', 'The free trial began.')]),
    });

    await world.advance({ by: 'P7DT2H' });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ id, status: 'PAUSED', statusRaw: 'paused' }] },
      last: { access: { allowed: false, reason: 'PAUSED' }, subscription: { status: 'PAUSED' } },
      history: expect.arrayContaining([
        expect.objectContaining({ summary: expect.stringContaining('The subscription was paused.') }),
      ]),
    });

    const remedies = async () => {
      const { account } = (await story.person.ask(REMEDIES)).data.viewer;
      return [account.access.remedy, account.subscription.access.remedy];
    };
    expect(await remedies()).toEqual(['ADD_PAYMENT_METHOD', 'ADD_PAYMENT_METHOD']);
    const card = await addCard(world, 'trying', 'pm_card_visa');
    await stripe.subscriptions.update(id, { default_payment_method: card });
    await story.mark();
    expect(await remedies()).toEqual(['RESUME', 'RESUME']);
    expect(await run(story.person, RESUME)).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ id, status: 'ACTIVE' }] },
      last: { access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-trying', 'The subscription was resumed.', 'resumeSubscription')]),
    });
  });

  it('is past due with grace, and active again once the customer has paid with another card', async () => {
    await subscriber(world, 'team', 'overdue');
    const story = await begin('overdue');
    const { id, items } = await subscriptionOf(story);
    const failing = await addCard(world, 'overdue', 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.update(id, { default_payment_method: failing });
    await story.mark();
    await world.advance({ to: new Date(items.data[0]!.current_period_end * 1_000).toISOString() });
    await world.advance({ by: 'PT2H' });
    const { stored, ...seen } = await story.chapter();
    expect(seen).toMatchObject({
      charged: [{ status: 'open', lines: [[ONE_TEAM, 2_000]], paid: 0 }],
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'GRACE_PERIOD' } },
      history: expect.arrayContaining([told('stripe', 'A payment failed; the subscription is past due.')]),
    });
    expect(stored).toMatchObject({ subscriptions: [{ status: 'PAST_DUE' }], invoices: [{ status: 'OPEN' }, {}] });

    const method = await addCard(world, 'overdue', 'pm_card_mastercard');
    const { data } = await story.person.ask(PAY_INVOICE, { invoice: stored.invoices[0]!.id, method });
    expect(data.payInvoice).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ status: 'ACTIVE' }], invoices: [{ status: 'PAID', amountPaid: 2_000 }, {}] },
      last: { access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-overdue', 'The subscription is active.')]),
    });
  });

  it('is kept with its word, grants nothing and is not bought twice, while that is none that is known yet', async () => {
    await subscriber(world, 'team', 'unknown');
    const story = await begin('unknown');
    const { id } = await subscriptionOf(story);
    proxy.instead = async ({ method, path }) => {
      if (method !== 'GET' || !path.startsWith('/v1/subscriptions')) return undefined;
      const headers = { authorization: 'Bearer sk_test_journey' };
      const answered = await fetch(`${world.sandbox.url}${path}`, { headers });
      const body = (await answered.text()).replaceAll(/"status": *"active"/g, '"status":"dormant"');
      return { status: answered.status, body: JSON.parse(body) };
    };
    await stripe.subscriptions.update(id, { metadata: { seen: 'once' } });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ id, status: 'UNRECOGNIZED', statusRaw: 'dormant', planKey: 'team' }] },
      last: { subscription: { status: 'UNRECOGNIZED' }, access: { allowed: false, reason: 'OTHER' } },
      history: expect.arrayContaining([told('stripe', 'The subscription changed its status.')]),
    });
    const second = await run(story.person, START, TEAM);
    expect(second.userErrors).toMatchObject([{ code: 'ALREADY_SUBSCRIBED' }]);

    proxy.instead = () => undefined;
    await stripe.subscriptions.update(id, { metadata: { seen: 'twice' } });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ id, status: 'ACTIVE', statusRaw: 'active' }] },
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('stripe', 'The subscription is active.')]),
    });
  });

  it('is unpaid after the last try: on the free plan, with its data, limits at once, and back when all is paid', async () => {
    await subscriber(world, 'team', 'unpaid');
    await run(world.staff(Role.SERVICE), RECORD, {
      ...{ account: 'unpaid', feature: 'members-per-team', quantity: 8, idempotencyKey: 'before' },
    });
    const story = await begin('unpaid');
    const { id, items } = await subscriptionOf(story);
    const failing = await addCard(world, 'unpaid', 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.update(id, { default_payment_method: failing });
    await story.mark();
    await world.advance({ to: new Date(items.data[0]!.current_period_end * 1_000).toISOString() });
    await world.advance({ by: 'P8D' });

    const { stored, ...seen } = await story.chapter();
    expect(seen).toMatchObject({
      charged: [{ status: 'open', lines: [[ONE_TEAM, 2_000]], paid: 0 }],
      last: { plan: { key: 'free' }, access: { allowed: true, reason: 'PAYMENT_OVERDUE' } },
      history: expect.arrayContaining([told('stripe', 'Payment failed for good; the subscription is unpaid.')]),
    });
    expect(stored).toMatchObject({
      account: { planKey: 'free' },
      subscriptions: [{ id, status: 'UNPAID', planKey: 'team' }],
      invoices: [{ status: 'OPEN', nextAttemptAt: null }, { status: 'PAID' }],
    });
    const used = async () => (await story.person.ask(USAGE)).data.viewer.account.entitlement;
    expect(await used()).toEqual({ limit: 3, used: 8, overBy: 5 });

    const method = await addCard(world, 'unpaid', 'pm_card_visa');
    await story.person.ask(PAY_INVOICE, { invoice: stored.invoices[0]!.id, method });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-unpaid', 'The plan changed from Free to Team.')]),
    });
    expect(await used()).toEqual({ limit: 20, used: 8, overBy: 0 });
  });
});
