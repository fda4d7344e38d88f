import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('event destinations', () => {
  let sandbox: Sandbox;
  let stripe: Stripe;
  let server: Server;
  let url: string;
  let got: { body: string; signature: string }[];

  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 5, clock: '2027-04-01T00:00:00Z', frozen: true });
    stripe = stripeFor(sandbox);
    got = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ body, signature: String(request.headers['stripe-signature']) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    await sandbox.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const create = (
    event_payload: 'snapshot' | 'thin',
    enabled_events: string[],
  ): Promise<Stripe.V2.Core.EventDestination> =>
    stripe.v2.core.eventDestinations.create({
      name: 'Mine',
      type: 'webhook_endpoint',
      event_payload,
      enabled_events,
      webhook_endpoint: { url },
      include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
    });

  it('are among what the state tells and the page switches off', async () => {
    const { id } = await create('thin', ['v1.customer.created']);
    const { body } = await control<{ event_destinations: unknown[] }>(sandbox, 'state');
    expect(body.event_destinations).toMatchObject([{ id, event_payload: 'thin', webhook_endpoint: { url } }]);
    const page = (): Promise<string> => fetch(sandbox.url).then((answer) => answer.text());
    expect(await page()).toContain(`name="dead ${id}" value="true"> ${url}`);

    await fetch(`${sandbox.url}/_sandbox/console/delivery`, {
      method: 'POST',
      body: new URLSearchParams({ [`dead ${id}`]: 'true' }),
    });
    expect(await page()).toContain(`name="dead ${id}" value="true" checked>`);
    await stripe.customers.create({ name: 'Ada' });
    const { data } = await stripe.events.list({ type: 'customer.created', delivery_success: false });
    expect({ got, pending: data.length }).toEqual({ got: [], pending: 1 });
  });

  it('are told an event again, and no endpoint that does not take it', async () => {
    await create('thin', ['v1.customer.created']);
    await stripe.webhookEndpoints.create({ url, enabled_events: ['product.created'] });
    await stripe.customers.create({ name: 'Ada' });
    await sandbox.idle();
    const [event] = (await stripe.events.list({ type: 'customer.created' })).data;

    await control(sandbox, `events/${event?.id}/resend`, {});
    await sandbox.idle();

    const objects = got.map(({ body }) => (JSON.parse(body) as { object: string }).object);
    expect(objects).toEqual(['v2.core.event', 'v2.core.event']);
  });

  it('take thin events, signed, whose event and object can be fetched', async () => {
    const destination = await create('thin', ['v1.customer.created']);
    const secret = String(destination.webhook_endpoint?.signing_secret);
    expect(destination).toMatchObject({ id: expect.stringMatching(/^ed_/) as string, status: 'enabled' });

    const { id } = await stripe.customers.create({ name: 'Ada' });
    await stripe.products.create({ name: 'Not asked for' });
    await sandbox.idle();

    expect(got).toHaveLength(1);
    const [{ body, signature }] = got as [{ body: string; signature: string }];
    expect(JSON.parse(body)).not.toHaveProperty('data');
    expect(() => stripe.webhooks.constructEvent(body, signature, secret)).toThrow();
    const told = stripe.parseEventNotification(body, signature, secret);
    if (told.type !== 'v1.customer.created') throw new Error(told.type);
    expect(await told.fetchRelatedObject()).toMatchObject({ id, name: 'Ada' });
    const event = await told.fetchEvent();
    const snapshot = await stripe.events.retrieve(String((event as { snapshot_event?: string }).snapshot_event));
    expect(snapshot).toMatchObject({ type: 'customer.created', pending_webhooks: 0 });
  });

  it('take snapshots as webhook endpoints do', async () => {
    const { webhook_endpoint } = await create('snapshot', ['customer.created']);

    const { id } = await stripe.customers.create({ name: 'Ada' });
    await sandbox.idle();

    const [{ body, signature }] = got as [{ body: string; signature: string }];
    const event = stripe.webhooks.constructEvent(body, signature, String(webhook_endpoint?.signing_secret));
    expect(event).toMatchObject({ type: 'customer.created', data: { object: { id } } });
  });

  it('hear of meter events that were wrong, and of a ping', async () => {
    const { id } = await create('thin', ['v1.billing.meter.no_meter_found']);
    const { authentication_token } = await stripe.v2.billing.meterEventSession.create();
    const streaming = stripeFor(sandbox);
    await streaming.rawRequest(
      'POST',
      '/v2/billing/meter_event_stream',
      { events: [{ event_name: 'unheard', payload: { stripe_customer_id: 'cus_none', value: '1' } }] },
      { apiKey: authentication_token },
    );
    await stripe.v2.core.eventDestinations.ping(id);
    await sandbox.idle();

    expect(got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'v1.billing.meter.no_meter_found',
      'v2.core.event_destination.ping',
    ]);
  });

  it('are listed, changed, disabled, rolled and removed', async () => {
    const { eventDestinations } = stripe.v2.core;
    const { id } = await create('thin', ['*']);
    expect((await eventDestinations.list()).data).toMatchObject([{ id, webhook_endpoint: {} }]);
    expect(await eventDestinations.update(id, { name: 'Yours', metadata: { a: 'b' } })).toMatchObject({
      name: 'Yours',
      metadata: { a: 'b' },
    });
    expect(await eventDestinations.retrieve(id, { include: ['webhook_endpoint.url'] })).toMatchObject({
      webhook_endpoint: { url },
    });

    expect(await eventDestinations.disable(id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'user' } },
    });
    await stripe.customers.create();
    await sandbox.idle();
    expect(got).toEqual([]);

    await eventDestinations.enable(id);
    await control(sandbox, `webhook_endpoints/${id}/roll_secret`, {});
    await stripe.customers.create();
    await sandbox.idle();
    expect(got[0]?.signature.match(/v1=/g)).toHaveLength(2);

    expect(await eventDestinations.del(id)).toMatchObject({ id, deleted: true });
    await expect(eventDestinations.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('refuse what is not a string where v2 takes strings', async () => {
    await expect(
      stripe.v2.billing.meterEvents.create({ event_name: 'calls', payload: { value: 5 as never } }),
    ).rejects.toMatchObject({
      statusCode: 400,
      code: 'invalid_fields',
      message: expect.stringContaining('payload[value]') as string,
    });
  });
});
