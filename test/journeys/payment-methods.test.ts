import { Role } from '../../src/auth/roles.js';
import {
  addCard,
  customerOf,
  REMOVE_METHOD,
  SET_DEFAULT,
  SETUP_INTENT,
  subscriber,
  WALLET,
} from '../support/payment-story.js';
import { holdDeliveries, startWorld, type World } from '../support/world.js';

interface Method {
  id: string;
  label: string;
  isDefault: boolean;
}

describe('the payment methods of an account', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ STRIPE_PUBLISHABLE_KEY: 'pk_test_journey' });
  });
  afterEach(() => world.stop());

  it('are none before anything was written', async () => {
    const { data } = await world.as('acme').ask(WALLET);

    expect(data.viewer.account).toMatchObject({ defaultPaymentMethod: null, paymentMethods: { nodes: [] } });
  });

  it('hold the card of the checkout, which pays the subscription and is shown as the default', async () => {
    const acme = await subscriber(world, 'acme');

    const { data } = await acme.ask(WALLET);

    const { paymentMethods, defaultPaymentMethod, subscription } = data.viewer.account;
    expect(paymentMethods.nodes).toEqual([
      {
        id: expect.stringMatching(/^pm_/),
        label: 'Visa ending 4242',
        kind: 'CARD',
        kindRaw: 'card',
        brand: 'visa',
        last4: '4242',
        expMonth: expect.any(Number),
        expYear: expect.any(Number),
        isDefault: true,
        expiresSoon: false,
      },
    ]);
    expect(defaultPaymentMethod.label).toBe('Visa ending 4242');
    expect(subscription.paymentMethod.id).toBe(paymentMethods.nodes[0].id);
  });

  it('grow by the card that the browser confirms for a setup intent', async () => {
    const acme = world.as('acme');
    const { data } = await acme.ask(SETUP_INTENT);
    const { clientSecret, publishableKey, userErrors } = data.createSetupIntent;
    const [setup] = String(clientSecret).split('_secret_');

    await world.gateway.parts.stripe.setupIntents.confirm(String(setup), { payment_method: 'pm_card_mastercard' });
    await world.settled();

    expect({ publishableKey, userErrors }).toEqual({ publishableKey: 'pk_test_journey', userErrors: [] });
    const { data: after } = await acme.ask(WALLET);
    expect(after.viewer.account.paymentMethods.nodes).toMatchObject([{ label: 'Mastercard ending 4444' }]);
    expect(after.viewer.account.timeline.nodes[0].title).toBe('Mastercard ending 4444 was added as a payment method.');
  });

  it('get the same setup intent for the same key, and its secret stands nowhere in the database', async () => {
    const acme = world.as('acme');

    const [one, two] = [await acme.ask(SETUP_INTENT, { key: 'k' }), await acme.ask(SETUP_INTENT, { key: 'k' })];

    const secret = one.data.createSetupIntent.clientSecret as string;
    expect(two.data.createSetupIntent.clientSecret).toBe(secret);
    const intents = await world.gateway.parts.database.read.rows<{ data: string }>('SELECT data FROM intents');
    expect(intents.map(({ data }) => data).join()).not.toContain('_secret_');
  });

  it('are paged newest first', async () => {
    const acme = await subscriber(world, 'acme');
    await world.advance({ by: 'PT1H' });
    await addCard(world, 'acme', 'pm_card_mastercard');
    const page = `query ($after: String) { viewer { account { paymentMethods(first: 1, after: $after) { nodes { label } pageInfo { hasNextPage endCursor } totalCount } } } }`;

    const first = (await acme.ask(page)).data.viewer.account.paymentMethods;
    const second = (await acme.ask(page, { after: first.pageInfo.endCursor })).data.viewer.account.paymentMethods;

    expect(first).toMatchObject({
      nodes: [{ label: 'Mastercard ending 4444' }],
      pageInfo: { hasNextPage: true },
      totalCount: 2,
    });
    expect(second).toMatchObject({
      nodes: [{ label: 'Visa ending 4242' }],
      pageInfo: { hasNextPage: false },
      totalCount: 2,
    });
  });

  it('switch their default for the account and for the live subscription that has its own', async () => {
    const acme = await subscriber(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const { data } = await acme.ask(SET_DEFAULT, { method: card });

    const { account, userErrors, paymentAction } = data.setDefaultPaymentMethod;
    expect({ userErrors, paymentAction }).toEqual({ userErrors: [], paymentAction: null });
    expect(account.defaultPaymentMethod.id).toBe(card);
    expect(account.subscription.paymentMethod.id).toBe(card);
    expect(account.paymentMethods.nodes.filter(({ isDefault }: Method) => isDefault)).toMatchObject([{ id: card }]);
    const { stripe } = world.gateway.parts;
    const customer = await stripe.customers.retrieve(await customerOf(world, 'acme'));
    expect(customer).toMatchObject({ invoice_settings: { default_payment_method: card } });
  });

  it('change for one subscription alone when it is named', async () => {
    const acme = await subscriber(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');
    const { subscription } = (await acme.ask(WALLET)).data.viewer.account;

    const { data } = await acme.ask(SET_DEFAULT, { method: card, subscription: subscription.id });

    expect(data.setDefaultPaymentMethod.account.subscription.paymentMethod.id).toBe(card);
    const { stripe } = world.gateway.parts;
    const customer = await stripe.customers.retrieve(await customerOf(world, 'acme'));
    expect(customer).toMatchObject({ invoice_settings: { default_payment_method: null } });
  });

  it('know a card that the browser has just added, before any event tells of it', async () => {
    const acme = await subscriber(world, 'acme');
    const { stripe } = world.gateway.parts;
    await holdDeliveries(world, true);
    const { id } = await stripe.paymentMethods.attach('pm_card_amex', { customer: await customerOf(world, 'acme') });

    const { data } = await acme.ask(SET_DEFAULT, { method: id });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [],
      account: { defaultPaymentMethod: { label: 'American Express ending 0005' } },
    });
    await holdDeliveries(world, false);
  });

  it('lose a card that nothing is charged to, and keep the one that pays', async () => {
    const acme = await subscriber(world, 'acme');
    const { subscription } = (await acme.ask(WALLET)).data.viewer.account;
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const refused = await acme.ask(REMOVE_METHOD, { id: subscription.paymentMethod.id });
    const removed = await acme.ask(REMOVE_METHOD, { id: card });

    expect(refused.data.removePaymentMethod).toMatchObject({
      userErrors: [{ code: 'PAYMENT_METHOD_IN_USE', field: ['input', 'id'] }],
      account: {
        paymentMethods: {
          nodes: expect.arrayContaining([
            expect.objectContaining({ id: card }),
            expect.objectContaining({ id: subscription.paymentMethod.id }),
          ]),
        },
      },
    });
    expect(removed.data.removePaymentMethod).toMatchObject({
      userErrors: [],
      account: { paymentMethods: { nodes: [{ id: subscription.paymentMethod.id }] } },
    });
    await world.settled();
    const { data } = await acme.ask(WALLET);
    expect(data.viewer.account.timeline.nodes[0]).toMatchObject({
      title: 'Mastercard ending 4444 was removed.',
      actor: 'user-of-acme',
    });
  });

  it('give up the former default once another one pays', async () => {
    const acme = await subscriber(world, 'acme');
    const { subscription } = (await acme.ask(WALLET)).data.viewer.account;
    const card = await addCard(world, 'acme', 'pm_card_mastercard');
    await acme.ask(SET_DEFAULT, { method: card });

    const { data } = await acme.ask(REMOVE_METHOD, { id: subscription.paymentMethod.id });

    expect(data.removePaymentMethod.userErrors).toEqual([]);
    expect(data.removePaymentMethod.account.paymentMethods.nodes).toMatchObject([{ id: card, isDefault: true }]);
  });

  it('follow what happens at Stripe: a card detached there is gone here, and pushed to who watches', async () => {
    const acme = await subscriber(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');
    const live = acme.watch(`subscription { accountUpdated { kind account { paymentMethods { nodes { id } } } } }`);
    await live.until(() => true);

    await world.gateway.parts.stripe.paymentMethods.detach(card);

    const { accountUpdated } = await live.until(
      ({ accountUpdated: { account } }) => account.paymentMethods.nodes.length === 1,
    );
    expect(accountUpdated.kind).toBe('CHANGED');
    live.close();
  });

  it("answer another account's card as one that does not exist", async () => {
    await subscriber(world, 'acme');
    const evil = await subscriber(world, 'evil');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const answers = [
      await evil.ask(SET_DEFAULT, { method: card }),
      await evil.ask(SET_DEFAULT, { method: 'pm_absent' }),
      await evil.ask(REMOVE_METHOD, { id: card }),
      await evil.ask(REMOVE_METHOD, { id: 'pm_absent' }),
    ];

    const errors = answers.map(
      ({ data }) => Object.values<{ userErrors: { code: string; message: string }[] }>(data)[0]?.userErrors,
    );
    expect(errors.map((found) => found?.map(({ code }) => code))).toEqual(
      Array.from({ length: 4 }, () => ['NOT_FOUND']),
    );
    const shown = errors.map((found) => found?.[0]?.message.replace(/'.*'/, "'…'"));
    expect(new Set(shown).size).toBe(1);
    expect(JSON.stringify(await evil.ask(WALLET))).not.toContain(card);
  });

  it('are for billing admins to change, and for members to see', async () => {
    await subscriber(world, 'acme');
    const member = world.as('acme', Role.MEMBER);

    const seen = await member.ask(WALLET);
    const refused = await member.ask(SETUP_INTENT);

    expect(seen.data.viewer.account.paymentMethods.nodes).toHaveLength(1);
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
