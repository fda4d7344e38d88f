import type Stripe from 'stripe';
import type { SandboxSettings } from '../../../sandbox/settings.js';
import { startSandbox, type Sandbox } from '../../../sandbox/start-sandbox.js';
import { startReceiver, SECRET, type Receiver } from './receiver.js';
import { stripeFor } from './stripe-for.js';

/** A sandbox with an endpoint that listens, and the usual things at hand. */
export interface Story {
  sandbox: Sandbox;
  receiver: Receiver;
  stripe: Stripe;
  price(name: string, unit_amount: number, more?: Partial<Stripe.PriceCreateParams>): Promise<string>;
  /** A customer whose default card is the token's. */
  customer(token?: string, more?: Stripe.CustomerCreateParams): Promise<string>;
  /** The types that arrived since the last call, once nothing is pending. */
  told(): Promise<string[]>;
  /** The last event of a type that arrived. */
  last(type: string): Stripe.Event;
  stop(): Promise<void>;
}

export async function startStory(
  clock = '2027-04-01T00:00:00Z',
  settings: Partial<SandboxSettings> = {},
): Promise<Story> {
  const receiver = await startReceiver();
  const sandbox = await startSandbox({
    seed: 11,
    clock,
    frozen: true,
    settings,
    endpoint: { url: receiver.url, secret: SECRET },
  });
  const stripe = stripeFor(sandbox);
  return {
    sandbox,
    receiver,
    stripe,
    async price(name, unit_amount, more = {}) {
      const price = await stripe.prices.create({
        currency: 'usd',
        unit_amount,
        recurring: { interval: 'month' },
        product_data: { name },
        ...more,
      });
      return price.id;
    },
    async customer(token = 'pm_card_visa', more = {}) {
      const customer = await stripe.customers.create(more);
      const method = await stripe.paymentMethods.attach(token, { customer: customer.id });
      await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
      return customer.id;
    },
    async told() {
      await sandbox.idle();
      return receiver.takeTypes();
    },
    last(type) {
      const found = receiver.events.findLast((event) => event.type === type);
      if (!found) throw new Error(`No ${type} arrived; what did: ${receiver.types().join(', ')}`);
      return found;
    },
    async stop() {
      await sandbox.stop();
      await receiver.stop();
    },
  };
}
