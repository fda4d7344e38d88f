import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

describe('the catalogue and its customers', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  it('tells what became of products, prices and coupons, and what they were before', async () => {
    const { stripe } = story;
    const product = await stripe.products.create({ name: 'Team' });
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100 });
    await stripe.prices.update(price.id, { active: false });
    await expect(stripe.products.del(product.id)).rejects.toMatchObject({ statusCode: 400 });
    const unsold = await stripe.products.create({ name: 'Unsold' });
    await stripe.products.del(unsold.id);
    const coupon = await stripe.coupons.create({ percent_off: 10 });
    await stripe.coupons.del(coupon.id);

    expect((await story.told()).sort()).toEqual(
      [
        'coupon.created',
        'coupon.deleted',
        'price.created',
        'price.updated',
        'product.created',
        'product.created',
        'product.deleted',
      ].sort(),
    );
    expect(story.last('price.updated').data.previous_attributes).toEqual({ active: true });
    expect((await stripe.prices.list({ product: product.id })).data).toEqual([]);
  });

  it('shows a changed price in the subscriptions that have it', async () => {
    const { stripe } = story;
    const price = await story.price('Team', 2000);
    const { id } = await stripe.subscriptions.create({ customer: await story.customer(), items: [{ price }] });

    await stripe.prices.update(price, { nickname: 'classic', metadata: { plan: 'team' } });

    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price).toMatchObject({
      nickname: 'classic',
      metadata: { plan: 'team' },
    });
  });

  it('attaches and detaches cards, and forgets a default that is gone', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
    await story.told();

    await stripe.paymentMethods.detach(String(method?.id));

    expect(await story.told()).toEqual(['payment_method.detached', 'customer.updated']);
    expect(story.last('payment_method.detached').data.previous_attributes).toEqual({ customer });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    await expect(
      stripe.subscriptions.create({ customer, items: [{ price: await story.price('Team', 2000) }] }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'resource_missing' });
  });

  it('goes on with a card that its network has issued anew', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
    await story.told();

    await control(story.sandbox, `payment_methods/${method?.id}/automatically_update`, {
      exp_year: 2050,
      last4: '1111',
    });

    expect(await story.told()).toEqual(['payment_method.automatically_updated']);
    expect(await stripe.paymentMethods.retrieve(String(method?.id))).toMatchObject({
      card: { exp_year: 2050, last4: '1111' },
    });
  });

  it('keeps events for thirty days', async () => {
    const { stripe, sandbox } = story;
    await stripe.customers.create();
    await sandbox.advance({ by: 'P29D' });
    expect((await stripe.events.list({ types: ['customer.created'] })).data).toHaveLength(1);
    await sandbox.advance({ by: 'P2D' });

    expect((await stripe.events.list({ type: 'customer.*' })).data).toEqual([]);
  });

  it('walks through events from the oldest one it knows', async () => {
    const { stripe } = story;
    await stripe.products.create({ name: '0' });
    const [known] = (await stripe.events.list()).data;
    for (const name of ['1', '2', '3']) await stripe.products.create({ name });

    const seen: string[] = [];
    for await (const event of stripe.events.list({ ending_before: known?.id, limit: 2, types: ['product.created'] }))
      seen.push((event.data.object as { name: string }).name);

    expect(seen).toEqual(['1', '2', '3']);
  });

  it('invoices by hand what is pending', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    await stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd', description: 'Setup' });

    const invoice = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: 'include',
      auto_advance: false,
    });
    expect(invoice).toMatchObject({ status: 'draft', total: 700, billing_reason: 'manual', parent: null });
    expect(await stripe.invoices.pay(invoice.id)).toMatchObject({ status: 'paid', amount_paid: 700 });

    const draft = await stripe.invoices.create({ customer });
    expect(await stripe.invoices.del(draft.id)).toMatchObject({ deleted: true });
    await expect(stripe.invoices.voidInvoice(invoice.id)).rejects.toMatchObject({ code: 'invoice_not_editable' });
  });

  it('asks for a card in a trial that begins without one', async () => {
    const { stripe } = story;
    const customer = (await stripe.customers.create()).id;
    const subscription = await stripe.subscriptions.create({
      customer,
      items: [{ price: await story.price('Team', 2000) }],
      trial_period_days: 7,
      payment_behavior: 'default_incomplete',
      expand: ['pending_setup_intent'],
    });
    const setup = subscription.pending_setup_intent as { id: string; client_secret: string };
    expect(setup.client_secret).toMatch(/^seti_/);

    await stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_visa' });

    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      pending_setup_intent: null,
      default_payment_method: expect.stringMatching(/^pm_/) as string,
    });
  });
});
