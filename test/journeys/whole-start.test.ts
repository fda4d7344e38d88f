import type Stripe from 'stripe';
import { type Buyers, buyersOf, NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { customerOf, SETUP_INTENT } from '../support/payment-story.js';
import { told } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const ACTION = '{ viewer { account { invoices(first: 1) { nodes { paymentAction { expiresAt } } } } } }';
const GRANTED = '{ viewer { account { entitlement(feature: "members-per-team") { granted limit remedy } } } }';

describe('a subscription that begins without a page, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  let buyers: Buyers;
  beforeAll(async () => {
    world = await startWorld({ ALLOWED_PAYMENT_METHOD_TYPES: 'card,us_bank_account' });
    ({ stripe } = world.gateway.parts);
    buyers = buyersOf(world);
  });
  afterEach(() => buyers.leave());
  afterAll(() => world.stop());

  it('is the stored answer for a repeated key, and refused for another input', async () => {
    const { story, paymentMethod } = await buyers.withCard('keyed', 'pm_card_visa');
    const input = { paymentMethod, idempotencyKey: 'once' };
    const first = await buyers.start(story, input);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ id: first.subscription.id, status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-keyed', 'The plan changed from Free to Team.')]),
    });

    expect(await buyers.start(story, input)).toEqual(first);
    expect((await buyers.start(story, { ...input, plan: 'business' })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    expect(await story.chapter()).toMatchObject(NOTHING);
  });

  it('says what a refused card was refused for and what to do, charges nothing, and takes back what it began', async () => {
    const { story, paymentMethod } = await buyers.withCard('declined', 'pm_card_chargeCustomerFail');

    expect(await buyers.start(story, { paymentMethod })).toMatchObject({
      outcome: 'REJECTED',
      subscription: null,
      paymentAction: null,
      userErrors: [
        {
          ...{ __typename: 'CardDeclinedError', code: 'CARD_DECLINED', message: 'Your card was declined.' },
          ...{ declineCode: 'generic_decline', retryable: false, field: ['input', 'paymentMethod'] },
          hint: 'Nothing was started and nothing is charged; use another payment method.',
        },
      ],
    });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'void', total: 2_000, paid: 0 }],
      stored: {
        account: { planKey: 'free' },
        subscriptions: [{ status: 'CANCELED' }],
        invoices: [{ status: 'VOID' }],
      },
      last: { plan: { key: 'free' }, subscription: null, access: { reason: 'FREE_PLAN' } },
      history: expect.arrayContaining([told('user-of-declined', 'was voided.')]),
    });
  });

  it('waits for the browser where no card is stored, and gives nothing before it is paid', async () => {
    const story = await buyers.begin('waiting');
    const started = await buyers.start(story);
    expect(started).toMatchObject({
      outcome: 'ACTION_REQUIRED',
      paymentAction: { kind: 'NEW_PAYMENT_METHOD', clientSecret: expect.stringContaining('_secret_') },
      invoice: { status: 'OPEN' },
    });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'open', lines: [[ONE_TEAM, 2_000]], paid: 0 }],
      stored: { account: { planKey: 'free' }, subscriptions: [{ status: 'INCOMPLETE' }] },
      last: { plan: { key: 'free' }, access: { reason: 'FREE_PLAN' } },
      history: expect.arrayContaining([told('user-of-waiting', 'The subscription waits for its first payment.')]),
    });

    const [intent] = String(started.paymentAction.clientSecret).split('_secret_');
    await stripe.paymentIntents.confirm(String(intent), { payment_method: 'pm_card_visa' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', paid: 2_000 }],
      stored: { account: { planKey: 'team' }, subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' }, access: { allowed: true } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Free to Team.')]),
    });
  });

  it('says until when a first payment can be confirmed: Stripe gives it up after 23 hours', async () => {
    const { story, paymentMethod } = await buyers.withCard('asked', 'pm_card_authenticationRequired');
    const started = await buyers.start(story, { paymentMethod });
    const { created } = await stripe.subscriptions.retrieve(started.subscription.id as string);
    const shown = (await story.person.ask(ACTION)).data.viewer.account.invoices.nodes[0];

    const expiresAt = new Date((created + 23 * 3_600) * 1_000).toISOString();
    expect(started.paymentAction).toMatchObject({ kind: 'CONFIRM_PAYMENT', expiresAt });
    expect(shown.paymentAction).toEqual({ expiresAt });
  });

  it('charges a card that the browser has only just set up, of which no event has told yet', async () => {
    const story = await buyers.begin('early');
    await story.person.ask(SETUP_INTENT);
    await hold(true);
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer: await customerOf(world, 'early') });
    const started = await buyers.start(story, { paymentMethod: id });
    await hold(false);

    expect(started).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { subscriptions: [{ status: 'ACTIVE', defaultPaymentMethodId: id }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-early', 'The plan changed from Free to Team.')]),
    });
  });

  it('is under way while a bank debit is, with the free plan as before, and gives more only when the money is there', async () => {
    const { story, paymentMethod } = await buyers.withCard('debited', 'pm_usBankAccount_success');

    expect(await buyers.start(story, { paymentMethod })).toMatchObject({
      outcome: 'PROCESSING',
      invoice: { status: 'OPEN' },
      userErrors: [],
    });
    const waiting = await story.chapter();
    expect(waiting).toMatchObject({
      charged: [{ status: 'open', paid: 0 }],
      stored: { account: { planKey: 'free' }, invoices: [{ status: 'OPEN', amountPaid: 0 }] },
      last: { plan: { key: 'free' }, access: { allowed: true, reason: 'FIRST_PAYMENT_PENDING' } },
      history: expect.arrayContaining([told('user-of-debited', 'over $20.00 was issued.')]),
    });
    expect(JSON.stringify(waiting.history)).not.toMatch(/withdrawn|plan changed/);
    const { entitlement } = (await story.person.ask(GRANTED)).data.viewer.account;
    expect(entitlement).toEqual({ granted: true, limit: 3, remedy: 'NONE' });

    await world.advance({ by: 'P5D' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { account: { planKey: 'team' }, invoices: [{ status: 'PAID', amountPaid: 2_000 }] },
      last: { plan: { key: 'team' }, access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([
        told('stripe', 'over $20.00 was paid.'),
        told('stripe', 'The plan changed from Free to Team.'),
      ]),
    });
  });

  /** Stripe's deliveries wait. */
  async function hold(waits: boolean): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ hold: waits });
    await fetch(`${world.sandbox.url}/_sandbox/delivery`, { method: 'POST', headers, body });
  }
});
