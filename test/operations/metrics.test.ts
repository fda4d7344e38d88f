import { createHmac } from 'node:crypto';
import { figures } from '../../src/operations/figures.js';
import { createMetrics } from '../../src/operations/metrics.js';
import { CHANGE, linesOf, PREVIEW, run, subscriber } from '../support/change-plan-story.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const SECRET = 'whsec_of_this_test';

/** The sum of every series whose name, and labels if given, fit. */
async function read(world: World, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${world.gateway.port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Posts an event as Stripe would, signed with a secret of ours. */
async function deliver(world: World, event: object, secret = SECRET): Promise<number> {
  const body = JSON.stringify(event);
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  const response = await fetch(`http://127.0.0.1:${world.gateway.port}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': `t=${t},v1=${v1}` },
    body,
  });
  return response.status;
}

const event = (id: string, type: string) => ({
  ...{ id, object: 'event', type, created: 1_800_000_000, api_version: null, livemode: false, request: null },
  data: { object: { id: 'cus_nobody', object: 'customer' } },
});

describe('the figures at /metrics', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: SECRET });
  });
  afterAll(() => world.stop());

  it('count deliveries by what became of them', async () => {
    expect(await deliver(world, event('evt_1', 'customer.updated'))).toBe(200);
    expect(await deliver(world, event('evt_1', 'customer.updated'))).toBe(200);
    expect(await deliver(world, event('evt_2', 'radar.early_fraud_warning.created'))).toBe(200);
    expect(await deliver(world, event('evt_3', 'customer.updated'), 'whsec_wrong')).toBe(400);

    expect(await read(world, 'billing_webhook_received_total', 'type="customer.updated"')).toBe(2);
    expect(await read(world, 'billing_webhook_queued_total', 'type="customer.updated"')).toBe(1);
    expect(await read(world, 'billing_webhook_duplicate_total')).toBe(1);
    expect(await read(world, 'billing_webhook_ignored_total', 'type="radar.early_fraud_warning.created"')).toBe(1);
    expect(await read(world, 'billing_webhook_invalid_signature_total', 'reason="no_match"')).toBe(1);
  });

  it('tell how long the oldest event has waited whose turn it is, and of none that waits for its next try', async () => {
    while ((await read(world, 'billing_inbox_oldest_pending_seconds')) > 0) await new Promise(setImmediate);
    const { rows } = world.gateway.parts.database.read;

    expect(await rows("SELECT id FROM stripe_events WHERE state = 'pending'")).toHaveLength(1);
  });

  it("count and time requests by root field, never by a name of the caller's", async () => {
    const acme = world.as('acme');
    await acme.ask('query MyVerySecretName { viewer { subject } }');
    await acme.ask('{ viewer { subject } plans { key } }');
    await acme.ask('{ invoice(id: "") { nonsense } }');
    await world.anybody().ask('{ invoice(id: "in_1") { id } }');

    expect(await read(world, 'billing_graphql_request_seconds_count', 'operation="query viewer"')).toBe(1);
    expect(await read(world, 'billing_graphql_request_seconds_count', 'operation="query several"')).toBe(1);
    expect(await read(world, 'billing_graphql_errors_total', 'code="DOCUMENT_REFUSED"')).toBe(1);
    expect(await read(world, 'billing_graphql_errors_total', 'code="UNAUTHENTICATED"')).toBe(1);
    expect(await read(world, 'billing_graphql_request_seconds_count', 'MyVerySecretName')).toBe(0);
  });

  it('count open sockets', async () => {
    const live = world.as('acme').watch('subscription { accountUpdated { revision } }');
    await live.until(() => true);

    expect(await read(world, 'billing_live_sockets')).toBe(1);
    live.close();
  });

  it('are every name of the contract, each with its meaning', async () => {
    const text = await (await fetch(`http://127.0.0.1:${world.gateway.port}/metrics`)).text();

    for (const [name, { kind, meaning }] of Object.entries(figures)) {
      expect(text).toContain(`# HELP ${name} ${meaning}`);
      expect(text).toContain(`# TYPE ${name} ${kind}`);
    }
  });

  it('are not shown to whom a proxy speaks for', async () => {
    const response = await fetch(`http://127.0.0.1:${world.gateway.port}/metrics`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });

    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('billing_');
  });
});

describe('the figures of a first subscription', () => {
  it('tell the story of the money', async () => {
    const world = await startWorld();
    const acme = world.as('acme');
    const live = acme.watch('subscription { accountUpdated { revision account { plan { key } } } }');
    await live.until(() => true);
    const { data } = await acme.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await live.until(({ accountUpdated }) => accountUpdated.account.plan.key === 'team');
    await world.settled();

    expect(await read(world, 'billing_checkout_completed_total')).toBe(1);
    expect(await read(world, 'billing_subscription_event_total', 'kind="created"')).toBe(1);
    expect(await read(world, 'billing_webhook_processed_total')).toBe(
      await read(world, 'billing_webhook_queued_total'),
    );
    expect(await read(world, 'billing_webhook_latency_seconds_count')).toBeGreaterThan(3);
    expect(await read(world, 'billing_catalog_sync_total', 'result="changed"')).toBeGreaterThan(1);
    expect(await read(world, 'billing_stripe_request_seconds_count', 'GET /v1/products/{id}')).toBeGreaterThan(1);
    expect(await read(world, 'billing_stripe_request_seconds_count', 'method="other"')).toBe(0);
    expect(await read(world, 'billing_graphql_request_seconds_count', 'mutation createCheckoutSession')).toBe(1);
    expect(await read(world, 'billing_live_lag_seconds_count')).toBeGreaterThan(0);
    expect(await read(world, 'billing_version_backward_total')).toBe(0);
    live.close();
    await world.stop();
  });
});

describe('the figures of changes of plan', () => {
  it('tell what was shown, made, refused, booked and charged', async () => {
    const world = await startWorld();
    const acme = await subscriber(world);
    await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const { invoice } = await run(acme, CHANGE, { plan: 'business' });
    await run(acme, CHANGE, { plan: 'team' });
    await run(acme, CHANGE, { plan: 'nothing' });
    await world.advance({ by: 'P1M1D' });
    const [credit = 0, charge = 0] = (await linesOf(world, invoice.id)).sort((left, right) => left - right);

    expect(await read(world, 'billing_preview_total', 'kind="UPGRADE"')).toBe(1);
    expect(await read(world, 'billing_change_total', 'kind="UPGRADE",outcome="APPLIED"')).toBe(1);
    expect(await read(world, 'billing_change_total', 'kind="DOWNGRADE",outcome="SCHEDULED"')).toBe(1);
    expect(await read(world, 'billing_change_error_total', 'code="PLAN_NOT_AVAILABLE"')).toBe(1);
    expect(await read(world, 'billing_downgrade_scheduled_total')).toBe(1);
    expect(await read(world, 'billing_downgrade_applied_total')).toBe(1);
    expect(await read(world, 'billing_proration_minor_total', 'currency="USD",direction="credit"')).toBe(-credit);
    expect(await read(world, 'billing_proration_minor_total', 'currency="USD",direction="charge"')).toBe(charge);
    expect(await read(world, 'billing_invoice_total', 'outcome="paid"')).toBe(3);
    await world.stop();
  });
});

describe('/metrics', () => {
  it('is nowhere when it is switched off', async () => {
    const world = await startWorld({ METRICS: 'off' });

    expect((await fetch(`http://127.0.0.1:${world.gateway.port}/metrics`)).status).toBe(404);
    await world.stop();
  });
});

describe('a label', () => {
  it('holds only what has its form, and never makes more series than a scraper can bear', async () => {
    const metrics = createMetrics();
    metrics.count('billing_webhook_received_total', { type: 'sk_live_Secret with "quotes"' });
    metrics.count('billing_webhook_received_total', { type: `x${'.long'.repeat(50)}` });
    for (let at = 0; at < 5_000; at++) metrics.count('billing_webhook_received_total', { type: `invented.type_${at}` });

    const lines = (await metrics.render())
      .split('\n')
      .filter((line) => line.startsWith('billing_webhook_received_total'));
    expect(lines.length).toBeLessThanOrEqual(301);
    expect(lines).toContain('billing_webhook_received_total{type="other"} 4703');
  });
});
