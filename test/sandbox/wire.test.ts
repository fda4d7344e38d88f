import Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from './support/stripe-for.js';

describe('the wire', () => {
  let sandbox: Sandbox;
  let stripe: Stripe;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 5 });
    stripe = stripeFor(sandbox);
  });
  afterAll(() => sandbox.stop());

  const call = (path: string, init: RequestInit = {}, key = 'sk_test_wire'): Promise<Response> =>
    fetch(`${sandbox.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    call(path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });

  it('reads indexed, encoded and empty brackets alike', async () => {
    const bodies = [
      'name=A&images[0]=http://a.b/1&metadata[k]=v',
      'name=A&images%5B0%5D=http%3A%2F%2Fa.b%2F1&metadata%5Bk%5D=v',
      'name=A&images[]=http://a.b/1&metadata[k]=v',
    ];
    for (const body of bodies) {
      expect(await (await post('/v1/products', body)).json()).toMatchObject({
        images: ['http://a.b/1'],
        metadata: { k: 'v' },
      });
    }
  });

  it('answers with request-id, stripe-version and the idempotency key', async () => {
    const answer = await post('/v1/customers', '', { 'idempotency-key': 'one', 'stripe-version': '2026-10-28.endive' });

    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    expect(answer.headers.get('stripe-version')).toBe('2026-10-28.endive');
    expect(answer.headers.get('idempotency-key')).toBe('one');
  });

  it('accepts any test key, as bearer or as basic user, and no other', async () => {
    const basic = await fetch(`${sandbox.url}/v1/customers`, {
      headers: { authorization: `Basic ${Buffer.from('sk_test_1:').toString('base64')}` },
    });
    expect(basic.status).toBe(200);
    expect((await call('/v1/customers', {}, 'sk_live_1')).status).toBe(401);
    expect((await fetch(`${sandbox.url}/v1/customers`)).status).toBe(401);
    await expect(
      new Stripe('pk_test_1', { host: '127.0.0.1', port: sandbox.port, protocol: 'http' }).customers.list(),
    ).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  });

  it('names the parameter that is unknown, missing, empty or of the wrong kind', async () => {
    const refused = async (path: string, body: string): Promise<unknown> =>
      ((await (await post(path, body)).json()) as { error: unknown }).error;
    expect(await refused('/v1/customers', 'foo=1')).toMatchObject({
      code: 'parameter_unknown',
      param: 'foo',
      type: 'invalid_request_error',
    });
    expect(await refused('/v1/subscriptions', 'customer=cus_1&items[0][prize]=1')).toMatchObject({
      code: 'parameter_unknown',
      param: 'items[0][prize]',
    });
    expect(await refused('/v1/products', '')).toMatchObject({ code: 'parameter_missing', param: 'name' });
    expect(await refused('/v1/products', 'name=')).toMatchObject({ code: 'parameter_invalid_empty', param: 'name' });
    expect(await refused('/v1/prices', 'currency=usd&unit_amount=ten&product=x')).toMatchObject({
      code: 'parameter_invalid_integer',
      param: 'unit_amount',
    });
    expect(await refused('/v1/prices', 'currency=usd&unit_amount=1&product=prod_none')).toMatchObject({
      code: 'resource_missing',
      param: 'product',
    });
  });

  it('answers 404 for an unknown id and for an unknown path, each in its own words', async () => {
    await expect(stripe.customers.retrieve('cus_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_none'",
    });
    expect(await (await call('/v1/issuing/cards')).json()).toMatchObject({
      error: { message: expect.stringContaining('Unrecognized request URL (GET: /v1/issuing/cards)') as string },
    });
  });

  it('refuses what endive has left behind', async () => {
    const customer = (await stripe.customers.create()).id;
    const price = (
      await stripe.prices.create({
        currency: 'usd',
        unit_amount: 100,
        recurring: { interval: 'month' },
        product_data: { name: 'P' },
      })
    ).id;
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }], trial_period_days: 3 });
    const codeOf = async (path: string, body: string): Promise<unknown> =>
      ((await (await post(path, body)).json()) as { error: { code?: string; param?: string } }).error;
    expect(await codeOf('/v1/payment_intents', 'amount=100&currency=usd&payment_method_types[0]=card')).toMatchObject({
      code: 'payment_method_types_no_longer_supported',
    });
    expect(await codeOf(`/v1/subscriptions/${id}`, 'billing_cycle_anchor=now')).toMatchObject({
      param: 'billing_cycle_anchor',
    });
    expect(await codeOf(`/v1/subscriptions/${id}`, 'coupon=x')).toMatchObject({
      code: 'parameter_unknown',
      param: 'coupon',
    });
    expect(
      await codeOf(
        '/v1/checkout/sessions',
        `mode=subscription&ui_mode=hosted&success_url=http://a.b&line_items[0][price]=${price}`,
      ),
    ).toMatchObject({ param: 'ui_mode' });
    expect(
      await codeOf(
        '/v1/subscription_schedules',
        `customer=${customer}&phases[0][items][0][price]=${price}&phases[0][iterations]=2`,
      ),
    ).toMatchObject({ param: 'phases[0][iterations]' });
  });

  it('adds currencies to a price, keeps those it has, and tells of it only where something changes', async () => {
    const { id } = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 100,
      product_data: { name: 'P' },
      currency_options: { eur: { unit_amount: 90, tax_behavior: 'inclusive' } },
    });
    const add = (options: Stripe.PriceUpdateParams['currency_options']) =>
      stripe.prices.update(id, { currency_options: options, expand: ['currency_options'] });
    const updates = async () => (await stripe.events.list({ type: 'price.updated' })).data.map(({ data }) => data);

    expect(await add({ gbp: { unit_amount: 80 } })).toMatchObject({
      unit_amount: 100,
      currency_options: { eur: { unit_amount: 90 }, gbp: { unit_amount: 80, tax_behavior: 'unspecified' } },
    });
    expect(await updates()).toMatchObject([{ object: { id }, previous_attributes: {} }]);
    expect(await add({ eur: { unit_amount: 95 }, gbp: { unit_amount: 80 } })).toMatchObject({
      currency_options: { eur: { unit_amount: 95, tax_behavior: 'inclusive' }, gbp: { unit_amount: 80 } },
    });
    await add({ gbp: { unit_amount: 80 } });
    expect(await updates()).toHaveLength(2);
  });

  it('expands along dotted paths, and shows some fields only then', async () => {
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 100,
      product_data: { name: 'P' },
      currency_options: { eur: { unit_amount: 90 } },
    });
    expect(price).not.toHaveProperty('currency_options');

    const expanded = await stripe.prices.retrieve(price.id, { expand: ['product', 'currency_options'] });
    const listed = await stripe.prices.list({ limit: 1, expand: ['data.product'] });

    expect(expanded).toMatchObject({ product: { name: 'P' }, currency_options: { eur: { unit_amount: 90 } } });
    expect(listed.data[0]).toMatchObject({ product: { object: 'product' } });
    await expect(stripe.prices.retrieve(price.id, { expand: ['nickname'] })).rejects.toMatchObject({
      statusCode: 400,
      param: 'expand',
    });
    await expect(stripe.customers.list({ expand: ['data.a.b.c.d.e'] })).rejects.toMatchObject({ statusCode: 400 });
  });

  it('expands through lists and several levels at once', async () => {
    const customer = (
      await stripe.customers.create({
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      })
    ).id;
    const price = (
      await stripe.prices.create({
        currency: 'usd',
        unit_amount: 100,
        recurring: { interval: 'month' },
        product_data: { name: 'Deep' },
      })
    ).id;
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
    const { id } = await stripe.subscriptions.create({
      customer,
      items: [{ price }],
      discounts: [{ coupon: coupon.id }],
    });

    const found = await stripe.subscriptions.retrieve(id, {
      expand: [
        'customer',
        'items.data.price.product',
        'discounts.source.coupon',
        'latest_invoice.payments.data.payment.payment_intent',
      ],
    });

    expect(found).toMatchObject({
      customer: { object: 'customer' },
      items: { data: [{ price: { product: { name: 'Deep' } } }] },
      discounts: [{ source: { coupon: { percent_off: 10 } } }],
      latest_invoice: { payments: { data: [{ payment: { payment_intent: { status: 'succeeded' } } }] } },
    });
  });

  it('pages newest first, and backwards for those who catch up', async () => {
    const own = await startSandbox({ seed: 6 });
    const api = stripeFor(own);
    for (const name of ['1', '2', '3', '4', '5']) await api.customers.create({ name });
    const names = (list: { data: Stripe.Customer[] }): unknown[] => list.data.map(({ name }) => name);

    const first = await api.customers.list({ limit: 2 });
    const second = await api.customers.list({ limit: 2, starting_after: first.data[1]?.id });

    expect([names(first), first.has_more, names(second)]).toEqual([['5', '4'], true, ['3', '2']]);
    const oldest = (await api.customers.list()).data.at(-1);
    const caught: unknown[] = [];
    for await (const customer of api.customers.list({ limit: 2, ending_before: oldest?.id }))
      caught.push(customer.name);
    expect(caught).toEqual(['2', '3', '4', '5']);
    await own.stop();
  });

  it('clears metadata by key and whole, and merges what is added', async () => {
    const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
    expect((await stripe.customers.update(id, { metadata: { a: '', c: '3' } })).metadata).toEqual({ b: '2', c: '3' });
    expect((await stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  });

  it('finds customers by email and by a metadata search', async () => {
    await stripe.customers.create({ email: 'find@me.io', metadata: { tenant: 'acme' } });
    expect((await stripe.customers.list({ email: 'find@me.io' })).data).toHaveLength(1);
    expect((await stripe.customers.search({ query: "metadata['tenant']:'acme'" })).data[0]).toMatchObject({
      email: 'find@me.io',
    });
  });

  it('moves a lookup key from one price to another', async () => {
    const given = { currency: 'usd', unit_amount: 100, product_data: { name: 'P' }, lookup_key: 'moving' };
    const old = await stripe.prices.create(given);
    await expect(stripe.prices.create(given)).rejects.toMatchObject({ code: 'resource_already_exists' });

    const fresh = await stripe.prices.create({ ...given, transfer_lookup_key: true });

    expect((await stripe.prices.list({ lookup_keys: ['moving'] })).data.map(({ id }) => id)).toEqual([fresh.id]);
    expect((await stripe.prices.retrieve(old.id)).lookup_key).toBeNull();
  });
});
