import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { explainAway, translateStripeError } from '../../src/stripe/errors.js';
import { Unanswered } from '../../src/stripe/unanswered.js';
import { stripeAt } from '../support/stripe-at.js';

let server: Server;
afterEach(() => server.close());

/** A server that answers every call alike. */
async function answering(status: number, body: string): Promise<{ stripe: Stripe; url: string; calls: () => number }> {
  let calls = 0;
  server = createServer((_request, response) => {
    calls += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { stripe: stripeAt(url), url, calls: () => calls };
}

describe('the Stripe client', () => {
  it.each([
    [400, '{"message":"upstream"}'],
    [503, '{"message":"upstream connect error"}'],
    [502, '{}'],
    [500, 'null'],
    [503, '"away"'],
  ])(
    'takes %i with the body %s for a failure, though the SDK alone would resolve some of them',
    async (status, body) => {
      const { stripe } = await answering(status, body);

      const answer = stripe.subscriptions.update('sub_1', { cancel_at_period_end: true }, { maxNetworkRetries: 0 });

      await expect(answer).rejects.toBeInstanceOf(Stripe.errors.StripeError);
      await expect(answer).rejects.toMatchObject({ statusCode: status });
    },
  );

  it('tries three times when Stripe is away', async () => {
    const { stripe, calls } = await answering(503, '{"message":"upstream connect error"}');

    await expect(stripe.subscriptions.retrieve('sub_1')).rejects.toThrow();

    expect(calls()).toBe(3);
  });

  it('says of an address where nobody answers what was found there and what to do, also behind another error', async () => {
    const { stripe, url } = await answering(200, '{}');
    server.close();
    await once(server, 'close');
    const thrown: unknown = await stripe.products.list().catch((error: unknown) => error);

    const where = url.replace('http://', '');
    const told = `Stripe does not answer at ${where} (ECONNREFUSED). Start the sandbox, correct STRIPE_API_BASE, or try again in a moment.`;
    expect(explainAway(thrown)).toBe(told);
    expect(explainAway(translateStripeError(thrown, 'list'))).toBe(
      `Stripe could not be asked to list just now. ${told}`,
    );
    expect(new Unanswered('api.stripe.com', 443, new Error('cut off'))).toMatchObject({
      message: 'Stripe does not answer at api.stripe.com:443 (cut off).',
      whatToDo: 'Check the network, or try again in a moment.',
    });
  });

  it('leaves a good answer as it is', async () => {
    const { stripe } = await answering(200, '{"id":"sub_1","object":"subscription"}');

    expect(await stripe.subscriptions.retrieve('sub_1')).toMatchObject({ id: 'sub_1' });
  });
});
