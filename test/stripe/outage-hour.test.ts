import Stripe from 'stripe';
import { systemTimers } from '../../src/clock/system-clock.js';
import { silentMetrics } from '../../src/operations/figures.js';
import type { CallPolicy } from '../../src/stripe/call-settings.js';
import { createPatientHttpClient } from '../../src/stripe/patient-http-client.js';
import { createChance } from '../simulation/chance.js';
import { createManualTime } from '../support/manual-time.js';
import { AT_SANDBOX } from '../support/stripe-at.js';

type Client = ReturnType<typeof Stripe.createNodeHttpClient>;
type Response = Awaited<ReturnType<Client['makeRequest']>>;

const HOUR_SECONDS = 3_600;
const CALLS_A_SECOND = 5;

/** An hour of callers, in no time: how many calls they made, and how often Stripe was asked for them. */
async function anHour(fails: (chance: number) => 'server error' | 'reset' | null, policy: Partial<CallPolicy> = {}) {
  const time = createManualTime();
  const chance = createChance(7);
  let asked = 0;
  const answer = (status: number): Response =>
    ({
      getStatusCode: () => status,
      getHeaders: () => ({}),
      toJSON: () => Promise.resolve(status < 300 ? { id: 'x' } : { error: { message: 'down' } }),
    }) as unknown as Response;
  const stripe = {
    makeRequest: () => {
      asked += 1;
      const failure = fails(chance.fraction());
      return failure === 'reset'
        ? Promise.reject(new Error('ECONNRESET'))
        : Promise.resolve(answer(failure ? 503 : 200));
    },
  } as unknown as Client;
  const random = { fraction: chance.fraction, ulid: () => '', uuid: () => '' };
  const ports = { wall: time.wall, timers: { ...time.timers, turn: systemTimers.turn }, random };
  const { client } = createPatientHttpClient(stripe, { ...AT_SANDBOX, ...policy }, ports, () => silentMetrics);
  const made: Promise<unknown>[] = [];
  for (let second = 0; second < HOUR_SECONDS; second++) {
    for (let call = 0; call < CALLS_A_SECOND; call++) {
      const path = `/v1/customers/cus_${call}`;
      made.push(client.makeRequest('stripe', '443', path, 'GET', {}, '', 'https', 80_000).catch(() => null));
    }
    // Repetitions wait between these.
    for (let part = 0; part < 4; part++) {
      await systemTimers.turn();
      time.advance(250);
    }
  }
  time.advance(60_000);
  await Promise.all(made);
  return { calls: made.length, asked, ratio: asked / made.length };
}

describe('an hour in which Stripe fails', () => {
  it.each<[string, Parameters<typeof anHour>]>([
    ['answers nothing but 503', [() => 'server error']],
    ['resets every connection', [() => 'reset']],
    ['fails for every second call', [(chance) => (chance < 0.5 ? 'server error' : null)]],
    ['fails for nine of ten calls', [(chance) => (chance < 0.9 ? 'reset' : null)]],
    ['answers nothing but 503, and nobody leaves it alone', [() => 'server error', { breakerFailures: 0 }]],
  ])('is answered with at most 1.2 attempts for each call when it %s', async (what, given) => {
    const { calls, asked, ratio } = await anHour(...given);

    process.stdout.write(`${what}: ${calls} calls in an hour, Stripe asked ${asked} times (${ratio.toFixed(3)})\n`);
    // Ten repetitions are saved up before it begins.
    expect(asked).toBeLessThanOrEqual(1.2 * calls + 10);
    expect(asked).toBeGreaterThan(0);
  });
});
