import type Stripe from 'stripe';
import { CHANGE, PAUSE, PREVIEW_NEXT, RESUME, run, standing, subscriber, UNDO } from '../support/change-plan-story.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { sellCode } from '../support/price-story.js';
import { stripeAt } from '../support/stripe-at.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { type Verb, verbs } from '../support/verb-stories.js';
import { startWorld, type World } from '../support/world.js';

interface Race extends Verb {
  name: string;
  /** The call that comes too late. */
  call: [method: string, path: RegExp];
  /** What somebody else does at Stripe just before; ends the subscription when left out. */
  meanwhile?: (stripe: Stripe, subscription: Stripe.Subscription) => Promise<unknown>;
  /** It ends as it began, so that the account may never have moved. */
  returns?: true;
}

const ofSubscription = /^\/v1\/subscriptions\/sub_\w+$/;
const release = /^\/v1\/subscription_schedules\/\w+\/release$/;
const apply = `mutation ($input: ApplyPromotionCodeInput!) { applyPromotionCode(input: $input) {
  outcome account { revision plan { key } } userErrors { code message ... on ConflictError { currentRevision } } } }`;

const ended: Race[] = [
  { name: 'a cancellation', ...verbs.cancel, call: ['POST', ofSubscription] },
  { name: 'a reactivation', ...verbs.reactivate, call: ['POST', ofSubscription] },
  { name: 'an upgrade', ...verbs.up, call: ['POST', ofSubscription] },
  { name: 'an upgrade as it looks once more', ...verbs.up, call: ['GET', /^\/v1\/subscriptions\/sub_\w+\?/] },
  { name: 'an upgrade as it previews', ...verbs.up, call: ['POST', /create_preview$/] },
  { name: 'more seats', mutation: CHANGE, input: { seats: 2 }, call: ['POST', ofSubscription] },
  { name: 'a downgrade', ...verbs.down, call: ['POST', /^\/v1\/subscription_schedules$/] },
  { name: 'the phases of a downgrade', ...verbs.down, call: ['POST', /^\/v1\/subscription_schedules\/\w+$/] },
  { name: 'an undo', ...verbs.undo, call: ['POST', release] },
  { name: 'a pause', ...verbs.pause, call: ['POST', /\/pause$/] },
  { name: 'a resumption', ...verbs.resume, call: ['POST', /\/resume$/] },
  { name: 'a promotion code', mutation: apply, input: { code: 'QUARTER' }, call: ['POST', ofSubscription] },
];
const releaseAtStripe: Race['meanwhile'] = (stripe, { schedule }) =>
  stripe.subscriptionSchedules.release(String(schedule));
const changed: Race[] = [
  { name: 'an undo of what is undone', ...verbs.undo, call: ['POST', release], meanwhile: releaseAtStripe },
  { name: 'a change of what is undone', ...verbs.overBooked, call: ['POST', release], meanwhile: releaseAtStripe },
  {
    name: 'a downgrade where another is booked',
    ...verbs.down,
    call: ['POST', /^\/v1\/subscription_schedules$/],
    meanwhile: (stripe, { id }) => stripe.subscriptionSchedules.create({ from_subscription: id }),
  },
  {
    name: 'a downgrade that is taken back half-way',
    ...verbs.down,
    call: ['GET', /^\/v1\/subscription_schedules\/\w+/],
    meanwhile: releaseAtStripe,
    returns: true,
  },
  {
    name: 'a pause of what is paused',
    mutation: PAUSE,
    input: {},
    call: ['POST', /\/pause$/],
    meanwhile: (stripe, { id }) => stripe.subscriptions.pause(id, { type: 'subscription' }),
  },
  {
    name: 'a resumption of what is resumed',
    mutation: RESUME,
    input: {},
    first: [PAUSE, {}],
    call: ['POST', /\/resume$/],
    meanwhile: (stripe, { id }) => stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'now' } }),
  },
];

describe('a mutation that Stripe refuses because somebody came first there', () => {
  let world: World;
  let proxy: StripeProxy;
  let stripe: Stripe;
  let people = 0;
  beforeAll(async () => {
    world = await startWorld(async ({ url }) => {
      proxy = await startStripeProxy(url);
      stripe = stripeAt(url);
      return { STRIPE_API_BASE: proxy.url };
    });
    await sellCode(world, 'QUARTER', { months: 3 });
  });
  afterAll(async () => {
    await world.stop();
    await proxy.stop();
  });
  afterEach(() => {
    proxy.instead = () => undefined;
  });

  const before = ([method, path]: Race['call'], act: () => Promise<unknown>) => {
    let left = 1;
    proxy.instead = async (call) => {
      if (call.method === method && path.test(call.path) && left-- > 0) await act();
      return undefined;
    };
    return () => left;
  };
  const race = async (one: Race) => {
    const name = `acme-${++people}`;
    const acme = await subscriber(world, one.plan, name);
    if (one.first) await run(acme, ...one.first);
    await world.settled();
    const { subscription, revision } = await standing(acme);
    const meanwhile = one.meanwhile ?? ((at, { id }) => at.subscriptions.cancel(id));
    const left = before(one.call, async () => meanwhile(stripe, await stripe.subscriptions.retrieve(subscription.id)));
    const answer = await run(acme, one.mutation, { ...one.input, subscription: subscription.id });
    expect(left()).toBeLessThan(1);
    await world.settled();
    return { answer, before: revision as number, after: (await standing(acme)).revision as number };
  };

  it.each(ended)('says that the subscription has ended, and shows it so: $name', async (one) => {
    const { answer } = await race(one);

    expect(answer).toMatchObject({
      ...{ outcome: 'REJECTED', account: { plan: { key: 'free' } } },
      userErrors: [{ code: 'SUBSCRIPTION_ENDED' }],
    });
  });

  const expectConflict = ({ answer, ...revision }: Awaited<ReturnType<typeof race>>, returns = false) => {
    expect(answer).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] });
    const [{ currentRevision }] = answer.userErrors;
    expect(currentRevision).toBeGreaterThanOrEqual(revision.before + (returns ? 0 : 1));
    expect(currentRevision).toBeLessThanOrEqual(revision.after);
  };

  it.each(changed)('is a conflict and names the revision: $name', async (one) =>
    expectConflict(await race(one), one.returns),
  );

  it('is a conflict where the change that is to be dropped has just been paid', async () => {
    const name = `acme-${++people}`;
    const acme = await subscriber(world, 'team', name);
    const { subscription } = await standing(acme);
    const customer = await customerOf(world, name);
    const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: method.id });
    await world.settled();
    const { invoice } = await run(acme, CHANGE, { plan: 'business' });
    await world.settled();
    const { revision } = await standing(acme);
    const payment_method = await addCard(world, name, 'pm_card_visa');
    before(['POST', /\/void$/], () => stripe.invoices.pay(invoice.id, { payment_method }));
    const answer = await run(acme, UNDO);
    await world.settled();

    expectConflict({ answer, before: revision, after: (await standing(acme)).revision });
    expect(answer.userErrors[0].message).toContain('just been paid');
    expect(answer.account.plan.key).toBe('business');
  });

  it('says of a preview that the subscription has ended, or that it has changed, and shows no next invoice of it', async () => {
    const preview = async (calls: number, meanwhile: (id: string) => Promise<unknown>) => {
      const acme = await subscriber(world, 'team', `acme-${++people}`);
      const { id } = (await standing(acme)).subscription;
      let call = 0;
      proxy.instead = async ({ path }) => {
        if (path.endsWith('create_preview') && ++call === calls) await meanwhile(id);
        return undefined;
      };
      const { data, errors } = await acme.ask(PREVIEW_NEXT, { input: { plan: 'business', interval: 'MONTH' } });
      expect({ call, errors }).toEqual({ call: calls, errors: undefined });
      return data.previewChange;
    };
    const end = (id: string) => stripe.subscriptions.cancel(id);
    const replace = async (id: string) => {
      const { items } = await stripe.subscriptions.retrieve(id);
      const [{ id: old, price }] = items.data as [Stripe.SubscriptionItem];
      await stripe.subscriptions.update(id, {
        items: [
          { id: old, deleted: true },
          { price: price.id, quantity: 4 },
        ],
      });
    };

    expect(await preview(1, end)).toMatchObject({ preview: null, userErrors: [{ code: 'SUBSCRIPTION_ENDED' }] });
    expect(await preview(1, replace)).toMatchObject({ preview: null, userErrors: [{ code: 'CONFLICT' }] });
    expect(await preview(2, end)).toMatchObject({ preview: { allowed: true, nextInvoice: null }, userErrors: [] });
  });

  it('stays an error where nothing has changed', async () => {
    const acme = await subscriber(world, 'team', `acme-${++people}`);
    proxy.instead = ({ method, path }) =>
      method === 'POST' && ofSubscription.test(path)
        ? { status: 400, body: { error: { type: 'invalid_request_error', message: 'no' } } }
        : undefined;
    const { errors } = await acme.ask(CHANGE, { input: { plan: 'business' } });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL']);
  });

  it('may be repeated where Stripe does not know the subscription any more, which is not believed at once', async () => {
    const acme = await subscriber(world, 'team', `acme-${++people}`);
    const { id } = (await standing(acme)).subscription;
    const error = { type: 'invalid_request_error', code: 'resource_missing', message: `No such subscription: '${id}'` };
    proxy.instead = ({ path }) => (path.includes(id) ? { status: 404, body: { error } } : undefined);
    const { errors } = await acme.ask(CHANGE, { input: { plan: 'business' } });

    expect(errors?.map(({ extensions }) => [extensions.code, extensions.retryable])).toEqual([
      ['PROVIDER_UNAVAILABLE', true],
    ]);
  });

  it('is told of an invoice that was voided as of a conflict', async () => {
    const name = `acme-${++people}`;
    const acme = await subscriber(world, 'team', name);
    const customer = await customerOf(world, name);
    await stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' });
    const { id = '' } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
    await stripe.invoices.finalizeInvoice(id);
    await world.settled();
    before(['POST', /\/pay$/], () => stripe.invoices.voidInvoice(id));
    const { userErrors } = await run(
      acme,
      'mutation ($input: PayInvoiceInput!) { payInvoice(input: $input) { userErrors { code } } }',
      { invoice: id },
    );

    expect(userErrors).toEqual([{ code: 'CONFLICT' }]);
  });
});
