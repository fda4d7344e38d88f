import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('a decline that cannot be retried', () => {
  let story: Story;
  let subscription: string;
  let customer: string;
  beforeEach(async () => {
    story = await startStory();
    const { stripe, sandbox } = story;
    customer = await story.customer();
    const price = await story.price('Team', 2000);
    subscription = (await stripe.subscriptions.create({ customer, items: [{ price }] })).id;
    await fetch(`${sandbox.url}/_sandbox/customers/${customer}/next_payment`, {
      method: 'POST',
      body: JSON.stringify({ outcome: 'lost_card', times: 1 }),
    });
    await sandbox.advance({ to: '2027-05-01T02:00:00Z' });
  });
  afterEach(() => story.stop());

  const renewal = async (): Promise<Stripe.Invoice> => {
    const { data } = await story.stripe.invoices.list({ subscription, limit: 1 });
    return data[0] as Stripe.Invoice;
  };
  const charges = async (): Promise<number> => (await story.stripe.charges.list({ customer })).data.length;

  it('goes on with the schedule and counts, but charges nothing', async () => {
    expect(await renewal()).toMatchObject({ status: 'open', attempt_count: 1 });
    expect(await charges()).toBe(2);

    await story.sandbox.advance({ to: '2027-05-04T02:00:00Z' });

    const invoice = await renewal();
    expect(invoice).toMatchObject({ status: 'open', attempt_count: 2 });
    expect(invoice.next_payment_attempt).not.toBeNull();
    expect(await charges()).toBe(2);

    await story.sandbox.advance({ to: '2027-05-09T02:00:00Z' });
    expect(await charges()).toBe(2);
    expect(await story.stripe.subscriptions.retrieve(subscription)).toMatchObject({ status: 'canceled' });
  });

  it('charges at the next date once there is another card', async () => {
    const { stripe, sandbox } = story;
    const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });

    await sandbox.advance({ to: '2027-05-04T02:00:00Z' });

    expect(await renewal()).toMatchObject({ status: 'paid', attempt_count: 2 });
    expect(await charges()).toBe(3);
  });

  it('charges the same card when it is asked to pay by hand', async () => {
    const { id } = await renewal();

    expect(await story.stripe.invoices.pay(id ?? '')).toMatchObject({ status: 'paid', attempt_count: 1 });
  });
});
