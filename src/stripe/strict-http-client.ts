import Stripe from 'stripe';

type Client = ReturnType<typeof Stripe.createNodeHttpClient>;
type Response = Awaited<ReturnType<Client['makeRequest']>>;

const hasError = (body: unknown): boolean => typeof body === 'object' && body !== null && 'error' in body;
const isObject = (body: unknown): boolean => typeof body === 'object' && body !== null;

/**
 * SDK 23.1 resolves a non-2xx JSON body that has no `error` key as if it were the object that was asked for (a proxy's
 * `{"message": …}`, say). Behind this client such an answer is the failure that its status says it is.
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
    if (good) return body;
    return { error: { type: 'api_error', message: `Stripe's side answered ${status} without saying what is wrong.` } };
  };
  return Object.assign(Object.create(response) as Response, { toJSON });
}
