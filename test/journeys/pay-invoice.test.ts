import {
  addCard,
  customerOf,
  failRenewal,
  PAY_INVOICE,
  REMOVE_METHOD,
  SET_DEFAULT,
  subscriber,
  WALLET,
} from '../support/payment-story.js';
import { completeIntents } from '../support/complete-intents.js';
import { type Person, startWorld, type World } from '../support/world.js';

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

describe('a subscription that is unpaid for good', () => {
  const STANDING = `{ viewer { account { access { reason remedy message } subscription {
    id status plan { key } latestInvoice { id status } paymentAction { kind clientSecret hostedUrl invoice { id status } }
  } } } }`;
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startWorld({}, undefined, { afterLastRetry: 'unpaid' });
    acme = await subscriber(world, 'acme');
    await failRenewal(world, 'acme');
    await world.advance({ by: 'P20D' });
    for (let periods = 2; periods > 0; periods -= 1) await world.advance({ by: 'P1M' });
  });
  afterEach(() => world.stop());

  const account = async () => (await acme.ask(STANDING)).data.viewer.account;
  const pay = async (invoice: string, method: string | null = null, key: string | null = null) =>
    (await acme.ask(PAY_INVOICE, { invoice, method, key })).data.payInvoice;
  /** Oldest first. */
  const invoices = async () => {
    const { data } = await world.gateway.parts.stripe.invoices.list({ customer: await customerOf(world, 'acme') });
    return data.map(({ id = '', status }) => ({ id, status })).reverse();
  };
  const statuses = async () => (await invoices()).map(({ status }) => status);

  it('names the newest draft as what is to be paid, and paying it, with what is given, brings all back', async () => {
    const [, , older, newest] = await invoices();
    const before = await account();
    const card = await addCard(world, 'acme', 'pm_card_visa');

    const paid = await pay(newest!.id, card);

    expect(before).toMatchObject({
      access: { reason: 'PAYMENT_OVERDUE', remedy: 'PAY_INVOICE', message: expect.stringContaining('newest invoice') },
      subscription: {
        status: 'UNPAID',
        latestInvoice: { id: newest!.id, status: 'DRAFT' },
        paymentAction: { kind: 'NEW_PAYMENT_METHOD', hostedUrl: null, invoice: { id: newest!.id } },
      },
    });
    expect(paid).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    expect(await account()).toMatchObject({
      access: { reason: 'ACTIVE' },
      subscription: { status: 'ACTIVE', plan: { key: 'team' }, paymentAction: null },
    });
    expect(await statuses()).toEqual(['paid', 'open', 'draft', 'paid']);
    expect(await pay(older!.id, card)).toMatchObject({ userErrors: [{ code: 'INVOICE_NOT_PAYABLE' }] });
  });

  it('pays by a new default what is open and the newest draft, and leaves older drafts alone', async () => {
    const card = await addCard(world, 'acme', 'pm_card_visa');

    const { data } = await acme.ask(SET_DEFAULT, { method: card });

    expect(data.setDefaultPaymentMethod).toMatchObject({
      userErrors: [],
      account: { subscription: { status: 'ACTIVE' }, access: { reason: 'ACTIVE' } },
    });
    expect(await statuses()).toEqual(['paid', 'paid', 'draft', 'paid']);
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });
    expect(await statuses()).toEqual(['paid', 'paid', 'draft', 'paid', 'paid']);
  });

  it('is not charged for drafts without a retry, and can pay with the new default then', async () => {
    const card = await addCard(world, 'acme', 'pm_card_visa');
    await acme.ask(SET_DEFAULT, { method: card, retry: false });
    const untouched = await statuses();

    const paid = await pay((await account()).subscription.latestInvoice.id);

    expect(untouched).toEqual(['paid', 'open', 'draft', 'draft']);
    expect(paid).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    expect(await statuses()).toEqual(['paid', 'open', 'draft', 'paid']);
  });

  it('has the newest invoice open, and no one collecting it, after the bank has refused it', async () => {
    const { latestInvoice } = (await account()).subscription;

    const refused = await pay(latestInvoice.id);
    await world.advance({ by: 'P8D' });

    expect(refused).toMatchObject({
      outcome: 'REJECTED',
      invoice: { status: 'OPEN' },
      userErrors: [{ code: 'CARD_DECLINED' }],
    });
    expect((await account()).subscription).toMatchObject({
      status: 'UNPAID',
      paymentAction: { kind: 'NEW_PAYMENT_METHOD', hostedUrl: expect.any(String), invoice: { id: latestInvoice.id } },
    });
    const card = await addCard(world, 'acme', 'pm_card_visa');
    expect(await pay(latestInvoice.id, card)).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect((await account()).subscription.status).toBe('ACTIVE');
  });

  it('has no older draft paid, nor a draft that is the newest at the gateway only', async () => {
    const [, , older] = await invoices();
    const card = await addCard(world, 'acme', 'pm_card_visa');
    const { database } = world.gateway.parts;

    const first = await pay(older!.id, card);
    await database.run('UPDATE subscriptions SET latest_invoice_id = ?', [older!.id]);
    const second = await pay(older!.id, card);

    expect([first, second]).toMatchObject([
      { outcome: 'REJECTED', invoice: { status: 'DRAFT' }, userErrors: [{ code: 'INVOICE_NOT_PAYABLE' }] },
      { outcome: 'REJECTED', invoice: { status: 'DRAFT' }, userErrors: [{ code: 'INVOICE_NOT_PAYABLE' }] },
    ]);
    expect(await statuses()).toEqual(['paid', 'open', 'draft', 'draft']);
  });

  it('is charged once when answers of Stripe are lost, and for a key that is repeated', async () => {
    const { latestInvoice } = (await account()).subscription;
    const card = await addCard(world, 'acme', 'pm_card_visa');
    for (const call of ['finalize', 'pay']) await fail(world, { kind: 'reset_after', path: `/v1/invoices/*/${call}` });

    const paid = await pay(latestInvoice.id, card, 'once');
    await world.gateway.parts.database.run('UPDATE intents SET answer = NULL', []);
    await world.restartGateway();

    expect(paid).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    expect(await pay(latestInvoice.id, card, 'once')).toEqual(paid);
    expect(await statuses()).toEqual(['paid', 'open', 'draft', 'paid']);
    expect(await charged(world)).toBe(2);
  });

  it('is paid in the end by a gateway whose Stripe was gone after the draft had been made final', async () => {
    const { latestInvoice } = (await account()).subscription;
    const card = await addCard(world, 'acme', 'pm_card_visa');
    await fail(world, { kind: 'error_before', path: '/v1/invoices/*/pay', times: 20 });

    const unknown = await acme.ask(PAY_INVOICE, { invoice: latestInvoice.id, method: card, key: 'later' });
    const between = await statuses();
    await fetch(`${world.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    await completeIntents(world);

    expect(unknown.errors?.[0]?.extensions?.code).toBe('PROVIDER_UNAVAILABLE');
    expect(between).toEqual(['paid', 'open', 'draft', 'open']);
    expect(await pay(latestInvoice.id, card, 'later')).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect((await account()).subscription.status).toBe('ACTIVE');
    expect(await charged(world)).toBe(2);
  });
});

describe('a draft of a subscription that is active', () => {
  it('waits for Stripe to make it final', async () => {
    const world = await startWorld();
    const acme = await subscriber(world, 'acme');
    await world.advance({ by: 'P1M' });
    const { subscription } = (await acme.ask(WALLET)).data.viewer.account;

    const { data } = await acme.ask(PAY_INVOICE, { invoice: subscription.latestInvoice.id });

    expect(subscription).toMatchObject({ status: 'ACTIVE', latestInvoice: { status: 'DRAFT' } });
    expect(data.payInvoice).toMatchObject({
      outcome: 'REJECTED',
      invoice: { status: 'DRAFT' },
      userErrors: [{ code: 'INVOICE_NOT_PAYABLE', hint: expect.stringContaining('UNPAID') }],
    });
    await world.stop();
  });
});

/** How often a bank let a charge through. */
async function charged({ gateway }: World): Promise<number> {
  const { data } = await gateway.parts.stripe.charges.list({ limit: 100 });
  return data.filter(({ paid }) => paid).length;
}

async function fail({ sandbox }: World, fault: { kind: string; path: string; times?: number }): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times: 1, ...fault }),
  });
}

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
