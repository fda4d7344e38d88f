import type Stripe from 'stripe';
import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { run, standing, subscriber } from '../support/change-plan-story.js';
import { addCard, REMOVE_METHOD, SET_DEFAULT } from '../support/payment-story.js';
import { payCheckout } from '../support/story.js';
import { stripeAt } from '../support/stripe-at.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const LINK = `mutation ($input: AdminLinkCustomerInput!) { adminLinkCustomer(input: $input) { userErrors { code } } }`;
const UNMATCHED = '{ admin { unmatched { customer } } }';
const PORTAL = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { session { url } userErrors { code } } }`;
const ONE_TEAM = '1 × Team (at $20.00 / month)';
const NOTHING = { charged: [], pushed: [], history: [] };

describe('whose it is and who pays, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  const opened: WholeStory[] = [];
  beforeAll(async () => {
    world = await startWorld({ RETURN_ORIGINS: 'https://app.example' });
    ({ stripe } = world.gateway.parts);
  });
  afterEach(() => opened.splice(0).forEach((story) => story.close()));
  afterAll(() => world.stop());

  const begin = async (account: string) => {
    const story = await wholeStory(world, account);
    opened.push(story);
    return story;
  };
  /** Made by hand, with a card that pays. */
  const strange = async (metadata: Record<string, string> = {}) => {
    const { id } = await stripeAt(world.sandbox.url).customers.create({ name: 'By hand', metadata });
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: id });
    await stripe.customers.update(id, { invoice_settings: { default_payment_method: card.id } });
    return id;
  };
  const teamPrice = async () => (await stripe.prices.list({ lookup_keys: ['team_month'] })).data[0]!.id;
  /** A month of Team, bought by hand. */
  const sold = async (customer: string, metadata: Record<string, string> = {}) =>
    (await stripe.subscriptions.create({ customer, items: [{ price: await teamPrice() }], metadata })).id;
  const overdue = async (name: string) => {
    await subscriber(world, 'team', name);
    const story = await begin(name);
    const { id } = (await standing(story.person)).subscription;
    const { items } = await stripe.subscriptions.retrieve(id as string);
    const failing = await addCard(world, name, 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.update(id as string, { default_payment_method: failing });
    await world.advance({ to: new Date(items.data[0]!.current_period_end * 1_000).toISOString() });
    await world.advance({ by: 'PT2H' });
    await story.mark();
    return { story, failing };
  };

  describe('the owner', () => {
    const bought = (id: string) => ({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: {
        account: { planKey: 'team' },
        ...{ subscriptions: [{ id, status: 'ACTIVE' }], invoices: [{ status: 'PAID', total: 2_000 }] },
      },
      last: { plan: { key: 'team' }, subscription: { id }, access: { allowed: true, reason: 'ACTIVE' } },
    });

    it('is whom the customer names', async () => {
      const story = await begin('named');
      const id = await sold(await strange({ account_id: accountIdOf('named') }));

      expect(await story.chapter()).toMatchObject({
        ...bought(id),
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('is whom the subscription names where the customer names nobody', async () => {
      const story = await begin('written');
      const customer = await strange();
      const id = await sold(customer, { account_id: accountIdOf('written') });
      await world.settled();

      expect((await story.stored()).subscriptions).toMatchObject([{ id, customerId: customer }]);
      expect(await story.chapter()).toMatchObject({
        ...bought(id),
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('is whom the checkout names where nothing else does', async () => {
      const story = await begin('referred');
      const customer = await strange();
      const { id } = await stripe.checkout.sessions.create({
        ...{ mode: 'subscription', customer, client_reference_id: accountIdOf('referred') },
        ...{ line_items: [{ price: await teamPrice(), quantity: 1 }], success_url: 'https://app.example/' },
      });
      await payCheckout(world.sandbox, id);
      await world.settled();

      const { subscription } = await stripe.checkout.sessions.retrieve(id);
      expect(await story.chapter()).toMatchObject({
        ...bought(String(subscription)),
        history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
      });
    });

    it('is nobody before an operator says who; from then on all of it is there', async () => {
      const story = await begin('linked');
      const customer = await strange();
      const id = await sold(customer);
      await world.settled();
      const operator = world.staff(Role.OPERATOR);
      expect((await operator.ask(UNMATCHED)).data.admin.unmatched).toEqual([{ customer }]);
      expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { subscriptions: [], invoices: [] } });

      await run(operator, LINK, { account: 'linked', customer, reason: 'made by hand' });
      expect(await story.chapter()).toMatchObject({
        ...bought(id),
        history: expect.arrayContaining([told('staff', 'The plan changed from Free to Team.', 'linkCustomer')]),
      });
      expect((await operator.ask(UNMATCHED)).data.admin.unmatched).toEqual([]);
    });
  });

  it('keeps the card that pays, and lets another one go', async () => {
    await subscriber(world, 'team', 'wallet');
    const other = await addCard(world, 'wallet', 'pm_card_mastercard');
    const story = await begin('wallet');
    const { paymentMethods, subscriptions } = await story.stored();
    const paying = subscriptions[0]?.defaultPaymentMethodId;
    expect(paymentMethods).toHaveLength(2);
    const refused = await story.person.ask(REMOVE_METHOD, { id: paying });
    expect(refused.data.removePaymentMethod.userErrors).toMatchObject([{ code: 'PAYMENT_METHOD_IN_USE' }]);
    expect(await story.chapter()).toMatchObject(NOTHING);

    await story.person.ask(REMOVE_METHOD, { id: other });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { paymentMethods: [{ id: paying }], subscriptions: [{ defaultPaymentMethodId: paying }] },
      last: { access: { allowed: true } },
      history: expect.arrayContaining([told('user-of-wallet', 'Mastercard ending 4444 was removed.')]),
    });
  });

  it('pays what is open with the new default card when asked to, and leaves it open when not', async () => {
    const { story } = await overdue('late');
    const card = await addCard(world, 'late', 'pm_card_mastercard');
    await story.mark();
    const setDefault = async (retry: boolean) =>
      (await story.person.ask(SET_DEFAULT, { method: card, retry })).data.setDefaultPaymentMethod.userErrors;

    expect(await setDefault(false)).toEqual([]);
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: {
        account: { defaultPaymentMethodId: card },
        ...{
          subscriptions: [{ status: 'PAST_DUE', defaultPaymentMethodId: card }],
          invoices: [{ status: 'OPEN' }, {}],
        },
      },
      last: { access: { allowed: true, reason: 'GRACE_PERIOD' } },
      history: expect.arrayContaining([told('user-of-late', 'The default payment method was changed.')]),
    });

    expect(await setDefault(true)).toEqual([]);
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ status: 'ACTIVE' }], invoices: [{ status: 'PAID', paymentMethodId: card }, {}] },
      last: { access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-late', 'The subscription is active.')]),
    });
  });

  it('opens the portal while a payment is overdue, and the card that is given there pays at the next try', async () => {
    const { story } = await overdue('door');
    const { session, userErrors } = await run(story.person, PORTAL, { returnUrl: 'https://app.example/' });
    expect({ userErrors, page: (await fetch(session.url as string)).status }).toEqual({ userErrors: [], page: 200 });
    expect(await story.chapter()).toMatchObject(NOTHING);

    await fetch(session.url as string, {
      method: 'POST',
      body: new URLSearchParams({ action: 'payment_method', payment_method: 'pm_card_amex' }),
      redirect: 'manual',
    });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { subscriptions: [{ status: 'PAST_DUE' }], invoices: [{ status: 'OPEN' }, {}] },
      last: { defaultPaymentMethod: { label: 'American Express ending 0005' }, access: { reason: 'GRACE_PERIOD' } },
      history: expect.arrayContaining([told('stripe', 'American Express ending 0005 was added as a payment method.')]),
    });

    await world.advance({ by: 'P3D' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ status: 'ACTIVE' }], invoices: [{ status: 'PAID' }, {}] },
      last: { access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('stripe', 'The subscription is active.')]),
    });
  });
});
