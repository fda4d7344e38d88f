import Stripe from 'stripe';

type Client = ReturnType<typeof Stripe.createNodeHttpClient>;
type Response = Awaited<ReturnType<Client['makeRequest']>>;

const hasError = (body: unknown): boolean => typeof body === 'object' && body !== null && 'error' in body;
const isObject = (body: unknown): boolean => typeof body === 'object' && body !== null;

/**
 * SDK 23.1 resolves a non-2xx JSON body that has no `error` key as if it were the object that was asked for (a proxy's
 * `{"message": …}`, say). Behind this client such an answer is the failure that its status says it is. Characters that
 * not every database keeps are replaced: what is stored would differ for ever from what Stripe says.
 */
export function createStrictHttpClient(): Client {
  const inner = Stripe.createNodeHttpClient();
  const makeRequest: Client['makeRequest'] = async (...request) => strict(await inner.makeRequest(...request));
  return Object.assign(Object.create(inner) as Client, { makeRequest });
}

function strict(response: Response): Response {
  const status = response.getStatusCode();
  const toJSON = async (): Promise<unknown> => {
    const body: unknown = await response.toJSON();
    const good = status < 300 ? isObject(body) : hasError(body);
    if (good) return storable(body);
    return { error: { type: 'api_error', message: `Stripe's side answered ${status} without saying what is wrong.` } };
  };
  return Object.assign(Object.create(response) as Response, { toJSON });
}

const unstorable = /[\0\p{Cs}]/gu;

/** In place, for most answers hold none. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unstorable, '\uFFFD');
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  for (const name of Object.keys(parts)) {
    const part = storable(parts[name]);
    if (part !== parts[name]) parts[name] = part;
  }
  return parts;
}
