import { control } from '../support/stripe-for.js';
import { startStory, type Story } from '../support/story.js';

describe('details that are handed over', () => {
  let story: Story;
  let price: string;
  beforeEach(async () => {
    story = await startStory();
    price = await story.price('Team', 2000);
  });
  afterEach(() => story.stop());

  const session = {
    mode: 'subscription' as const,
    success_url: 'http://localhost/done',
    tax_id_collection: { enabled: true },
  };

  it('keeps where a customer receives parcels, and shows it on the invoice', async () => {
    const { stripe } = story;
    const shipping = { name: 'Ada', address: { line1: 'Hauptstr. 1', city: 'Bonn', country: 'DE' } };
    const customer = await story.customer('pm_card_visa', { shipping });

    const { latest_invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      expand: ['latest_invoice'],
    });

    expect(await stripe.customers.retrieve(customer)).toMatchObject({ shipping });
    expect(latest_invoice).toMatchObject({ customer_shipping: shipping });
    expect(await stripe.customers.update(customer, { shipping: '' })).toMatchObject({ shipping: null });
  });

  it('makes an invoice out to its customer as that is until it is issued, and shows it on the page', async () => {
    const { stripe } = story;
    const tax_id_data = [{ type: 'eu_vat' as const, value: 'DE123456789' }];
    const address = { line1: 'Hauptstr. 1', city: 'Bonn', postal_code: '53111', country: 'DE' };
    const customer = await story.customer('pm_card_visa', { name: 'Lovelace', address, tax_id_data });
    await stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' });
    const { id, ...first } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
    expect(first).toMatchObject({
      ...{ customer_name: 'Lovelace', customer_address: address },
      customer_tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
    });

    const { data: held } = await stripe.customers.listTaxIds(customer);
    await stripe.customers.deleteTaxId(customer, held[0]!.id);
    await stripe.customers.createTaxId(customer, { type: 'gb_vat', value: 'GB123456789' });
    await stripe.customers.update(customer, { name: 'Lovelace & Co', email: 'ada@example.com' });
    const buyer = {
      ...{ customer_name: 'Lovelace & Co', customer_email: 'ada@example.com', customer_address: address },
      customer_tax_ids: [{ type: 'gb_vat', value: 'GB123456789' }],
    };
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'draft', ...buyer });

    const { hosted_invoice_url } = await stripe.invoices.finalizeInvoice(id);
    await stripe.customers.update(customer, { name: 'Babbage', address: '' });
    await stripe.customers.createTaxId(customer, { type: 'eu_vat', value: 'FR12345678901' });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', ...buyer });
    const page = await (await fetch(String(hosted_invoice_url))).text();
    for (const shown of ['Billed to', 'Lovelace &#38; Co', 'Hauptstr. 1', '53111 Bonn', 'GB123456789'])
      expect(page).toContain(shown);
    expect(page).not.toMatch(/Babbage|FR12345678901/);
  });

  it('keeps the measures of a product', async () => {
    const { stripe } = story;
    const package_dimensions = { height: 1.5, length: 20, weight: 3, width: 4.25 };
    const { id } = await stripe.products.create({ name: 'Box', package_dimensions });

    expect(await stripe.products.retrieve(id)).toMatchObject({ package_dimensions });
    expect(await stripe.products.update(id, { package_dimensions: '' })).toMatchObject({ package_dimensions: null });
  });

  it('collects a tax id and a name, and hands them on to a known customer that may be changed', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer();
    await expect(
      stripe.checkout.sessions.create({ ...session, customer, line_items: [{ price, quantity: 1 }] }),
    ).rejects.toMatchObject({ param: 'customer_update[name]' });
    const { id, url } = await stripe.checkout.sessions.create({
      ...session,
      customer,
      customer_update: { name: 'auto' },
      line_items: [{ price, quantity: 1 }],
    });
    expect(await (await fetch(String(url))).text()).toContain('name="tax_id"');

    await control(sandbox, `checkout_sessions/${id}/complete`, {
      name: 'Lovelace GmbH',
      country: 'DE',
      tax_id: { type: 'eu_vat', value: 'DE123456789' },
    });

    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      status: 'complete',
      tax_id_collection: { enabled: true, required: 'never' },
      customer_details: { name: 'Lovelace GmbH', tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }] },
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ name: 'Lovelace GmbH', address: null });
    expect((await stripe.customers.listTaxIds(customer)).data).toMatchObject([{ value: 'DE123456789' }]);
  });

  it('asks for the tax id where it must be given', async () => {
    const { stripe, sandbox } = story;
    const { id } = await stripe.checkout.sessions.create({
      ...session,
      tax_id_collection: { enabled: true, required: 'if_supported' },
      line_items: [{ price, quantity: 1 }],
    });

    const { body } = await control(sandbox, `checkout_sessions/${id}/complete`, {});

    expect(body).toMatchObject({ error: { code: 'parameter_missing', param: 'tax_id' } });
  });

  it('refuses what it would not heed', async () => {
    const { stripe } = story;
    const customer = await story.customer();
    const { id, items } = await stripe.subscriptions.create({ customer, items: [{ price }] });

    await expect(stripe.subscriptions.update(id, { application_fee_percent: 5 })).rejects.toMatchObject({
      code: 'parameter_unknown',
      param: 'application_fee_percent',
    });
    await expect(stripe.subscriptionItems.del(items.data[0]?.id ?? '', { clear_usage: true })).rejects.toMatchObject({
      param: 'items[0][clear_usage]',
    });
    await expect(
      stripe.checkout.sessions.create({
        mode: 'subscription',
        success_url: 'http://localhost/done',
        customer,
        customer_update: { shipping: 'auto' },
        line_items: [{ price, quantity: 1 }],
      }),
    ).rejects.toMatchObject({ code: 'parameter_unknown', param: 'customer_update[shipping]' });
  });
});
