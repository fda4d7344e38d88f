import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

export const SECRET = 'whsec_test_receiver';

/** A webhook endpoint that checks every signature and remembers what it got. */
export interface Receiver {
  url: string;
  events: Stripe.Event[];
  types(): string[];
  /** The types since the last call. */
  takeTypes(): string[];
  /** What the next requests are answered with; 200 by default. */
  answerWith(status: number): void;
  stop(): Promise<void>;
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const stripe = new Stripe('sk_test_receiver');
  const events: Stripe.Event[] = [];
  let status = 200;
  let taken = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = String(request.headers['stripe-signature']);
      const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, SECRET);
      if (status === 200) events.push(event);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const types = (): string[] => events.map(({ type }) => type);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    events,
    types,
    takeTypes() {
      const fresh = types().slice(taken);
      taken = events.length;
      return fresh;
    },
    answerWith(next) {
      status = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
