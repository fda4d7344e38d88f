import { startStory, type Story } from './support/story.js';
import { control } from './support/stripe-for.js';
import Stripe from 'stripe';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

describe('delivery', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory(undefined, { webhookBackoffMs: [5, 10, 20] })));
  afterEach(() => story.stop());

  it('tries again until the endpoint takes the event, and then shows it as delivered', async () => {
    const { stripe, receiver } = story;
    receiver.answerWith(500);
    await stripe.customers.create();
    const [event] = (await stripe.events.list({ limit: 1 })).data;
    expect(event).toMatchObject({ type: 'customer.created', pending_webhooks: 1, api_version: '2026-10-28.endive' });
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);

    receiver.answerWith(200);

    expect(await story.told()).toEqual(['customer.created']);
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    expect((await stripe.events.retrieve(String(event?.id))).pending_webhooks).toBe(0);
  });

  it('names the call that caused an event', async () => {
    const made = await story.stripe.customers.create({ name: 'A' }, { idempotencyKey: 'mine' });
    await story.told();

    expect(story.last('customer.created').request).toEqual({
      id: made.lastResponse.requestId,
      idempotency_key: 'mine',
    });
    await story.stripe.customers.update(made.id, { name: 'B' });
    await story.told();
    expect(story.last('customer.updated').data.previous_attributes).toEqual({ name: 'A' });
  });

  it('sends an endpoint only what it enabled, signed with each secret that is live', async () => {
    const { stripe, sandbox } = story;
    const headers: string[] = [];
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      headers.push(String(request.headers['stripe-signature']));
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['product.created'] });
    expect(endpoint.secret).toMatch(/^whsec_/);
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret');
    const { body } = await control<{ secret: string }>(sandbox, `webhook_endpoints/${endpoint.id}/roll_secret`, {
      old_secret_hours: 1,
    });

    await stripe.customers.create();
    await stripe.products.create({ name: 'P' });
    await sandbox.idle();

    expect(headers).toHaveLength(1);
    expect(headers[0]?.match(/v1=/g)).toHaveLength(2);
    for (const secret of [endpoint.secret ?? '', body.secret]) {
      expect(stripe.webhooks.constructEvent(String(bodies[0]), String(headers[0]), secret).type).toBe(
        'product.created',
      );
    }
    server.close();
  });

  it('doubles, drops and holds deliveries when told to', async () => {
    const { stripe, sandbox, receiver } = story;
    await control(sandbox, 'delivery', { duplicate: 1 });
    await stripe.customers.create();
    expect(await story.told()).toEqual(['customer.created', 'customer.created']);
    expect(receiver.events[0]?.id).toBe(receiver.events[1]?.id);

    await control(sandbox, 'delivery', { duplicate: 0, drop: 1 });
    await stripe.customers.create();
    expect(await story.told()).toEqual([]);

    expect(await control(sandbox, 'delivery', { drop: 2 })).toMatchObject({ status: 400 });
    await control(sandbox, 'delivery', { drop: 0, hold: true });
    await stripe.customers.create();
    expect((await control(sandbox, 'idle?timeout_ms=20')).body).toMatchObject({
      idle: false,
      pending: { deliveries: 1 },
    });
    await control(sandbox, 'delivery', { hold: false });
    expect(await story.told()).toEqual(['customer.created']);
  });

  it('reorders by the seed', async () => {
    const { stripe, sandbox, receiver } = story;
    await control(sandbox, 'delivery', { reorder: 1, reorder_ms: 1_500 });

    for (let n = 0; n < 8; n++) await stripe.customers.create({ name: String(n) });
    await sandbox.idle();

    const order = receiver.events.map(({ data }) => (data.object as Stripe.Customer).name);
    expect(order).not.toEqual([...order].sort());
    expect([...order].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('sends an event again on request', async () => {
    const { stripe, sandbox } = story;
    await stripe.customers.create();
    await story.told();
    const [event] = (await stripe.events.list()).data;

    await control(sandbox, `events/${event?.id}/resend`, {});

    expect(await story.told()).toEqual(['customer.created']);
  });

  it('holds a renewal as a draft while its invoice.created is undelivered, for at most 72 hours', async () => {
    const { stripe, sandbox } = story;
    const customer = await story.customer();
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: await story.price('Team', 2000) }] });
    await sandbox.idle();
    await control(sandbox, 'delivery', { dead: [story.receiver.url] });

    await sandbox.advance({ by: 'P1MT5H' });
    const latest = async (): Promise<Stripe.Invoice | undefined> =>
      (await stripe.invoices.list({ subscription: id, limit: 1 })).data[0];
    expect(await latest()).toMatchObject({ status: 'draft' });
    await sandbox.advance({ by: 'P3D' });

    expect(await latest()).toMatchObject({ status: 'paid' });
  });
});
