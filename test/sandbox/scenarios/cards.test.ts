import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

/** Every card of Stripe's tables of test cards: its token and number, and what becomes of it. */
interface Row {
  token: string | null;
  number: string;
  /** The code (and decline code) with which the bank or Stripe refuses it; it cannot be attached then. */
  refused?: [code: string, declineCode?: string];
  /** What a payment ends with while its holder is there, and what once the holder has authenticated. */
  pays?: Outcome;
  then?: Outcome;
  /** What a payment ends with while its holder is away: for a card that was never set up, and for one that was. */
  away?: Outcome;
  setUp?: Outcome;
  /** What its holder or bank does after a payment: type and how many, with what the object shows. */
  after?: [type: string, times: number, shown: object];
  /** The status of its refunds at once and a day later. */
  refunds?: [now: string, later: string];
}
type Outcome = 'succeeded' | 'requires_action' | string;

const asks = 'requires_action';
const unsure = 'authentication_required';
const broke = 'card_declined/insufficient_funds';
const no = 'card_declined/generic_decline';
const dispute = 'charge.dispute.created';

const table: Row[] = [
  { token: 'pm_card_visa', number: '4242424242424242' },
  { token: 'pm_card_mastercard', number: '5555555555554444' },
  { token: 'pm_card_amex', number: '378282246310005' },
  {
    token: 'pm_card_visa_chargeDeclined',
    number: '4000000000000002',
    refused: ['card_declined', 'generic_decline'],
  },
  {
    token: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    number: '4000000000009995',
    refused: ['card_declined', 'insufficient_funds'],
  },
  {
    token: 'pm_card_visa_chargeDeclinedLostCard',
    number: '4000000000009987',
    refused: ['card_declined', 'lost_card'],
  },
  {
    token: 'pm_card_visa_chargeDeclinedStolenCard',
    number: '4000000000009979',
    refused: ['card_declined', 'stolen_card'],
  },
  { token: 'pm_card_chargeDeclinedExpiredCard', number: '4000000000000069', refused: ['expired_card'] },
  { token: 'pm_card_chargeDeclinedIncorrectCvc', number: '4000000000000127', refused: ['incorrect_cvc'] },
  { token: 'pm_card_chargeDeclinedProcessingError', number: '4000000000000119', refused: ['processing_error'] },
  {
    token: 'pm_card_visa_chargeDeclinedVelocityLimitExceeded',
    number: '4000000000006975',
    refused: ['card_declined', 'card_velocity_exceeded'],
  },
  { token: null, number: '4100000000000019', refused: ['card_declined', 'fraudulent'] },
  { token: 'pm_card_chargeCustomerFail', number: '4000000000000341', pays: no, away: no, setUp: no },
  {
    token: 'pm_card_authenticationRequiredOnSetup',
    number: '4000002500003155',
    pays: asks,
    then: 'succeeded',
    away: unsure,
  },
  {
    token: 'pm_card_authenticationRequired',
    number: '4000002760003184',
    pays: asks,
    then: 'succeeded',
    away: unsure,
    setUp: unsure,
  },
  {
    token: 'pm_card_authenticationRequiredSetupForOffSession',
    number: '4000003800000446',
    pays: asks,
    then: 'succeeded',
  },
  {
    token: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    number: '4000008260003178',
    pays: asks,
    then: broke,
    away: unsure,
    setUp: unsure,
  },
  {
    token: 'pm_card_threeDSecure2Required',
    number: '4000000000003220',
    pays: asks,
    then: 'succeeded',
    away: unsure,
    setUp: unsure,
  },
  {
    token: 'pm_card_threeDSecureRequiredChargeDeclined',
    number: '4000008400001629',
    pays: asks,
    then: no,
    away: unsure,
    setUp: unsure,
  },
  {
    token: 'pm_card_threeDSecureRequiredProcessingError',
    number: '4000008400001280',
    pays: 'processing_error/processing_error',
    away: 'processing_error/processing_error',
    setUp: 'processing_error/processing_error',
  },
  { token: 'pm_card_threeDSecureOptional', number: '4000000000003055' },
  {
    token: 'pm_card_createDispute',
    number: '4000000000000259',
    after: [dispute, 1, { reason: 'fraudulent', status: 'needs_response' }],
  },
  {
    token: 'pm_card_createDisputeProductNotReceived',
    number: '4000000000002685',
    after: [dispute, 1, { reason: 'product_not_received', status: 'needs_response' }],
  },
  {
    token: 'pm_card_createDisputeInquiry',
    number: '4000000000001976',
    after: [dispute, 1, { status: 'warning_needs_response', balance_transactions: [] }],
  },
  {
    token: 'pm_card_createMultipleDisputes',
    number: '4000000404000079',
    after: [dispute, 2, { status: 'needs_response' }],
  },
  {
    token: 'pm_card_createIssuerFraudRecord',
    number: '4000000000005423',
    after: ['radar.early_fraud_warning.created', 1, { actionable: true }],
  },
  { token: 'pm_card_pendingRefund', number: '4000000000007726', refunds: ['pending', 'succeeded'] },
  { token: 'pm_card_refundFail', number: '4000000000005126', refunds: ['succeeded', 'failed'] },
  { token: 'pm_card_bypassPending', number: '4000000000000077' },
];

/** Each card twice: by its token and by its number. */
const cards = table.flatMap((row) => (row.token ? [[row.token, row] as const] : []).concat([[row.number, row]]));

describe('a test card', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  /** The id or token of the card that is written so. */
  const methodOf = async (written: string): Promise<string> =>
    /^\d+$/.test(written)
      ? (
          await story.stripe.paymentMethods.create({
            type: 'card',
            card: { number: written, exp_month: 1, exp_year: 2040, cvc: '123' },
          })
        ).id
      : written;

  const create = (payment_method: string, more = {}): Promise<Stripe.PaymentIntent> =>
    story.stripe.paymentIntents.create({ amount: 1000, currency: 'usd', payment_method, confirm: true, ...more });

  const pay = (payment_method: string, more = {}): Promise<Outcome> =>
    create(payment_method, more).then(({ status }) => status, codes);

  const codes = (error: Stripe.errors.StripeError): string =>
    error.code === 'authentication_required' ? error.code : `${error.code}/${error.decline_code}`;

  const answerAs = (url: string | null | undefined): Promise<Response> =>
    fetch(String(url), { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ok: 'true' }) });

  it.each(cards)('%s is told apart from the others', async (written, { token, number }) => {
    const { stripe } = story;
    const { card } = await stripe.paymentMethods.retrieve(await methodOf(written));
    expect(card?.last4).toBe(number.slice(-4));
    if (token) {
      const twin = await stripe.paymentMethods.retrieve(await methodOf(token));
      expect(card?.fingerprint).toBe(twin.card?.fingerprint);
    }
  });

  it.each(cards.filter(([, { refused }]) => refused))(
    '%s is declined, and cannot be attached',
    async (written, row) => {
      const [code, decline_code = code] = row.refused ?? [];
      const method = await methodOf(written);

      await expect(create(method)).rejects.toMatchObject({
        type: 'StripeCardError',
        statusCode: 402,
        code,
        decline_code,
        payment_intent: { status: 'requires_payment_method' },
      });
      const customer = (await story.stripe.customers.create()).id;
      await expect(story.stripe.paymentMethods.attach(method, { customer })).rejects.toMatchObject({
        statusCode: 402,
        code,
        decline_code,
      });
      await expect(
        story.stripe.setupIntents.create({ customer, payment_method: method, confirm: true }),
      ).rejects.toMatchObject({ code });
      const [charge] = (await story.stripe.charges.list()).data;
      expect(charge?.outcome?.type).toBe(decline_code === 'fraudulent' ? 'blocked' : 'issuer_declined');
    },
  );

  it.each(cards.filter(([, { refused }]) => !refused))('%s pays as its holder can', async (written, row) => {
    const { pays = 'succeeded', then, away = 'succeeded', setUp = 'succeeded', after } = row;
    const { stripe } = story;
    const customer = (await stripe.customers.create()).id;
    const method = (await stripe.paymentMethods.attach(await methodOf(written), { customer })).id;
    const attached = { customer, off_session: true };

    expect(await pay(method, attached)).toBe(away);
    const first = await pay(method, { customer });
    expect(first).toBe(pays);
    if (then) {
      const [waiting] = (await stripe.paymentIntents.list({ customer, limit: 1 })).data;
      await answerAs(waiting?.next_action?.redirect_to_url?.url);
      const answered = await stripe.paymentIntents.retrieve(String(waiting?.id));
      const error = answered.last_payment_error;
      expect(error ? `${error.code}/${error.decline_code}` : answered.status).toBe(then);
    }
    const setup = await stripe.setupIntents.create({ customer, payment_method: method, confirm: true });
    if (setup.status === 'requires_action') await answerAs(setup.next_action?.redirect_to_url?.url);
    expect(await stripe.setupIntents.retrieve(setup.id)).toMatchObject({ status: 'succeeded' });
    expect(await pay(method, attached)).toBe(setUp);

    if (!after) return;
    const [type, times, shown] = after;
    await story.told();
    const charges = (await stripe.charges.list({ customer })).data.map(({ id }) => id);
    const told = story.receiver.events.filter((event) => event.type === type).map(({ data }) => data.object);
    expect(told).toHaveLength(times * charges.length);
    for (const object of told) expect(object).toMatchObject({ ...shown, livemode: false });
  });

  it.each(cards.filter(([, { refunds }]) => refunds))('%s has its refunds take time', async (written, { refunds }) => {
    const { stripe, sandbox } = story;
    const intent = await create(await methodOf(written));

    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe(refunds?.[0]);
    await sandbox.advance({ by: 'P1D' });

    expect((await stripe.refunds.retrieve(refund.id)).status).toBe(refunds?.[1]);
    const told = await story.told();
    expect(told).toContain('refund.updated');
    expect(told.includes('refund.failed')).toBe(refunds?.[1] === 'failed');
  });

  it('with a mistyped number is refused, and an unknown one named', async () => {
    const enter = (number: string): Promise<unknown> =>
      story.stripe.paymentMethods.create({ type: 'card', card: { number, exp_month: 1, exp_year: 2040, cvc: '123' } });
    await expect(enter('4242424242424241')).rejects.toMatchObject({ code: 'incorrect_number' });
    await expect(enter('1234567812345678')).rejects.toMatchObject({ param: 'card[number]' });
    await expect(enter('5555555555554444')).resolves.toMatchObject({ card: { last4: '4444' } });
  });

  it('stops paying once its own month is over', async () => {
    const card = await story.stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4242424242424242', exp_month: 4, exp_year: 2027, cvc: '123' },
    });
    expect(await pay(card.id)).toBe('succeeded');
    await story.sandbox.advance({ by: 'P1M' });

    expect(await pay(card.id)).toBe('expired_card/expired_card');
  });
});
