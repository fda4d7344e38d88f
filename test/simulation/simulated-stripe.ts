import Stripe from 'stripe';
import type { Chance } from './chance.js';
import type { Raw, StripeModel } from './stripe-model.js';

export interface StripeFaults {
  /** Share of calls that fail. */
  failing: number;
  /** Share of calls that are answered by a replica that lags behind. */
  stale: number;
}

const OLDEST_READ_MS = 10_000;

interface Answer {
  status: number;
  body: unknown;
}

const missing: Answer = {
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such object.' } },
};
const failures: Answer[] = [429, 500, 503].map((status) => ({
  status,
  body: { error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message: 'Try again.' } },
}));

/** Stripe's API over a model, reached through the real SDK, by one process of the gateway. */
export function createSimulatedStripe(needs: {
  model: StripeModel;
  chance: Chance;
  faults: StripeFaults;
  now: () => number;
  /** Lets the call take its time; never comes back to a process that is dead by then. */
  travel: (ms: number) => Promise<void>;
  onStale: () => void;
}): Stripe {
  const { model, chance, faults, now, travel, onStale } = needs;

  async function call(path: string): Promise<Answer> {
    const slow = chance.often(0.03);
    await travel(slow ? chance.whole(500, 9_000) : chance.whole(5, 150));
    if (chance.often(faults.failing)) {
      if (chance.often(0.3)) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return chance.pick(failures);
    }
    const old = chance.often(faults.stale);
    if (old) onStale();
    const answer = answerTo(model, path, old ? now() - chance.whole(1, OLDEST_READ_MS) : now());
    await travel(chance.whole(1, 60));
    return answer;
  }

  class SimulatedClient extends Stripe.HttpClient {
    override getClientName = () => 'simulation';
    override makeRequest = async (_host: string, _port: string, path: string) => {
      const { status, body } = await call(path);
      return new SimulatedResponse(status, body);
    };
  }
  return new Stripe('sk_test_simulation', {
    httpClient: new SimulatedClient() as never,
    maxNetworkRetries: 0,
    telemetry: false,
  });
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

const list = (data: Raw[]): Answer => ({ status: 200, body: { object: 'list', data, has_more: false, url: '/' } });

function answerTo(model: StripeModel, path: string, at: number): Answer {
  const url = new URL(path, 'https://api.stripe.com');
  const parts = url.pathname.split('/').slice(2);
  const asked = (name: string) => url.searchParams.get(name);
  const expanded = (raw: Raw): Raw =>
    raw.object === 'subscription' && typeof raw.latest_invoice === 'string' && path.includes('latest_invoice')
      ? { ...raw, latest_invoice: model.asOf(raw.latest_invoice, at) ?? raw.latest_invoice }
      : raw;
  const of = (object: string) => model.all(object, at).filter((raw) => raw.customer === asked('customer'));
  const id = parts.find((part) => /^(cus|sub|in|cs|prod)_/.test(part));
  if (parts.includes('payment_methods')) {
    return list(model.all('payment_method', at).filter((raw) => raw.customer === id));
  }
  if (id !== undefined) {
    const raw = model.asOf(id, at);
    return raw ? { status: 200, body: expanded(raw) } : missing;
  }
  if (parts[0] === 'prices') {
    const active = asked('active') === 'true';
    return list(model.all('price', at).filter((raw) => raw.product === asked('product') && raw.active === active));
  }
  if (parts[0] === 'subscriptions') {
    return list(
      of('subscription')
        .filter(({ status }) => status !== 'canceled')
        .map(expanded),
    );
  }
  const object = parts[0] === 'invoices' ? 'invoice' : 'checkout.session';
  return list(of(object).filter(({ status }) => status === asked('status')));
}
