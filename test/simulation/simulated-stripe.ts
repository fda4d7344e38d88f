import Stripe from 'stripe';
import { parseForm } from '../../sandbox/http/form.js';
import type { Chance } from './chance.js';
import type { Phase } from './gate.js';
import type { StripeModel } from './stripe-model.js';
import type { Answer } from './stripe-answers.js';
import { readAnswer } from './stripe-reads.js';
import { previewAnswer, writeAnswer } from './stripe-writes.js';
import type { World } from './world.js';

const OLDEST_READ_MS = 10_000;
/** Share of the calls that change something and fail, where calls fail at all; half of them have had their effect. */
const FAILING_WRITES = 0.2;

const failures: Answer[] = [429, 500, 503].map((status) => ({
  status,
  body: { error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message: 'Try again.' } },
}));

interface Call {
  path: string;
  method: string;
  data: string;
  key: string | null;
}

/** Answers that Stripe gives again to a repeated key, whichever process repeats it. */
export type Replays = Map<string, Answer>;

/** Stripe's API over a model, reached through the real SDK, by one process of the gateway. */
export function createSimulatedStripe(needs: {
  world: World;
  chance: Chance;
  replays: Replays;
  /** Lets the call take its time; never comes back to a process that is dead by then. */
  travel: (ms: number, phase: Phase) => Promise<void>;
}): Stripe {
  const { world, chance, replays, travel } = needs;
  const { stripe: model, faults, count, schedule } = world;

  /** After a reset the SDK would try once more by itself, and wait for it in real time. */
  function fail(outcomes: readonly Answer[]): Answer {
    if (chance.often(0.3)) throw Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
    return chance.pick(outcomes);
  }

  async function read({ path, method, data }: Call): Promise<Answer> {
    await travel(chance.often(0.03) ? chance.whole(500, 9_000) : chance.whole(5, 150), 'fetch');
    if (chance.often(faults.failing)) return fail(failures);
    const old = chance.often(faults.stale);
    if (old) count('stale reads');
    const at = schedule.now - (old ? chance.whole(1, OLDEST_READ_MS) : 0);
    const answer = method === 'GET' ? readAnswer(model, path, at) : previewAnswer(model, parseForm(data), at);
    await travel(chance.whole(1, 60), 'fetch');
    return answer;
  }

  async function write(call: Call): Promise<Answer> {
    await travel(chance.often(0.03) ? chance.whole(500, 9_000) : chance.whole(5, 150), 'write');
    const fails = faults.failing > 0 && chance.often(FAILING_WRITES);
    if (fails && chance.often(0.5)) return fail(failures);
    const effects = model.effects.length;
    const answer = carryOut(model, chance, replays, call);
    await travel(chance.whole(1, 60), 'written');
    if (!fails) return answer;
    if (model.effects.length > effects) count("Stripe's answers lost after the effect");
    return fail(failures.filter(({ status }) => status !== 429));
  }

  class SimulatedClient extends Stripe.HttpClient {
    override getClientName = () => 'simulation';
    override makeRequest = async (...request: Parameters<Stripe.HttpClient['makeRequest']>) => {
      const [, , path, method, headers, data] = request as unknown as string[] & { 4: Record<string, string> };
      const call = { path: String(path), method: String(method), data: data ?? '', key: keyIn(headers) };
      const { status, body } = await (isRead(call) ? read(call) : write(call));
      return new SimulatedResponse(status, body);
    };
  }
  return new Stripe('sk_test_simulation', {
    httpClient: new SimulatedClient() as never,
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

const isRead = ({ path, method }: Call) => method === 'GET' || path.startsWith('/v1/invoices/create_preview');

function keyIn(headers: Record<string, string> | undefined): string | null {
  const [, key] = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'idempotency-key') ?? [];
  return key ?? null;
}

function carryOut(model: StripeModel, chance: Chance, replays: Replays, { path, method, data, key }: Call): Answer {
  const held = key === null ? undefined : replays.get(key);
  if (held) return held;
  const answer = model.answer(key, () => writeAnswer(model, chance, { path, method, form: parseForm(data) }));
  if (key !== null) replays.set(key, answer);
  return answer;
}

class SimulatedResponse extends Stripe.HttpClientResponse {
  constructor(
    status: number,
    private readonly body: unknown,
  ) {
    super(status, { 'request-id': 'req_1' });
  }
  override getRawResponse = () => this.body as never;
  override toJSON = () => Promise.resolve(structuredClone(this.body));
}
