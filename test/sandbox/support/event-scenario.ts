import type Stripe from 'stripe';
import type { Story } from './story.js';
import type { Cause } from './told-events.js';

/** What a scenario has at hand: the SDK, a customer who pays, two prices and what its steps leave for later ones. */
export interface Scene {
  story: Story;
  stripe: Stripe;
  customer: string;
  small: string;
  large: string;
  subscription: Stripe.Subscription;
  kept: string;
}
export type Step = [by: Cause, act: (scene: Scene) => Promise<unknown>, told: string[][]];
export interface Scenario {
  name: string;
  /** The card of the customer, null for none; visa by default. */
  card?: string | null;
  /** Subscribes the customer to the small price first. */
  subscribed?: boolean;
  steps: Step[];
  /** What the objects are in the end. */
  ends: (scene: Scene) => Promise<void>;
  /** The lines of each of the customer's invoices in the end, the newest first, in minor units. */
  bills: number[][];
}

export const advance =
  (by: string) =>
  ({ story }: Scene): Promise<unknown> =>
    story.sandbox.advance({ by });
export const billsOf = async ({ stripe, customer }: Scene): Promise<number[][]> =>
  (await stripe.invoices.list({ customer })).data.map(({ lines }) =>
    lines.data.map(({ amount }) => amount).sort((one, other) => one - other),
  );
export const newest = async ({ stripe, customer }: Scene): Promise<Stripe.Invoice> =>
  (await stripe.invoices.list({ customer, limit: 1 })).data[0] as Stripe.Invoice;
export const now = ({ stripe, subscription }: Scene): Promise<Stripe.Subscription> =>
  stripe.subscriptions.retrieve(subscription.id);
export const swap = (scene: Scene, more: Stripe.SubscriptionUpdateParams): Promise<Stripe.Subscription> =>
  scene.stripe.subscriptions.update(scene.subscription.id, {
    items: [{ id: scene.subscription.items.data[0]?.id, price: scene.large }],
    ...more,
  });
export const useCard = async ({ stripe, customer, subscription }: Scene, card: string): Promise<void> => {
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: id });
};

export const finalizes = ['invoice.finalized', 'payment_intent.created'];
export const pays = [
  'charge.succeeded',
  'invoice.paid',
  'invoice.payment_succeeded',
  'invoice_payment.paid',
  'payment_intent.succeeded',
];
export const fails = ['charge.failed', 'invoice.payment_failed', 'invoice.updated', 'payment_intent.payment_failed'];
export const updated = 'customer.subscription.updated';
export const access = 'entitlements.active_entitlement_summary.updated';
