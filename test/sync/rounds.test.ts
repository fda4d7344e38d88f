import type Stripe from 'stripe';
import {
  aCustomerAtStripe,
  ACCOUNT,
  aSubscriptionAtStripe,
  type Bench,
  eventsAtStripe,
  madeEvent,
  startBench,
} from '../support/bench.js';

describe('a round', () => {
  let bench: Bench;
  let customer: Stripe.Customer;
  beforeEach(async () => {
    bench = await startBench();
    customer = await aCustomerAtStripe(bench);
  });
  afterEach(() => bench.stop());

  const account = () => bench.row<Record<string, unknown>>('SELECT * FROM accounts WHERE id = ?', ACCOUNT);
  const eventOf = async (type: string) => {
    const found = (await eventsAtStripe(bench)).filter((event) => event.type === type).pop();
    if (!found) throw new Error(`No ${type} happened.`);
    return found;
  };
  const synced = async () => {
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    await bench.deliver(...(await eventsAtStripe(bench)));
    await bench.drain();
    return subscription;
  };

  it('brings the account to where Stripe is, whatever the order of the events, each object fetched once', async () => {
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    const events = (await eventsAtStripe(bench)).filter(({ type }) => !/^(product|price)/.test(type));
    await bench.ask('catalogue:prod_sample_team');
    await bench.drain();
    [bench.proxy.calls.length, bench.hints.length] = [0, 0];
    await bench.deliver(...events.reverse());
    await bench.drain();

    expect(await account()).toMatchObject({ plan_key: 'team', revision: 1 });
    expect(await bench.row('SELECT status FROM subscriptions WHERE id = ?', subscription.id)).toEqual({
      status: 'ACTIVE',
    });
    expect(bench.proxy.count('GET', `/v1/subscriptions/${subscription.id}`)).toBe(1);
    expect(bench.proxy.calls.filter(({ path }) => path.startsWith(`/v1/customers/${customer.id}?`))).toHaveLength(1);
    expect(bench.hints.filter(({ topic }) => topic === ACCOUNT)).toEqual([{ topic: ACCOUNT, revision: 1 }]);
  });

  it('stores an invoice with all its lines, of which Stripe gives ten with it', async () => {
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    const item = { customer: customer.id, subscription: subscription.id, currency: 'usd' };
    for (let amount = 1; amount <= 11; amount++) await bench.stripe.invoiceItems.create({ ...item, amount });
    await bench.sandbox.advance({ by: 'P32D' });
    const { latest_invoice } = await bench.stripe.subscriptions.retrieve(subscription.id);
    const invoice = await bench.stripe.invoices.retrieve(latest_invoice as string);
    expect(invoice.lines).toMatchObject({ has_more: true, data: { length: 10 } });
    const linesHeld = async () =>
      JSON.parse((await bench.row<{ lines: string }>('SELECT lines FROM invoices WHERE id = ?', invoice.id)).lines);

    await bench.deliver(await eventOf('customer.subscription.updated'));
    await bench.drain();
    expect(await linesHeld()).toHaveLength(12);
    const amounts = (await linesHeld()).map(({ amount }: { amount: number }) => amount);
    expect(amounts.reduce((sum: number, amount: number) => sum + amount)).toBe(invoice.total);

    await bench.deliver(await eventOf('invoice.paid'));
    await bench.drain();
    expect(await linesHeld()).toHaveLength(12);
  });

  it('asks how what a deleted customer had has ended, instead of calling it canceled', async () => {
    const { data } = await bench.stripe.prices.list({ lookup_keys: ['team_month'] });
    const incomplete = await bench.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: data[0]?.id }],
      payment_behavior: 'default_incomplete',
    });
    await bench.deliver(...(await eventsAtStripe(bench)));
    await bench.drain();
    await bench.sandbox.advance({ by: 'P1D' });
    await bench.stripe.customers.del(customer.id);
    await bench.deliver(await eventOf('customer.deleted'));
    await bench.drain();

    expect(await bench.row('SELECT status FROM subscriptions WHERE id = ?', incomplete.id)).toEqual({
      status: 'INCOMPLETE_EXPIRED',
    });
  });

  it('shows the plan of a price that the catalogue did not know as soon as it has learned it, and asks for who is on it', async () => {
    await aSubscriptionAtStripe(bench, customer.id);
    await bench.deliver(await eventOf('customer.subscription.created'));
    const round = await bench.claim();
    if (round) await bench.look(round);
    expect(await bench.row('SELECT unmapped, plan_key FROM subscriptions')).toEqual({ unmapped: 1, plan_key: null });
    expect(await account()).toMatchObject({ plan_key: 'free' });
    await bench.drain();

    expect(await bench.row('SELECT unmapped, plan_key FROM subscriptions')).toEqual({ unmapped: 0, plan_key: 'team' });
    expect(await account()).toMatchObject({ plan_key: 'team' });
  });

  it('shows that plan also where the catalogue learned the price after the round had read it, and committed before', async () => {
    await aSubscriptionAtStripe(bench, customer.id);
    await bench.ask('catalogue:prod_sample_team');
    await bench.drain();
    const transaction = bench.database.transaction.bind(bench.database);
    bench.database.transaction = (work) =>
      transaction((inside) =>
        work({ ...inside, rows: async (sql, values) => (sql.includes('"prices"') ? [] : inside.rows(sql, values)) }),
      );
    await bench.deliver(await eventOf('customer.subscription.created'));
    const round = await bench.claim();
    if (round) await bench.look(round);
    bench.database.transaction = transaction;
    expect(await bench.row('SELECT unmapped FROM subscriptions')).toEqual({ unmapped: 1 });
    await bench.drain();

    expect(await bench.row('SELECT unmapped, plan_key FROM subscriptions')).toEqual({ unmapped: 0, plan_key: 'team' });
    expect(await account()).toMatchObject({ plan_key: 'team' });
  });

  it('changes nothing, and tells nobody, when an event is looked at once more', async () => {
    await synced();
    const before = await account();
    bench.hints.length = 0;
    await bench.database.run("UPDATE stripe_events SET state = 'pending', pending_at = 0");
    await bench.ask(customer.id);
    await bench.drain();

    expect({ ...(await account()), synced_at: 0 }).toEqual({ ...before, synced_at: 0 });
    expect(bench.hints).toEqual([]);
  });

  it('asks again for an event that an old answer denies, and shows the new state when it comes', async () => {
    const subscription = await synced();
    const path = `/v1/subscriptions/${subscription.id}`;
    const revision = await bench.revision();
    const old = await bench.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    await bench.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const event = await eventOf('customer.subscription.updated');
    bench.proxy.instead = (call) => (call.path.startsWith(path) ? { status: 200, body: old } : undefined);
    await bench.deliver(event);
    await bench.drain();
    expect(await bench.event(event.id)).toMatchObject({ state: 'pending', attempts: 1 });
    expect(await bench.revision()).toBe(revision);

    bench.proxy.instead = () => undefined;
    expect(await bench.drain()).toBe(0);
    bench.time.advance(1_000);
    await bench.drain();
    expect(await bench.event(event.id)).toMatchObject({ state: 'done', error: null });
    expect(await bench.row('SELECT cancel_at_period_end FROM subscriptions')).toEqual({ cancel_at_period_end: 1 });
  });

  it('believes that a subscription is gone by time and not by tries: those that are asked for at once come too soon', async () => {
    const { id } = await synced();
    const status = async () => (await bench.row<{ status: string }>('SELECT status FROM subscriptions')).status;
    const body = {
      error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such subscription' },
    };
    bench.proxy.instead = ({ path }) =>
      path.startsWith(`/v1/subscriptions/${id}`)
        ? { status: 404, body }
        : path.startsWith('/v1/subscriptions?')
          ? { status: 200, body: { object: 'list', data: [], has_more: false, url: '/' } }
          : undefined;
    // Long after it was made by its own clock, and a moment after it was stored.
    bench.billingOffset = 120_000;
    for (let times = 0; times < 12; times++) {
      await bench.ask(customer.id);
      await bench.drain();
    }
    expect(await status()).toBe('ACTIVE');

    bench.time.advance(12_000);
    await bench.ask(customer.id);
    await bench.drain();
    expect(await status()).toBe('CANCELED');
  });

  it('looks once more after an event whose object it does not see: that an answer about another one is old cannot be told', async () => {
    const { id } = await synced();
    bench.time.advance(11_000);
    await bench.drain();
    const old = await bench.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice', 'schedule'] });
    const schedule = await bench.stripe.subscriptionSchedules.create({ from_subscription: id });
    bench.proxy.instead = ({ path }) =>
      path.startsWith(`/v1/subscriptions/${id}`) ? { status: 200, body: old } : undefined;
    await bench.deliver(await eventOf('subscription_schedule.created'));
    await bench.drain();
    bench.proxy.instead = () => undefined;
    bench.time.advance(11_000);
    await bench.drain();

    expect(await bench.row('SELECT schedule FROM subscriptions')).toEqual({
      schedule: expect.stringContaining(schedule.id),
    });
  });

  it('lets the answer stand after 1, 5 and 30 seconds of the same old one', async () => {
    const subscription = await synced();
    const old = await bench.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    await bench.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const event = await eventOf('customer.subscription.updated');
    bench.proxy.instead = ({ path }) => (path.includes(subscription.id) ? { status: 200, body: old } : undefined);
    await bench.deliver(event);
    for (const wait of [0, 1_000, 5_000, 30_000]) {
      expect((await bench.event(event.id)).state).toBe('pending');
      bench.time.advance(wait);
      await bench.drain();
    }

    expect((await bench.event(event.id)).state).toBe('done');
  });

  it.each([
    ['a subscription', 'customer.subscription.updated', { object: 'subscription', id: 'sub_nowhere' }],
    ['an invoice', 'invoice.updated', { object: 'invoice', id: 'in_nowhere' }],
  ])('leaves an event about %s that Stripe does not have unmatched in the end', async (_what, type, object) => {
    const event = madeEvent(type, { ...object, customer: customer.id });
    await bench.deliver(event);
    for (const wait of [0, 1_000, 5_000, 30_000]) {
      bench.time.advance(wait);
      await bench.drain();
    }

    expect(await bench.event(event.id)).toMatchObject({ state: 'unmatched', error: expect.any(String) });
  });

  it('leaves an event about a customer whom Stripe does not have unmatched in the end', async () => {
    const event = madeEvent('customer.updated', { object: 'customer', id: 'cus_nowhere' });
    await bench.deliver(event);
    for (const wait of [0, 1_000, 5_000, 30_000]) {
      bench.time.advance(wait);
      await bench.drain();
    }

    expect(await bench.event(event.id)).toMatchObject({ state: 'unmatched' });
  });

  it('parks the events of a customer nobody knows, keeps what she has, and shows it when she is linked', async () => {
    const stranger = await bench.stripe.customers.create({});
    await bench.stripe.paymentMethods.attach('pm_card_visa', { customer: stranger.id });
    const event = { ...(await eventOf('customer.created')) };
    await bench.deliver(event);
    await bench.drain();
    expect(await bench.event(event.id)).toMatchObject({
      state: 'pending',
      attempts: 1,
      error: expect.stringContaining('No account'),
    });

    await bench.stripe.customers.update(stranger.id, { metadata: { account_id: ACCOUNT } });
    bench.time.advance(1_000);
    await bench.drain();
    expect(await bench.event(event.id)).toMatchObject({ state: 'done' });
    expect(await bench.row('SELECT account_id, live_for FROM stripe_customers WHERE id = ?', stranger.id)).toEqual({
      account_id: ACCOUNT,
      live_for: ACCOUNT,
    });
  });

  it('links no second live customer to an account, and raises an alarm', async () => {
    await synced();
    const second = await bench.stripe.customers.create({ metadata: { account_id: ACCOUNT } });
    await bench.deliver(await eventOf('customer.created'));
    await bench.drain();

    expect(await bench.row('SELECT account_id FROM stripe_customers WHERE id = ?', second.id)).toEqual({
      account_id: null,
    });
    const alarms = bench.log.lines.filter(({ message }) => message.includes('second live customer'));
    expect(alarms).toMatchObject([{ level: 'error' }]);
  });

  it('buries an event whose stored body is no event, and goes on with the others', async () => {
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    const good = await eventOf('customer.subscription.created');
    const poison = madeEvent('customer.updated', { object: 'customer', id: customer.id });
    await bench.deliver(poison, good);
    await bench.database.run('UPDATE stripe_events SET body = ? WHERE id = ?', [Buffer.from('{"id":'), poison.id]);
    await bench.drain();

    expect(await bench.event(poison.id)).toMatchObject({ state: 'dead', error: expect.any(String) });
    expect(await bench.event(good.id)).toMatchObject({ state: 'done' });
    expect(await bench.row('SELECT id FROM subscriptions')).toEqual({ id: subscription.id });
  });

  it('buries at the third try an event whose object cannot be mapped, and goes on with the others', async () => {
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    const bad = await eventOf('customer.subscription.created');
    const good = await eventOf('customer.updated');
    const body = { id: subscription.id, object: 'subscription', customer: customer.id, items: { data: [] } };
    bench.proxy.instead = ({ path }) =>
      path.startsWith(`/v1/subscriptions/${subscription.id}`) ? { status: 200, body } : undefined;
    await bench.deliver(bad, good);
    await bench.drain();
    expect((await bench.event(good.id)).state).toBe('done');
    expect(await bench.event(bad.id)).toMatchObject({ state: 'pending', attempts: 1 });
    for (let round = 0; round < 2; round++) {
      bench.time.advance(300_000);
      await bench.drain();
    }

    expect(await bench.event(bad.id)).toMatchObject({
      state: 'dead',
      attempts: 3,
      error: expect.stringContaining('no items'),
    });
    expect(await account()).toMatchObject({ plan_key: 'free' });
  });

  it('takes an answer without an object for an outage and not for the truth', async () => {
    await synced();
    await bench.deliver(madeEvent('customer.updated', { object: 'customer', id: customer.id }, { id: 'evt_outage' }));
    bench.proxy.instead = () => ({ status: 200, body: { message: 'upstream unavailable' } });
    await bench.drain();
    expect(await bench.event('evt_outage')).toMatchObject({ state: 'pending', attempts: 1 });
    expect(await account()).toMatchObject({ plan_key: 'team' });

    bench.proxy.instead = () => undefined;
    bench.time.advance(300_000);
    await bench.drain();
    expect(await bench.event('evt_outage')).toMatchObject({ state: 'done' });
  });

  it('applies what it has seen after eight seconds and asks again for the rest', async () => {
    await synced();
    const event = madeEvent('customer.updated', { object: 'customer', id: customer.id });
    await bench.deliver(event);
    bench.proxy.instead = () => 'hang';
    const round = await bench.claim();
    const looking = round && bench.look(round);
    await bench.time.waitingFor(8_000);
    bench.time.advance(8_000);
    await looking;

    expect(await bench.event(event.id)).toMatchObject({ state: 'pending', error: expect.stringContaining('8 s') });
    expect(await account()).toMatchObject({ plan_key: 'team' });
  });

  it('moves an event without a customer to the one that Stripe names', async () => {
    const { id } = await synced();
    const schedule = await bench.stripe.subscriptionSchedules.create({ from_subscription: id });
    const events = [
      madeEvent('customer.subscription.updated', { object: 'subscription', id }),
      madeEvent('subscription_schedule.updated', { object: schedule.object, id: schedule.id, subscription: id }),
    ];
    await bench.deliver(...events);
    expect((await bench.event(events[0]?.id ?? '')).subject).toBe(`object:${id}`);
    await bench.drain();

    for (const event of events)
      expect(await bench.event(event.id)).toMatchObject({ state: 'done', subject: customer.id });
  });

  it('parks an event whose owner Stripe cannot tell, and asks again while Stripe is away', async () => {
    const event = madeEvent('invoice.updated', { object: 'invoice', id: 'in_nowhere' });
    await bench.deliver(event);
    bench.proxy.instead = () => ({
      status: 401,
      body: { error: { type: 'invalid_request_error', message: 'Invalid API key' } },
    });
    await bench.drain();
    expect(await bench.event(event.id)).toMatchObject({
      state: 'pending',
      error: expect.stringContaining('Invalid API key'),
    });
    bench.proxy.instead = () => undefined;
    for (const wait of [300_000, 1_000, 5_000, 30_000, 120_000, 600_000]) {
      bench.time.advance(wait);
      await bench.drain();
    }

    expect(await bench.event(event.id)).toMatchObject({ state: 'unmatched' });
  });

  it('names Stripe for what Stripe did, also where our own clock is the first to look', async () => {
    const { id } = await synced();
    await bench.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await bench.deliver(...(await eventsAtStripe(bench)));
    await bench.drain();
    await bench.sandbox.advance({ by: 'P1M1D' });
    bench.time.advance(60_000);
    await bench.drain();

    expect(await bench.row('SELECT status FROM subscriptions WHERE id = ?', id)).toEqual({ status: 'CANCELED' });
    const entry = await bench.row('SELECT actor, causes FROM audit ORDER BY revision DESC LIMIT 1');
    expect(entry).toEqual({ actor: 'stripe', causes: expect.stringContaining('wake-up') });
  });

  it('withdraws access when grace ends, although no event comes and Stripe is not asked', async () => {
    const subscription = await synced();
    const broken = await bench.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    await bench.stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: broken.id } });
    await bench.sandbox.advance({ by: 'P1M1D' });
    await bench.deliver(...(await eventsAtStripe(bench)));
    await bench.drain();
    expect(await bench.row('SELECT status FROM subscriptions WHERE id = ?', subscription.id)).toEqual({
      status: 'PAST_DUE',
    });
    expect(String((await account()).announced_access)).toContain('GRACE_PERIOD');
    const revision = await bench.revision();

    bench.proxy.calls.length = 0;
    bench.billingOffset = 7 * 86_400_000;
    await bench.drain();
    expect(String((await account()).announced_access)).toContain('"allowed":false');
    expect(await bench.revision()).toBe(revision + 1);
    expect(bench.hints.pop()).toEqual({ topic: ACCOUNT, revision: revision + 1 });
    expect(bench.proxy.calls).toEqual([]);
    expect(await bench.row('SELECT actor FROM audit ORDER BY revision DESC LIMIT 1')).toEqual({ actor: 'clock' });
  });
});
