import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import Stripe from 'stripe';
import { startStory, type Story } from './support/story.js';
import { stripeFor } from './support/stripe-for.js';

/** Every host is the sandbox's machine: the SDK sends streams to a host of their own. */
const lookup: LookupFunction = (_host, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

function streamFor(story: Story, token: string): Stripe {
  return new Stripe(token, {
    port: story.sandbox.port,
    protocol: 'http',
    httpAgent: new Agent({ lookup }),
    telemetry: false,
    maxNetworkRetries: 0,
  });
}

describe('the v2 interface', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.stop());

  describe('meter events', () => {
    let customer: string;
    let meter: string;
    beforeEach(async () => {
      const { stripe } = story;
      customer = (await stripe.customers.create({ name: 'Ada' })).id;
      const made = await stripe.billing.meters.create({
        display_name: 'Calls',
        event_name: 'calls',
        default_aggregation: { formula: 'sum' },
      });
      meter = made.id;
    });
    const used = async (): Promise<number | undefined> => {
      const start_time = Date.parse('2027-04-01T00:00:00Z') / 1000;
      const { data } = await story.stripe.billing.meters.listEventSummaries(meter, {
        customer,
        start_time,
        end_time: start_time + 86_400,
      });
      return data[0]?.aggregated_value;
    };
    const call = (value: string, more = {}): Stripe.V2.Billing.MeterEventCreateParams => ({
      event_name: 'calls',
      payload: { stripe_customer_id: customer, value },
      ...more,
    });

    it('count on the same meter as v1', async () => {
      await story.stripe.billing.meterEvents.create({
        event_name: 'calls',
        payload: { stripe_customer_id: customer, value: '3' },
      });
      const event = await story.stripe.v2.billing.meterEvents.create(
        call('4', { timestamp: '2027-04-01T00:00:00.000Z', identifier: 'one' }),
      );

      expect(event).toMatchObject({
        object: 'v2.billing.meter_event',
        created: '2027-04-01T00:00:00.000Z',
        timestamp: '2027-04-01T00:00:00.000Z',
        identifier: 'one',
      });
      expect(await used()).toBe(7);
    });

    it('are taken back by an adjustment', async () => {
      const { billing } = story.stripe.v2;
      await billing.meterEvents.create(call('4', { identifier: 'wrong' }));

      const adjustment = await billing.meterEventAdjustments.create({
        event_name: 'calls',
        type: 'cancel',
        cancel: { identifier: 'wrong' },
      });

      expect(adjustment).toMatchObject({ object: 'v2.billing.meter_event_adjustment', status: 'complete' });
      expect(await used()).toBe(0);
    });

    it('come in a stream under the token of a session; a wrong one is told by a thin event', async () => {
      const session = await story.stripe.v2.billing.meterEventSession.create();
      const stream = streamFor(story, session.authentication_token).v2.billing.meterEventStream;

      await stream.create({ events: [call('1'), call('2'), call('many', { identifier: 'bad' })] });

      expect(Date.parse(session.expires_at) - Date.parse(session.created)).toBe(15 * 60_000);
      expect(await used()).toBe(3);
      const { data } = await story.stripe.v2.core.events.list({
        types: ['v1.billing.meter.error_report_triggered'],
      });
      expect(data).toMatchObject([
        {
          related_object: { id: meter, url: `/v1/billing/meters/${meter}` },
          data: { reason: { error_count: 1, error_types: [{ sample_errors: [{ request: { identifier: 'bad' } }] }] } },
        },
      ]);
    });

    it('are refused without a session, and after it', async () => {
      const other = await startStory(undefined, { meterSessionMinutes: 0 });
      const { authentication_token } = await other.stripe.v2.billing.meterEventSession.create();

      await expect(
        streamFor(story, 'sk_test_sandbox').v2.billing.meterEventStream.create({ events: [call('1')] }),
      ).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
      await expect(
        streamFor(other, authentication_token).v2.billing.meterEventStream.create({ events: [call('1')] }),
      ).rejects.toMatchObject({ type: 'TemporarySessionExpiredError' });
      await other.stop();
    });

    it('replay under their key, and what failed is done anew', async () => {
      const { meterEvents } = story.stripe.v2.billing;
      const first = await meterEvents.create(call('5'), { idempotencyKey: 'key' });
      const second = await meterEvents.create(call('5'), { idempotencyKey: 'key' });
      expect(second.identifier).toBe(first.identifier);
      expect(await used()).toBe(5);
      await expect(meterEvents.create(call('6'), { idempotencyKey: 'key' })).rejects.toBeInstanceOf(
        Stripe.errors.StripeIdempotencyError,
      );

      const twice = call('1', { identifier: first.identifier });
      await expect(meterEvents.create(twice, { idempotencyKey: 'later' })).rejects.toMatchObject({ statusCode: 400 });
      await story.sandbox.advance({ by: 'P2D' });
      await expect(meterEvents.create(twice, { idempotencyKey: 'later' })).resolves.toMatchObject({
        identifier: first.identifier,
      });
    });
  });

  it('retrieves the thin twin of an event and what it is about', async () => {
    const { stripe } = story;
    const { id } = await stripe.customers.create({ name: 'Ada' });
    const [snapshot] = (await stripe.events.list({ limit: 1 })).data as [Stripe.Event];

    const { data } = await stripe.v2.core.events.list({ object_id: id });
    const event = await stripe.v2.core.events.retrieve(data[0]?.id ?? '');

    expect(event).toMatchObject({
      object: 'v2.core.event',
      type: 'v1.customer.created',
      created: '2027-04-01T00:00:00.000Z',
      related_object: { id, type: 'customer', url: `/v1/customers/${id}` },
      snapshot_event: snapshot.id,
      reason: { type: 'request', request: { id: snapshot.request?.id } },
    });
    expect(event).not.toHaveProperty('data');
    if (event.type !== 'v1.customer.created') throw new Error(event.type);
    expect(await event.fetchRelatedObject()).toMatchObject({ id, name: 'Ada' });
  });

  it('pages by links', async () => {
    const { stripe } = story;
    for (const name of ['A', 'B', 'C', 'D', 'E']) await stripe.customers.create({ name });

    const page = await stripe.v2.core.events.list({ limit: 2, types: ['v1.customer.created'] });
    const all = await stripe.v2.core.events
      .list({ limit: 2, types: ['v1.customer.created'] })
      .autoPagingToArray({ limit: 100 });

    expect(page).toMatchObject({ previous_page_url: null, next_page_url: expect.stringContaining('/v2/core/events?') });
    expect(new Set(all.map(({ id }) => id)).size).toBe(5);
  });

  it('answers 404 to unknown paths and 400 to what is not JSON, in the words of v2', async () => {
    await expect(stripeFor(story.sandbox).rawRequest('GET', '/v2/core/nothing')).rejects.toMatchObject({
      statusCode: 404,
      code: 'not_found',
    });
    await expect(story.stripe.v2.core.events.retrieve('evt_none')).rejects.toMatchObject({ statusCode: 404 });

    const answer = await fetch(`${story.sandbox.url}/v2/billing/meter_events`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_x', 'content-type': 'application/json' },
      body: 'event_name=calls',
    });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'invalid_fields', message: expect.stringContaining('JSON') });
    expect(error).not.toHaveProperty('doc_url');
  });
});
