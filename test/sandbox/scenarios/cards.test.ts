import { startStory, type Story } from '../support/story.js';

const refused = [
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
] as const;

const authenticating = [
  ['pm_card_authenticationRequired', 'requires_action', 'succeeded'],
  ['pm_card_authenticationRequiredOnSetup', 'requires_action', 'succeeded'],
  ['pm_card_authenticationRequiredSetupForOffSession', 'requires_action', 'succeeded'],
  ['pm_card_threeDSecure2Required', 'requires_action', 'succeeded'],
  ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', 'requires_action', 'requires_payment_method'],
  ['pm_card_threeDSecureRequiredChargeDeclined', 'requires_action', 'requires_payment_method'],
] as const;

const fine = [
  'pm_card_visa',
  'pm_card_mastercard',
  'pm_card_amex',
  'pm_card_threeDSecureOptional',
  'pm_card_bypassPending',
] as const;

describe('a test card', () => {
  let story: Story;
  beforeAll(async () => (story = await startStory()));
  afterAll(() => story.stop());

  const pay = (payment_method: string, more = {}): ReturnType<Story['stripe']['paymentIntents']['create']> =>
    story.stripe.paymentIntents.create({ amount: 1000, currency: 'usd', payment_method, confirm: true, ...more });

  it.each(fine)('%s pays', async (token) => {
    expect(await pay(token)).toMatchObject({ status: 'succeeded', amount_received: 1000 });
  });

  it.each(refused)('%s is declined as %s/%s, and cannot be attached', async (token, code, decline_code) => {
    await expect(pay(token)).rejects.toMatchObject({
      type: 'StripeCardError',
      code,
      decline_code,
      payment_intent: { status: 'requires_payment_method' },
    });
    const customer = (await story.stripe.customers.create()).id;
    await expect(story.stripe.paymentMethods.attach(token, { customer })).rejects.toMatchObject({
      statusCode: 402,
      code,
    });
  });

  it.each(authenticating)('%s first is %s, then %s', async (token, first, then) => {
    const intent = await pay(token);
    expect(intent.status).toBe(first);
    const url = intent.next_action?.redirect_to_url?.url ?? '';
    await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ok: 'true' }) });

    expect((await story.stripe.paymentIntents.retrieve(intent.id)).status).toBe(then);
  });

  it('that is set up for off-session use passes without its holder', async () => {
    const customer = (await story.stripe.customers.create()).id;
    const setup = await story.stripe.setupIntents.create({
      customer,
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      confirm: true,
    });
    expect(setup.status).toBe('requires_action');
    await fetch(setup.next_action?.redirect_to_url?.url ?? '', {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ok: 'true' }),
    });
    const [method] = (await story.stripe.paymentMethods.list({ customer })).data;

    expect(await pay(String(method?.id), { customer, off_session: true })).toMatchObject({ status: 'succeeded' });
    await expect(pay('pm_card_authenticationRequired', { off_session: true })).rejects.toMatchObject({
      code: 'authentication_required',
    });
  });

  it('with a mistyped number is refused, and an unknown one named', async () => {
    const create = (number: string): Promise<unknown> =>
      story.stripe.paymentMethods.create({ type: 'card', card: { number, exp_month: 1, exp_year: 2040, cvc: '123' } });
    await expect(create('4242424242424241')).rejects.toMatchObject({ code: 'incorrect_number' });
    await expect(create('1234567812345678')).rejects.toMatchObject({ param: 'card[number]' });
    await expect(create('5555555555554444')).resolves.toMatchObject({ card: { last4: '4444' } });
  });

  it('stops paying once its own month is over', async () => {
    const card = await story.stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4242424242424242', exp_month: 4, exp_year: 2027, cvc: '123' },
    });
    expect(await pay(card.id)).toMatchObject({ status: 'succeeded' });
    await story.sandbox.advance({ by: 'P1M' });

    await expect(pay(card.id)).rejects.toMatchObject({ code: 'expired_card' });
  });
});
