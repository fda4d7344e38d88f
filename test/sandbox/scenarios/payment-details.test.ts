import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('what is said of a payment', () => {
  let story: Story;
  let stripe: Stripe;
  beforeAll(async () => {
    story = await startStory();
    ({ stripe } = story);
  });
  afterAll(() => story.stop());

  const address = { line1: 'Hauptstr. 1', city: 'Bonn', country: 'DE' };
  const pay = (more: Partial<Stripe.PaymentIntentCreateParams>): Promise<Stripe.PaymentIntent> =>
    stripe.paymentIntents.create({ amount: 1500, currency: 'usd', confirm: true, ...more });

  it('shows on its charge, with the card that came along', async () => {
    const intent = await pay({
      payment_method_data: {
        type: 'card',
        card: { token: 'pm_card_visa' },
        billing_details: { name: 'Ada', address },
      } as never,
      shipping: { name: 'Ada', address },
      statement_descriptor_suffix: 'TEAM',
      mandate_data: { customer_acceptance: { type: 'online', online: { ip_address: '192.0.2.1', user_agent: 'x' } } },
      expand: ['latest_charge'],
    });

    expect(intent).toMatchObject({ status: 'succeeded', shipping: { name: 'Ada', address } });
    expect(intent.latest_charge).toMatchObject({
      billing_details: { name: 'Ada', address: { ...address, line2: null } },
      shipping: { name: 'Ada' },
      statement_descriptor_suffix: 'TEAM',
      calculated_statement_descriptor: 'SANDBOX* TEAM',
    });
    const charge = (intent.latest_charge as Stripe.Charge).id;
    expect(await stripe.charges.update(charge, { fraud_details: { user_report: 'safe' } })).toMatchObject({
      fraud_details: { user_report: 'safe' },
    });
    const both = pay({ payment_method: 'pm_card_visa', payment_method_data: { type: 'card', card: {} } as never });
    await expect(both).rejects.toMatchObject({ param: 'payment_method_data' });
  });

  it('asks a card for its holder where the card leaves it open, and sends the holder back', async () => {
    const card = { payment_method: 'pm_card_threeDSecureOptional', return_url: 'http://localhost/back' };
    expect((await pay(card)).status).toBe('succeeded');

    const asked = await pay({ ...card, payment_method_options: { card: { request_three_d_secure: 'any' } } });

    expect(asked).toMatchObject({
      status: 'requires_action',
      next_action: { redirect_to_url: { return_url: 'http://localhost/back' } },
    });
    const setup = await stripe.setupIntents.create({
      payment_method: 'pm_card_threeDSecureOptional',
      payment_method_options: { card: { request_three_d_secure: 'challenge' } },
      confirm: true,
    });
    expect(setup.status).toBe('requires_action');
  });

  it('fails at once where nobody is to be asked', async () => {
    const refused = pay({ payment_method: 'pm_card_threeDSecure2Required', error_on_requires_action: true });
    await expect(refused).rejects.toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      payment_intent: { status: 'requires_payment_method' },
    });
  });

  it('is final: what was paid is not paid again, nor changed', async () => {
    const { id } = await pay({ payment_method: 'pm_card_visa' });
    const again = stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    await expect(again).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
    await expect(stripe.paymentIntents.update(id, { amount: 1 })).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await stripe.paymentIntents.update(id, { description: 'Paid' })).toMatchObject({
      status: 'succeeded',
      description: 'Paid',
    });

    const held = await pay({ payment_method: 'pm_card_visa', capture_method: 'manual' });
    await expect(stripe.paymentIntents.capture(held.id, { amount_to_capture: 1501 })).rejects.toMatchObject({
      code: 'amount_too_large',
    });
    const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500, metadata: { part: '1' } });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 500, metadata: { part: '1' } });
  });

  it('sets a card up that came along with the call', async () => {
    const { id: customer } = await stripe.customers.create();
    const { id } = await stripe.setupIntents.create({ customer, usage: 'on_session' });
    const done = await stripe.setupIntents.confirm(id, {
      payment_method_data: { type: 'card', card: { token: 'pm_card_visa' } } as never,
      use_stripe_sdk: true,
    });
    expect(done).toMatchObject({ status: 'succeeded', usage: 'on_session' });
    expect((await stripe.customers.listPaymentMethods(customer)).data.map(({ id: held }) => held)).toEqual([
      done.payment_method,
    ]);
  });

  it('is found by a search, as products and prices are', async () => {
    const { id } = await pay({ payment_method: 'pm_card_visa', metadata: { order: '7' } });
    const price = await story.price('Searched', 700, { lookup_key: 'searched' });
    const { product } = await stripe.prices.retrieve(price);

    const found = await Promise.all([
      stripe.paymentIntents.search({ query: "metadata['order']:'7'" }),
      stripe.prices.search({ query: "lookup_key:'searched' AND active:'true'" }),
      stripe.products.search({ query: "name~'search'" }),
    ]);

    expect(found.map(({ data }) => data.map((one) => one.id))).toEqual([[id], [price], [product]]);
  });
});
