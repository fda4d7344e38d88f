import { CHANGE, linesOf, PREVIEW, run, standing, subscriber, UNDO } from '../support/change-plan-story.js';
import { addCard } from '../support/payment-story.js';
import { raisePrice } from '../support/price-story.js';
import { CHECKOUT } from '../support/story.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { START } from '../support/verb-stories.js';
import { holdDeliveries, type Person, startWorld, type World } from '../support/world.js';

const UPCOMING = '{ viewer { account { upcomingInvoice { date total { minor } } } } }';

describe('a price that is archived', () => {
  let world: World;
  let proxy: StripeProxy;
  beforeEach(async () => {
    world = await startWorld(async ({ url }) => {
      proxy = await startStripeProxy(url);
      return { STRIPE_API_BASE: proxy.url };
    });
  });
  afterEach(async () => {
    await world.stop();
    await proxy.stop();
  });
  const raise = async (plan: string, amount: number) => {
    await raisePrice(world, plan, amount);
    await world.settled();
  };
  const upcoming = async (person: Person) => {
    const { data, errors } = await person.ask(UPCOMING);
    expect(errors).toBeUndefined();
    return data.viewer.account.upcomingInvoice.total.minor as number;
  };
  const renewed = async (person: Person) => {
    await world.advance({ by: 'P1M2D' });
    const { invoices, plan, subscription } = await standing(person);
    const { id, amountDue } = invoices.nodes[0];
    return {
      plan: plan.key,
      pending: subscription.pendingChange,
      amountDue: amountDue.minor,
      lines: await linesOf(world, id),
    };
  };

  it('is kept by who has it while a smaller plan is booked, which then comes', async () => {
    const acme = await subscriber(world, 'business');
    await raise('business', 10_900);

    const booked = await run(acme, CHANGE, { plan: 'team' });
    const shown = await upcoming(acme);

    expect(booked).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(booked.subscription.pendingChange).toMatchObject({ toPlan: { key: 'team' } });
    expect(shown).toBe(2_000);
    expect(await renewed(acme)).toEqual({ plan: 'team', pending: null, amountDue: 2_000, lines: [2_000] });
  });

  it('is kept by who books fewer seats of it', async () => {
    const acme = await subscriber(world, 'team');
    await run(acme, CHANGE, { seats: 3 });
    await raise('team', 2_500);

    const booked = await run(acme, CHANGE, { seats: 2 });

    expect(booked).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(await renewed(acme)).toEqual({ plan: 'team', pending: null, amountDue: 4_000, lines: [4_000] });
  });

  it('is charged where a change to it was booked before', async () => {
    const acme = await subscriber(world, 'business');
    await run(acme, CHANGE, { plan: 'team' });
    await raise('team', 2_500);

    const { subscription } = await standing(acme);
    const shown = await upcoming(acme);

    expect(subscription.pendingChange).toMatchObject({ toPlan: { key: 'team' }, recurringAfter: { minor: 2_000 } });
    expect(shown).toBe(2_000);
    expect(await renewed(acme)).toEqual({ plan: 'team', pending: null, amountDue: 2_000, lines: [2_000] });
  });

  it('is not available to others, also where nothing has been heard of it yet', async () => {
    const acme = await subscriber(world, 'team', 'acme');
    const rich = await subscriber(world, 'business', 'rich');
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const starter = world.as('starter');
    await starter.ask('{ viewer { account { id } } }');
    const fresh = world.as('fresh');
    await fresh.ask(CHECKOUT, { plan: 'team' });
    await addCard(world, 'fresh', 'pm_card_visa');
    await world.settled();
    await holdDeliveries(world, true);
    await raisePrice(world, 'business', 10_900);
    await raisePrice(world, 'team', 2_500);
    const codes = (payload: { userErrors: { code: string }[] }) => payload.userErrors.map(({ code }) => code);
    const toBusiness = { plan: 'business', interval: 'MONTH' };

    expect(codes(await run(acme, PREVIEW, toBusiness))).toEqual(['PLAN_NOT_AVAILABLE']);
    expect(codes(await run(acme, CHANGE, toBusiness))).toEqual(['PLAN_NOT_AVAILABLE']);
    expect(codes(await run(acme, CHANGE, { previewToken: preview.token }))).toEqual(['PREVIEW_OUTDATED']);
    expect(codes(await run(rich, CHANGE, { plan: 'team' }))).toEqual(['PLAN_NOT_AVAILABLE']);
    expect(codes(await run(fresh, START, toBusiness))).toEqual(['PLAN_NOT_AVAILABLE']);
    const { data } = await starter.ask(CHECKOUT, { plan: 'business' });
    expect(codes(data.createCheckoutSession)).toEqual(['PLAN_NOT_AVAILABLE']);
    await holdDeliveries(world, false);
    await world.settled();
    expect(await run(acme, CHANGE, toBusiness)).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect((await standing(acme)).subscription).toMatchObject({ plan: { key: 'business' }, pendingChange: null });
  });

  it.each([
    ['as the schedule is made', /^\/v1\/subscription_schedules$/],
    ['as its phases are told', /^\/v1\/subscription_schedules\/\w+$/],
  ])('is told as such where Stripe refuses to book a change for it: %s', async (_when, path) => {
    const acme = await subscriber(world, 'business');
    const message = 'The price specified is inactive. This field only accepts active prices.';
    const error = { type: 'invalid_request_error', param: 'phases[0][items][0][price]', message };
    proxy.instead = (call) =>
      call.method === 'POST' && path.test(call.path) ? { status: 400, body: { error } } : undefined;

    const refused = await run(acme, CHANGE, { plan: 'team', idempotencyKey: 'one' });
    proxy.instead = () => undefined;
    const again = await run(acme, CHANGE, { plan: 'team', idempotencyKey: 'one' });
    await world.settled();
    const { subscription } = await standing(acme);

    const told = { outcome: 'REJECTED', userErrors: [{ code: 'PLAN_NOT_AVAILABLE' }] };
    expect(refused).toMatchObject(told);
    expect(again).toMatchObject(told);
    expect(subscription).toMatchObject({ plan: { key: 'business' }, pendingChange: null });
    expect(await run(acme, CHANGE, { plan: 'team' })).toMatchObject({ outcome: 'SCHEDULED' });
    expect(await run(acme, UNDO)).toMatchObject({ outcome: 'APPLIED' });
  });
});
