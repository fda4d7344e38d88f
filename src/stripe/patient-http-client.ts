import Stripe from 'stripe';
import type { Metrics } from '../operations/figures.js';
import type { Random, Timers, WallClock } from '../ports.js';
import { type AttemptEnd, type Breaker, createBreaker } from './breaker.js';
import type { CallPolicy } from './call-settings.js';
import { currentPatience } from './patience.js';
import { createRateBudget } from './rate-budget.js';
import { delayBefore, MOST_ATTEMPTS, type Attempt } from './repeat-call.js';
import { NotAsked, Unanswered } from './unanswered.js';

type Client = ReturnType<typeof Stripe.createNodeHttpClient>;
type Request = Parameters<Client['makeRequest']>;
type Response = Awaited<ReturnType<Client['makeRequest']>>;

export interface CallPorts {
  wall: WallClock;
  timers: Timers;
  random: Random;
}

/** A repetition costs five first attempts, so that an outage is never answered with much more than was asked before. */
const REPEATS_PER_CALL = 0.2;
const MOST_REPEATS_SAVED = 10;

/**
 * Puts time limits, the shared budget, repetition under the same key and the breaker around every call of the SDK,
 * which itself must repeat nothing. Throws NotAsked or Unanswered, which the SDK makes a StripeConnectionError.
 */
export function createPatientHttpClient(
  inner: Client,
  policy: CallPolicy,
  ports: CallPorts,
  metrics: () => Metrics,
): { client: Client; breaker: Breaker } {
  const { wall, timers, random } = ports;
  const budget = createRateBudget(policy.perSecond, ports);
  const breaker = createBreaker(
    { failures: policy.breakerFailures, longestPauseMs: policy.breakerPauseMs },
    { wall, random },
  );
  let repeats = MOST_REPEATS_SAVED;

  function refuse(reason: 'breaker' | 'budget', retryInMs: number): never {
    metrics().count('billing_stripe_not_asked_total', { reason });
    throw new NotAsked(reason, retryInMs);
  }

  async function turn(limitMs: number, job: boolean): Promise<boolean> {
    const waited = metrics().start('billing_stripe_budget_wait_seconds');
    const granted = limitMs > 0 && (await budget.take(limitMs, job));
    waited();
    return granted;
  }

  async function makeRequest(...request: Request): Promise<Response> {
    const { job, until } = currentPatience();
    const ownLimit = wall.now() + (job ? policy.jobMs : policy.mutationMs);
    const deadline = Math.min(ownLimit, until ?? ownLimit);
    repeats = Math.min(MOST_REPEATS_SAVED, repeats + REPEATS_PER_CALL);
    let last: Attempt<Response> | undefined;
    for (let number = 1; ; number++) {
      const pass = breaker.admit(`${request[3]} ${request[2].split('?', 1)[0]}`);
      if ('refusedForMs' in pass) return last ? settle(last, request) : refuse('breaker', pass.refusedForMs);
      if (!(await turn(deadline - wall.now(), job))) {
        pass.end('unasked');
        return last ? settle(last, request) : refuse('budget', 1_000);
      }
      last = await attempt(inner, timers, request, Math.max(1, deadline - wall.now()));
      pass.end(endOf(last));
      if (last.status === 429) budget.drain();
      const delay = pass.trial || number === MOST_ATTEMPTS ? null : delayBefore(number, last, random.fraction());
      if (delay === null || wall.now() + delay >= deadline || repeats < 1) return settle(last, request);
      repeats -= 1;
      metrics().count('billing_stripe_repeated_total', { reason: String(last.status ?? 'network') });
      await timers.sleep(delay);
    }
  }

  return { client: Object.assign(Object.create(inner) as Client, { makeRequest }), breaker };
}

const endOf = ({ status }: Attempt<Response>): AttemptEnd => (status === null || status >= 500 ? 'failed' : 'answered');

/** One attempt with its whole answer. What comes too late is not waited for. */
async function attempt(inner: Client, timers: Timers, request: Request, limitMs: number): Promise<Attempt<Response>> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = timers.after(limitMs, () => reject(Stripe.HttpClient.makeTimeoutError()));
  });
  const [host, port, path, method, headers, data, protocol] = request;
  const asked = inner.makeRequest(host, port, path, method, headers, data, protocol, limitMs).then(readWhole);
  // After the race nobody else listens.
  asked.catch(() => {});
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    return { response: null, status: null, headers: {}, error };
  } finally {
    cancel();
  }
}

async function readWhole(response: Response): Promise<Attempt<Response>> {
  const headers = response.getHeaders() as Record<string, string>;
  try {
    const body: unknown = await response.toJSON();
    const whole = Object.assign(Object.create(response) as Response, { toJSON: async () => body });
    return { response: whole, status: response.getStatusCode(), headers, error: null };
  } catch (error) {
    const broken = Object.assign(Object.create(response) as Response, { toJSON: () => Promise.reject(error as Error) });
    return { response: broken, status: null, headers, error };
  }
}

function settle({ response, error }: Attempt<Response>, [host, port]: Request): Response {
  if (response) return response;
  throw new Unanswered(host, port, error);
}
