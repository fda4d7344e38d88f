import { startWorld, type World } from '../support/world.js';
import { CHECKOUT } from '../support/story.js';

const START = `mutation ($input: StartSubscriptionInput!) { startSubscription(input: $input) {
  outcome
  subscription { id status }
  paymentAction { kind clientSecret }
  invoice { status total { minor } }
  userErrors { code message ... on CardDeclinedError { declineCode } }
} }`;

describe('a subscription that starts without a page', () => {
  let world: World;
  let customer: string;
  beforeEach(async () => {
    world = await startWorld();
    await world.as('acme').ask(CHECKOUT, { plan: 'team' });
    customer = (await world.gateway.parts.stripe.customers.list()).data[0]?.id ?? '';
  });
  afterEach(() => world.stop());

  const withCard = async (token: string) => {
    const { id } = await world.gateway.parts.stripe.paymentMethods.attach(token, { customer });
    await world.settled();
    return id;
  };
  const start = async (input: object) => {
    const { data, errors } = await world
      .as('acme')
      .ask(START, { input: { plan: 'team', interval: 'MONTH', ...input } });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.startSubscription;
  };
  const live = async () => (await world.gateway.parts.stripe.subscriptions.list({ customer })).data;

  it('charges the stored card at once and closes the open checkout', async () => {
    const paymentMethod = await withCard('pm_card_visa');

    const started = await start({ paymentMethod, seats: 2 });

    expect(started).toMatchObject({
      outcome: 'APPLIED',
      subscription: { status: 'ACTIVE' },
      paymentAction: null,
      invoice: { status: 'PAID', total: { minor: 4000 } },
      userErrors: [],
    });
    const sessions = await world.gateway.parts.stripe.checkout.sessions.list({ customer });
    expect(sessions.data.map(({ status }) => status)).toEqual(['expired']);
    expect(await start({ paymentMethod })).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'ALREADY_SUBSCRIBED' }],
    });
  });

  it('asks the customer to confirm where the bank wants it, and is active once she has', async () => {
    const paymentMethod = await withCard('pm_card_authenticationRequired');

    const started = await start({ paymentMethod });
    const again = await start({ paymentMethod });
    const secret = String(started.paymentAction.clientSecret);
    await fetch(`${world.sandbox.url}/_sandbox/payment_intents/${secret.split('_secret_')[0]}/authenticate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: true }),
    });
    await world.settled();

    expect(started).toMatchObject({
      outcome: 'ACTION_REQUIRED',
      subscription: { status: 'INCOMPLETE' },
      paymentAction: { kind: 'CONFIRM_PAYMENT', clientSecret: expect.stringMatching(/^pi_.+_secret_/) },
    });
    expect(again.subscription.id).toBe(started.subscription.id);
    expect(await live()).toMatchObject([{ id: started.subscription.id, status: 'active' }]);
  });

  it('gives up what waits for a confirmation when another plan is started', async () => {
    const slow = await withCard('pm_card_authenticationRequired');
    const first = await start({ paymentMethod: slow });
    const paymentMethod = await withCard('pm_card_visa');

    const second = await start({ paymentMethod, plan: 'business' });

    expect(second).toMatchObject({ outcome: 'APPLIED', invoice: { total: { minor: 9900 } } });
    expect((await live()).map(({ id }) => id)).toEqual([second.subscription.id]);
    expect(first.subscription.id).not.toBe(second.subscription.id);
  });

  it('leaves nothing behind when the bank refuses the card', async () => {
    const paymentMethod = await withCard('pm_card_chargeCustomerFail');

    expect(await start({ paymentMethod })).toMatchObject({
      outcome: 'REJECTED',
      subscription: null,
      userErrors: [{ code: 'CARD_DECLINED' }],
    });
    expect(await live()).toEqual([]);
  });

  it('takes no payment method of somebody else', async () => {
    const stranger = await world.gateway.parts.stripe.customers.create();
    const { id } = await world.gateway.parts.stripe.paymentMethods.attach('pm_card_visa', { customer: stranger.id });
    await world.settled();

    expect(await start({ paymentMethod: id })).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  });
});
