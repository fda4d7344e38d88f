import Stripe from 'stripe';

/** The real SDK, pointed at a sandbox. */
export function stripeFor({ port }: { port: number }, config: Partial<Stripe.StripeConfig> = {}): Stripe {
  return new Stripe('sk_test_sandbox', { host: '127.0.0.1', port, protocol: 'http', telemetry: false, ...config });
}

/** Takes back every fault that was ordered. */
export const heal = ({ url }: { url: string }): Promise<Response> =>
  fetch(`${url}/_sandbox/faults`, { method: 'DELETE' });

/** Calls a control path of the sandbox. */
export async function control<T = Record<string, unknown>>(
  sandbox: { url: string },
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const answer = await fetch(
    `${sandbox.url}/_sandbox/${path}`,
    body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
  );
  return { status: answer.status, body: (await answer.json()) as T };
}
