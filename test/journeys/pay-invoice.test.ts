import {
  addCard,
  failRenewal,
  PAY_INVOICE,
  REMOVE_METHOD,
  SET_DEFAULT,
  subscriber,
  WALLET,
} from '../support/payment-story.js';
import { startWorld, type World } from '../support/world.js';

describe('a renewal that failed', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ STRIPE_PUBLISHABLE_KEY: 'pk_test_journey' });
  });
  afterEach(() => world.stop());

  const latest = async (name: string) => (await world.as(name).ask(WALLET)).data.viewer.account;

  it('leaves access for the grace period, and a new card pays it and makes the subscription active again', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const before = await latest('acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const { data } = await acme.ask(PAY_INVOICE, { invoice: before.subscription.latestInvoice.id, method: card });

    expect(before.subscription).toMatchObject({ status: 'PAST_DUE', latestInvoice: { status: 'OPEN' } });
    expect(before.access).toMatchObject({ allowed: true, reason: 'GRACE_PERIOD', until: expect.any(String) });
    expect(data.payInvoice).toMatchObject({
      outcome: 'APPLIED',
      invoice: { status: 'PAID' },
      paymentAction: null,
      userErrors: [],
    });
    const after = await latest('acme');
    expect(after.subscription.status).toBe('ACTIVE');
    expect(after.access).toMatchObject({ allowed: true, reason: 'ACTIVE' });
  });

  it('is paid by making another card the default, which is also what is charged next time', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const { data } = await acme.ask(SET_DEFAULT, { method: card });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [],
      account: { subscription: { status: 'ACTIVE', paymentMethod: { id: card } }, access: { reason: 'ACTIVE' } },
    });
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
    expect((await latest('acme')).subscription).toMatchObject({ status: 'ACTIVE', latestInvoice: { status: 'PAID' } });
  });

  it('stays open when the default is changed without a retry', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');

    const { data } = await acme.ask(SET_DEFAULT, { method: card, retry: false });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [],
      account: { subscription: { status: 'PAST_DUE', paymentMethod: { id: card } } },
    });
  });

  it('keeps the answer to a key, whatever has become of the invoice since, also for a process that died with it', async () => {
    const acme = await subscriber(world, 'acme');
    const bad = await failRenewal(world, 'acme');
    const invoice = (await latest('acme')).subscription.latestInvoice.id as string;
    const pay = async (key: string, method: string | null) =>
      (await acme.ask(PAY_INVOICE, { invoice, method, key })).data.payInvoice;
    const refused = await pay('refused', bad);
    const { stripe, database } = world.gateway.parts;
    const good = await addCard(world, 'acme', 'pm_card_visa');
    const paid = await pay('paid', good);
    await stripe.paymentMethods.detach(good);
    await stripe.paymentMethods.detach(bad);
    await database.run('UPDATE intents SET answer = NULL', []);
    await world.restartGateway();

    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CARD_DECLINED' }] });
    expect(paid).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect((await pay('refused', bad)).userErrors).toEqual(refused.userErrors);
    expect(await pay('paid', good)).toEqual(paid);
  });

  it('says why the bank refuses the card, and the card is tried once for one key', async () => {
    const acme = await subscriber(world, 'acme');
    const bad = await failRenewal(world, 'acme');
    const { subscription } = await latest('acme');
    const tries: string[] = [];
    world.gateway.parts.stripe.on('request', ({ path }: { path: string }) => tries.push(path));
    const ask = () => acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id, method: bad, key: 'pay-1' });

    const [one, two] = [await ask(), await ask()];

    expect(one.data.payInvoice).toEqual({
      outcome: 'REJECTED',
      invoice: { id: subscription.latestInvoice.id, status: 'OPEN' },
      paymentAction: null,
      userErrors: [
        {
          code: 'CARD_DECLINED',
          message: 'Your card was declined.',
          field: ['input', 'paymentMethod'],
          hint: 'Try again, or use another card.',
          declineCode: 'generic_decline',
          retryable: true,
        },
      ],
    });
    expect(two.data).toEqual(one.data);
    expect(tries.filter((path) => path.endsWith('/pay'))).toHaveLength(1);
  });

  it('keeps the new default although the bank refuses to pay the open invoice with it', async () => {
    const acme = await subscriber(world, 'acme');
    const visa = (await latest('acme')).subscription.paymentMethod.id;
    const bad = await failRenewal(world, 'acme');
    await acme.ask(SET_DEFAULT, { method: visa, retry: false });

    const { data } = await acme.ask(SET_DEFAULT, { method: bad });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [{ code: 'CARD_DECLINED', declineCode: 'generic_decline', retryable: true }],
      account: { defaultPaymentMethod: { id: bad }, subscription: { status: 'PAST_DUE' } },
    });
  });

  it('is confirmed with the bank when it asks for its customer, then paid', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const { subscription } = await latest('acme');
    const card = await addCard(world, 'acme', 'pm_card_authenticationRequired');

    const { data } = await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id, method: card });

    const { outcome, paymentAction, userErrors } = data.payInvoice;
    expect({ outcome, userErrors }).toEqual({ outcome: 'ACTION_REQUIRED', userErrors: [] });
    expect(paymentAction).toMatchObject({
      kind: 'CONFIRM_PAYMENT',
      clientSecret: expect.stringMatching(/^pi_.*_secret_/),
      publishableKey: 'pk_test_journey',
      hostedUrl: expect.stringContaining(subscription.latestInvoice.id),
      invoice: { id: subscription.latestInvoice.id, status: 'OPEN' },
    });
    const [intent] = String(paymentAction.clientSecret).split('_secret_');
    await confirmWithBank(world, String(intent));
    await world.settled();
    expect((await latest('acme')).subscription).toMatchObject({ status: 'ACTIVE', latestInvoice: { status: 'PAID' } });
  });

  it('hands the confirmation over as well when a new default needs it', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const card = await addCard(world, 'acme', 'pm_card_authenticationRequired');

    const { data } = await acme.ask(SET_DEFAULT, { method: card });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [],
      paymentAction: { kind: 'CONFIRM_PAYMENT', clientSecret: expect.any(String), hostedUrl: expect.any(String) },
      account: { defaultPaymentMethod: { id: card }, subscription: { status: 'PAST_DUE' } },
    });
  });

  it('names the want of a card when there is none to charge', async () => {
    const acme = await subscriber(world, 'acme');
    const bad = await failRenewal(world, 'acme');
    const { subscription, paymentMethods } = await latest('acme');
    const { stripe } = world.gateway.parts;
    for (const { id } of paymentMethods.nodes) await stripe.paymentMethods.detach(id);
    await world.settled();

    const { data } = await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id });

    expect(data.payInvoice).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'PAYMENT_METHOD_REQUIRED' }] });
    expect(
      (await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id, method: bad })).data.payInvoice,
    ).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'paymentMethod'] }],
    });
  });

  it('is charged once when the answer of Stripe is lost on its way', async () => {
    const acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    const { subscription } = await latest('acme');
    const card = await addCard(world, 'acme', 'pm_card_mastercard');
    await fetch(`${world.sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'reset_after', path: '/v1/invoices/*/pay', times: 1 }),
    });

    const { data } = await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id, method: card });

    expect(data.payInvoice).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    const { data: charges } = await world.gateway.parts.stripe.charges.list({ limit: 100 });
    expect(charges.filter(({ paid }) => paid)).toHaveLength(2);
  });

  it("is nobody else's to pay: another account's invoice and card answer as absent ones", async () => {
    const acme = await subscriber(world, 'acme');
    const evil = await subscriber(world, 'evil');
    await failRenewal(world, 'acme');
    const { subscription } = await latest('acme');
    const foreign = (await latest('evil')).subscription.paymentMethod.id;

    const answers = [
      await evil.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id }),
      await evil.ask(PAY_INVOICE, { invoice: 'in_absent' }),
      await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id, method: foreign }),
      await acme.ask(REMOVE_METHOD, { id: foreign }),
    ];

    const found = answers.map(
      ({ data }) => Object.values<{ invoice?: unknown; userErrors: { code: string }[] }>(data)[0],
    );
    expect(found.map((payload) => payload?.userErrors[0]?.code)).toEqual(Array.from({ length: 4 }, () => 'NOT_FOUND'));
    expect(found.slice(0, 2).map((payload) => payload?.invoice)).toEqual([null, null]);
    expect((await latest('acme')).subscription.latestInvoice.status).toBe('OPEN');
  });
});

describe('an invoice that is not open', () => {
  it('is not paid twice', async () => {
    const world = await startWorld();
    const acme = await subscriber(world, 'acme');
    const { subscription } = (await acme.ask(WALLET)).data.viewer.account;

    const { data } = await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id });

    expect(data.payInvoice).toMatchObject({ outcome: 'NO_OP', invoice: { status: 'PAID' }, userErrors: [] });
    await world.stop();
  });
});

/** The customer's bank asks her, and she agrees. */
async function confirmWithBank({ sandbox }: World, intent: string): Promise<void> {
  const response = await fetch(`${sandbox.url}/3ds/${intent}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'ok=true',
    redirect: 'manual',
  });
  if (response.status >= 400) throw new Error(await response.text());
}
