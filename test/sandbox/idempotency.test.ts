import Stripe from 'stripe';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('idempotency keys', () => {
  let sandbox: Sandbox;
  let stripe: Stripe;
  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 8 });
    stripe = stripeFor(sandbox, { maxNetworkRetries: 0 });
  });
  afterEach(() => sandbox.stop());

  it('replays the first answer to the same question', async () => {
    const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'key' });
    const second = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'key' });

    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('refuses another question under the same key', async () => {
    await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'key' });

    await expect(stripe.customers.create({ name: 'B' }, { idempotencyKey: 'key' })).rejects.toBeInstanceOf(
      Stripe.errors.StripeIdempotencyError,
    );
  });

  it('replays a refusal by the bank, but not one of the parameters', async () => {
    const pay = (idempotencyKey: string): Promise<unknown> =>
      stripe.paymentIntents.create(
        { amount: 100, currency: 'usd', payment_method: 'pm_card_visa_chargeDeclined', confirm: true },
        { idempotencyKey },
      );
    await expect(pay('card')).rejects.toMatchObject({ statusCode: 402 });
    await expect(pay('card')).rejects.toMatchObject({ statusCode: 402, headers: { 'idempotent-replayed': 'true' } });
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1);

    await expect(stripe.customers.create({ foo: 'bar' } as never, { idempotencyKey: 'typo' })).rejects.toMatchObject({
      code: 'parameter_unknown',
    });
    await expect(stripe.customers.create({ name: 'right' }, { idempotencyKey: 'typo' })).resolves.toMatchObject({
      name: 'right',
    });
  });

  it('answers 409 while the first request still runs', async () => {
    await control(sandbox, 'faults', { kind: 'slow', delay_ms: 2_000, path: '/v1/customers' });
    const first = stripe.customers.create({ name: 'A' }, { idempotencyKey: 'slow' });
    while ((await control<{ faults: unknown[] }>(sandbox, 'faults')).body.faults.length > 0) continue;

    await expect(stripe.customers.create({ name: 'A' }, { idempotencyKey: 'slow' })).rejects.toMatchObject({
      statusCode: 409,
      code: 'idempotency_key_in_use',
    });

    await expect(first).resolves.toMatchObject({ name: 'A' });
  });

  it('forgets a key once its time is over', async () => {
    const forgetful = await startSandbox({ settings: { idempotencyHours: 0 } });
    const api = stripeFor(forgetful);
    const first = await api.customers.create({ name: 'A' }, { idempotencyKey: 'key' });
    const second = await api.customers.create({ name: 'A' }, { idempotencyKey: 'key' });

    expect(second.id).not.toBe(first.id);
    await forgetful.stop();
  });
});
