import Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('faults on demand', () => {
  let sandbox: Sandbox;
  let stripe: Stripe;
  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 9 });
    stripe = stripeFor(sandbox, { maxNetworkRetries: 0 });
  });
  afterEach(() => sandbox.stop());

  const order = (kind: string, more: object = {}): Promise<unknown> => control(sandbox, 'faults', { kind, ...more });
  const customers = async (): Promise<number> => (await stripe.customers.list()).data.length;

  it.each([
    ['rate_limit', 'StripeRateLimitError', 0],
    ['rate_limit_should_retry', 'StripeRateLimitError', 0],
    ['lock_timeout', 'StripeAPIError', 0],
    ['error_before', 'StripeAPIError', 0],
    ['error_after', 'StripeAPIError', 1],
    ['reset_before', 'StripeConnectionError', 0],
    ['truncated', 'StripeConnectionError', 1],
    ['invalid_json', 'StripeAPIError', 1],
  ])('%s is a %s to the SDK and leaves %d customers', async (kind, type, left) => {
    await order(kind, { path: '/v1/customers', method: 'POST', times: 2 });

    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({ type });

    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    expect(await customers()).toBe(left);
  });

  it('resets the connection after the effect, which the SDK repeats under its key', async () => {
    await order('reset_after', { path: '/v1/customers', method: 'POST' });

    const made = await stripe.customers.create({ name: 'once' });

    expect(made.name).toBe('once');
    expect(await customers()).toBe(1);
  });

  it('answers a non-2xx body without an error key, which the SDK resolves', async () => {
    await order('no_error_key', { path: '/v1/customers', method: 'POST' });

    const answer = (await stripe.customers.create({})) as { id?: string };

    expect(answer.id).toBeUndefined();
  });

  it('replays a 500 that came after the effect', async () => {
    await order('error_after', { path: '/v1/customers', method: 'POST' });
    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({ statusCode: 500 });

    await expect(stripe.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({
      statusCode: 500,
      headers: { 'idempotent-replayed': 'true' },
    });
  });

  it('strikes at random by the seed, the same way every time', async () => {
    const strikes = async (): Promise<string> => {
      const one = await startSandbox({ seed: 42 });
      const api = stripeFor(one, { maxNetworkRetries: 0 });
      await control(one, 'faults', { kind: 'error_before', probability: 0.5 });
      let told = '';
      for (let n = 0; n < 12; n++)
        told += await api.customers.list().then(
          () => '.',
          () => 'x',
        );
      await one.stop();
      return told;
    };
    const first = await strikes();

    expect(first).toMatch(/x/);
    expect(first).toMatch(/\./);
    expect(await strikes()).toBe(first);
  });
});
