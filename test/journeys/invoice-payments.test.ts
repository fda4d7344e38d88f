import { eventually } from '../support/eventually.js';
import { addCard, failRenewal, PAY_INVOICE, subscriber } from '../support/payment-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const PAYMENT = `paymentMethod { id label } nextAttemptAt
  paymentAttempts { at succeeded amount { minor currency } declineCode message }
  paymentAction { kind clientSecret hostedUrl expiresAt invoice { id } }`;
const PAID = `id status lastPayment { at amount { minor currency } } lastPaymentAttemptAt
  paymentAction { kind invoice { id } } latestInvoice { id status hostedUrl ${PAYMENT} }`;
const READ = `{ viewer { account { revision subscription { ${PAID} } timeline(first: 50) { nodes { title detail } } } } }`;
const WATCH = `subscription { accountUpdated { account { subscription { ${PAID} } } } }`;

describe('how an invoice is paid', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const read = async (person: Person) => (await person.ask(READ)).data.viewer.account;
  const reading = (world: World) => {
    const paths: string[] = [];
    world.gateway.parts.stripe.on('request', ({ path }: { path: string }) => paths.push(path));
    return () => paths.splice(0);
  };

  it('is told from the first charge to the one that succeeds: stored, pushed, and read without asking Stripe', async () => {
    const acme = await subscriber(world, 'payer');
    const first = (await read(acme)).subscription;
    const card = await failRenewal(world, 'payer');
    const failed = (await read(acme)).subscription;
    const live = acme.watch(WATCH);
    await live.until(({ accountUpdated: { account } }) => account.subscription.paymentAction !== null);
    await acme.ask(PAY_INVOICE, { invoice: failed.latestInvoice.id, method: card });
    const twice = (await read(acme)).subscription;
    const good = await addCard(world, 'payer', 'pm_card_mastercard');
    await acme.ask(PAY_INVOICE, { invoice: failed.latestInvoice.id, method: good });
    await world.settled();
    const asked = reading(world);
    const { subscription: paid, timeline } = await read(acme);

    expect(asked()).toEqual([]);
    expect(first).toMatchObject({
      lastPayment: { at: first.lastPaymentAttemptAt, amount: { minor: 2_000, currency: 'USD' } },
      paymentAction: null,
      latestInvoice: {
        paymentMethod: { label: 'Visa ending 4242' },
        paymentAttempts: [{ succeeded: true, amount: { minor: 2_000 }, declineCode: null, message: null }],
      },
    });
    const declined = {
      ...{ succeeded: false, amount: { minor: 2_000, currency: 'USD' } },
      ...{ declineCode: 'generic_decline', message: 'Your card was declined.' },
    };
    const action = { kind: 'NEW_PAYMENT_METHOD', invoice: { id: failed.latestInvoice.id } };
    expect(failed).toMatchObject({
      ...{ status: 'PAST_DUE', lastPayment: first.lastPayment, paymentAction: action },
      latestInvoice: {
        paymentMethod: { id: card },
        paymentAttempts: [declined],
        nextAttemptAt: expect.any(String),
        paymentAction: { ...action, clientSecret: null, hostedUrl: failed.latestInvoice.hostedUrl, expiresAt: null },
      },
    });
    expect(failed.lastPaymentAttemptAt > first.lastPaymentAttemptAt).toBe(true);
    expect(twice.latestInvoice.paymentAttempts).toMatchObject([declined, declined]);
    expect(paid).toMatchObject({
      ...{ status: 'ACTIVE', paymentAction: null },
      lastPayment: { amount: { minor: 2_000 } },
      latestInvoice: {
        paymentMethod: { id: good },
        paymentAttempts: [declined, declined, { succeeded: true, declineCode: null }],
        nextAttemptAt: null,
      },
    });
    expect(paid.lastPayment.at).toBe(paid.lastPaymentAttemptAt);
    const pushed = await live.until(({ accountUpdated: { account } }) => account.subscription.status === 'ACTIVE');
    expect(pushed.accountUpdated.account.subscription).toEqual(paid);
    live.close();
    const tried = timeline.nodes.filter(({ title }: { title: string }) => title === 'A payment was tried.');
    expect(tried).toHaveLength(1);
    expect(JSON.stringify(timeline)).not.toContain('The subscription was updated.');
  });

  it('says that the bank wants a confirmation, also to who comes later and reads', async () => {
    const acme = await subscriber(world, 'confirming');
    await failRenewal(world, 'confirming', 'pm_card_authenticationRequired');

    const { subscription } = await read(acme);

    expect(subscription).toMatchObject({
      status: 'PAST_DUE',
      paymentAction: { kind: 'CONFIRM_PAYMENT' },
      latestInvoice: { paymentAttempts: [], paymentAction: { kind: 'CONFIRM_PAYMENT', clientSecret: null } },
    });
  });

  it('leads to the page of an invoice that is sent', async () => {
    const acme = await subscriber(world, 'sent');
    const { stripe } = world.gateway.parts;
    const { id } = (await read(acme)).subscription;
    await stripe.subscriptions.update(id, { collection_method: 'send_invoice', days_until_due: 14 });
    await world.advance({ by: 'P1M' });
    await world.advance({ by: 'PT2H' });

    const { latestInvoice } = (await read(acme)).subscription;

    expect(latestInvoice).toMatchObject({
      ...{ status: 'OPEN', paymentMethod: null, paymentAttempts: [] },
      paymentAction: { kind: 'PAY_HOSTED_INVOICE', hostedUrl: latestInvoice.hostedUrl },
    });
  });

  it('is asked again when Stripe did not answer the first time, and what else was seen holds meanwhile', async () => {
    const acme = await subscriber(world, 'slow');
    const first = (await read(acme)).subscription;
    await fault({ kind: 'error_before', method: 'GET', path: '/v1/charges', times: 1_000 });
    await world.advance({ by: 'P1M' });
    await world.sandbox.advance({ by: 'PT2H' });
    const current = async () => (await read(acme)).subscription;
    const renewed = await eventually(current, ({ lastPayment }) => lastPayment.at > first.lastPayment.at);
    await fault(null);
    const told = await eventually(current, ({ latestInvoice }) => latestInvoice.paymentAttempts.length > 0);

    expect(renewed.latestInvoice).toMatchObject({ status: 'PAID', paymentAttempts: [] });
    expect(told.latestInvoice.paymentAttempts).toMatchObject([{ succeeded: true }]);
  });

  const fault = (body: object | null) =>
    fetch(`${world.sandbox.url}/_sandbox/faults`, {
      method: body ? 'POST' : 'DELETE',
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
});
