import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Stripe from 'stripe';
import { systemTimers } from '../../src/clock/system-clock.js';
import { BillingError } from '../../src/errors.js';
import type { CallPolicy } from '../../src/stripe/call-settings.js';
import type { StripeClient } from '../../src/stripe/client.js';
import type { CallPorts } from '../../src/stripe/patient-http-client.js';
import { isTransient, outcomeUnknown, translateStripeError } from '../../src/stripe/errors.js';
import { answeredBy, asJob } from '../../src/stripe/patience.js';
import { startSandbox, type Sandbox } from '../../sandbox/start-sandbox.js';
import { control } from '../sandbox/support/stripe-for.js';
import { createManualTime } from '../support/manual-time.js';
import { stripeAt } from '../support/stripe-at.js';

/** What every repetition waited; it takes no time here. */
let slept: number[] = [];
const timers = { ...systemTimers, sleep: async (ms: number) => void slept.push(ms) };
beforeEach(() => (slept = []));

describe('a call to Stripe under each fault of the sandbox', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 11 });
  });
  afterAll(() => sandbox.stop());
  afterEach(() => fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

  type Call = (stripe: Stripe, customer: string) => Promise<unknown>;
  const calls: Record<string, { method: string; path: string; call: Call }> = {
    'a read': { method: 'GET', path: '/v1/customers/*', call: (stripe, id) => stripe.customers.retrieve(id) },
    'a list': { method: 'GET', path: '/v1/customers', call: (stripe) => stripe.customers.list() },
    'a creation': {
      method: 'POST',
      path: '/v1/customers',
      call: (stripe, id) => stripe.customers.create({ name: 'new' }, { idempotencyKey: `key of ${id}` }),
    },
    'a change': {
      method: 'POST',
      path: '/v1/customers/*',
      call: (stripe, id) => stripe.customers.update(id, { name: 'changed' }, { idempotencyKey: `change of ${id}` }),
    },
    'a deletion': { method: 'DELETE', path: '/v1/customers/*', call: (stripe, id) => stripe.customers.del(id) },
  };
  const passing = [
    'rate_limit',
    'rate_limit_should_retry',
    'lock_timeout',
    'error_before',
    'reset_before',
    'reset_after',
  ];
  const broken = ['truncated', 'invalid_json', 'no_error_key'];
  const cases = (faults: string[]) =>
    faults.flatMap((fault) => Object.keys(calls).map((kind) => [kind, fault] as const));
  const order = (kind: string, fault: string, times: number) =>
    control(sandbox, 'faults', { kind: fault, path: calls[kind]?.path, method: calls[kind]?.method, times });
  const made = async () => (await stripeAt(sandbox.url).customers.list({ limit: 100 })).data.length;

  it.each(cases([...passing, ...broken]))('%s gets through one %s, with one effect', async (kind, fault) => {
    const stripe = stripeAt(sandbox.url, {}, { timers });
    const { id } = await stripe.customers.create({});
    const before = await made();
    await order(kind, fault, 1);

    const ending = await calls[kind]?.call(stripe, id).then(
      () => 'done',
      (thrown: { code?: string }) => thrown.code,
    );

    // A deletion whose answer was lost finds nothing left, which its verbs take for success.
    const lost = kind === 'a deletion' && ['reset_after', ...broken].includes(fault);
    expect(ending).toBe(lost ? 'resource_missing' : 'done');
    expect(slept).toHaveLength(1);
    expect((await made()) - before).toBe(kind === 'a creation' ? 1 : kind === 'a deletion' ? -1 : 0);
  });

  it.each(cases(passing.filter((fault) => fault !== 'reset_after')))(
    '%s ends after three attempts of %s and is worth trying again',
    async (kind, fault) => {
      const stripe = stripeAt(sandbox.url, {}, { timers });
      const { id } = await stripe.customers.create({});
      await order(kind, fault, 9);

      const thrown: unknown = await calls[kind]?.call(stripe, id).catch((error: unknown) => error);

      expect(slept).toHaveLength(2);
      expect(isTransient(thrown)).toBe(true);
      expect(translateStripeError(thrown, 'do it')).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    },
  );

  it('does not repeat what failed for good under its key', async () => {
    await order('a creation', 'error_after', 1);
    const stripe = stripeAt(sandbox.url, {}, { timers });

    const call = stripe.customers.create({}, { idempotencyKey: 'a stored 500' });

    await expect(call).rejects.toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(slept).toHaveLength(1);
  });
});

describe('a call to Stripe', () => {
  let stop = () => {};
  afterEach(() => stop());

  async function at(
    answer: RequestListener,
    policy: Partial<CallPolicy> = {},
    ports: Partial<CallPorts> = {},
  ): Promise<{ url: string; stripe: StripeClient; count: () => number }> {
    let count = 0;
    const server = createServer((request, response) => {
      count += 1;
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stop = () => (server.closeAllConnections(), server.close());
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return { url, stripe: stripeAt(url, policy, { timers, ...ports }), count: () => count };
  }
  const status =
    (code: number, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}');
  const hang: RequestListener = () => {};

  it.each([
    [400, 'INTERNAL'],
    [401, 'PROVIDER_UNAVAILABLE'],
    [402, 'INTERNAL'],
    [403, 'PROVIDER_UNAVAILABLE'],
    [404, 'INTERNAL'],
  ])('is not repeated after a %i, and ends as %s', async (answered, code) => {
    const { stripe, count } = await at(status(answered));

    const thrown: unknown = await stripe.balance.retrieve().catch((error: unknown) => error);

    expect(count()).toBe(1);
    expect(isTransient(thrown)).toBe(false);
    expect(translateStripeError(thrown, 'read')).toMatchObject({ code });
  });

  it('does what Stripe-Should-Retry says, whatever the status', async () => {
    const no = await at(status(503, { 'stripe-should-retry': 'false' }));
    await expect(no.stripe.balance.retrieve()).rejects.toThrow();
    expect(no.count()).toBe(1);
    stop();

    const yes = await at(status(400, { 'stripe-should-retry': 'true' }));
    await expect(yes.stripe.balance.retrieve()).rejects.toThrow();
    expect(yes.count()).toBe(3);
  });

  it('waits as long as Retry-After says, and ends at once when that is too long', async () => {
    const soon = await at(status(429, { 'retry-after': '3' }));
    await expect(soon.stripe.balance.retrieve()).rejects.toThrow();
    expect(slept).toEqual([3_000, 3_000]);
    stop();

    const late = await at(status(429, { 'retry-after': '60' }));
    const thrown: unknown = await late.stripe.balance.retrieve().catch((error: unknown) => error);
    expect(late.count()).toBe(1);
    expect(translateStripeError(thrown, 'read')).toMatchObject({ retryAfterMs: 60_000 });
  });

  it('has ten seconds for a caller and thirty in a job', async () => {
    const limits: number[] = [];
    const after = (ms: number, task: () => void) => (limits.push(ms), systemTimers.after(0, task));
    const { url } = await at(hang);
    const { wall } = createManualTime();
    const patient = stripeAt(url, { jobMs: 30_000 }, { wall, timers: { ...timers, after } });

    await expect(patient.balance.retrieve()).rejects.toThrow();
    await expect(asJob(() => patient.balance.retrieve())).rejects.toThrow();

    expect(limits).toEqual([9_500, 9_500, 9_500, 30_000, 30_000, 30_000]);
  });

  it('shares the time of its mutation with the calls before it', async () => {
    const { stripe, count } = await at(hang);

    const thrown: unknown = await answeredBy(Date.now() - 1, () => stripe.balance.retrieve()).catch(
      (error: unknown) => error,
    );

    expect(count()).toBe(0);
    expect(outcomeUnknown(thrown)).toBe(false);
    expect(translateStripeError(thrown, 'read')).toBeInstanceOf(BillingError);
  });

  it('is repeated once in five calls at most during an outage', async () => {
    const { stripe, count } = await at(status(500), { breakerFailures: 0 });

    for (let call = 0; call < 200; call++) await stripe.customers.retrieve(`cus_${call}`).catch(() => {});

    // Ten repetitions are saved up before it begins.
    expect(count()).toBeLessThanOrEqual(200 * 1.2 + 10);
  });

  it('is not made while Stripe is left alone, and one finds out whether it answers again', async () => {
    let up = false;
    const { wall, advance } = createManualTime();
    const { stripe, count } = await at(
      (request, response) => (up ? response.end('{"object":"balance"}') : status(500)(request, response)),
      { breakerPauseMs: 1_000 },
      { wall },
    );
    for (let call = 0; call < 5; call++) await stripe.customers.retrieve(`cus_${call}`).catch(() => {});
    expect(stripe.calls.breaker()).toBe('open');
    const before = count();

    const refused: unknown = await stripe.balance.retrieve().catch((error: unknown) => error);

    expect(count()).toBe(before);
    expect(outcomeUnknown(refused)).toBe(false);
    expect(translateStripeError(refused, 'read')).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    up = true;
    advance(1_000);
    expect(await stripe.balance.retrieve()).toMatchObject({ object: 'balance' });
    expect(stripe.calls.breaker()).toBe('closed');
  });

  it('waits for its turn in the budget, and is not made when that is too late', async () => {
    const time = createManualTime();
    const { stripe, count } = await at(
      (_request, response) => response.end('{"object":"balance"}'),
      { perSecond: 4, mutationMs: 100 },
      time,
    );

    const calls = [1, 2, 3].map(() => stripe.balance.retrieve());
    await Promise.any(calls);
    time.advance(100);
    const ends = await Promise.allSettled(calls);

    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(count()).toBe(1);
  });

  it('is worth trying again when nobody is at the address', async () => {
    const stripe = stripeAt('http://127.0.0.1:9', {}, { timers });
    const nowhere = stripeAt('http://stripe.invalid', {}, { timers });

    for (const away of [stripe, nowhere]) {
      const thrown: unknown = await away.balance.retrieve().catch((error: unknown) => error);
      expect(isTransient(thrown)).toBe(true);
    }
    expect(slept).toHaveLength(4);
  });
});
