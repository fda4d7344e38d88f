import type { Person, World } from './world.js';
import { CHECKOUT, payCheckout } from './story.js';

/** The documents of the story about paying. */
export const WALLET = `{ viewer { account {
  revision
  defaultPaymentMethod { id label }
  paymentMethods(first: 10) { nodes { id label kind kindRaw brand last4 expMonth expYear isDefault expiresSoon } pageInfo { hasNextPage endCursor } }
  subscription { id status paymentMethod { id label } latestInvoice { id status } }
  access { allowed reason until }
  timeline { nodes { title detail actor } }
} } }`;

const USER_ERRORS = `userErrors { code message field hint ... on CardDeclinedError { declineCode retryable } }`;
const PAYMENT_ACTION = `paymentAction { kind clientSecret publishableKey hostedUrl invoice { id status } }`;
const ACCOUNT = `account { revision defaultPaymentMethod { id label } paymentMethods { nodes { id label isDefault } } subscription { id status paymentMethod { id label } } access { allowed reason } }`;

export const SETUP_INTENT = `mutation ($key: ID) { createSetupIntent(input: { idempotencyKey: $key }) { clientSecret publishableKey ${USER_ERRORS} } }`;
export const SET_DEFAULT = `mutation ($method: ID!, $subscription: ID, $retry: Boolean, $key: ID) {
  setDefaultPaymentMethod(input: { paymentMethod: $method, subscription: $subscription, retryOpenInvoices: $retry, idempotencyKey: $key }) {
    ${ACCOUNT} ${PAYMENT_ACTION} ${USER_ERRORS}
  }
}`;
export const REMOVE_METHOD = `mutation ($id: ID!) { removePaymentMethod(input: { id: $id }) { ${ACCOUNT} ${USER_ERRORS} } }`;
export const PAY_INVOICE = `mutation ($invoice: ID!, $method: ID, $key: ID) {
  payInvoice(input: { invoice: $invoice, paymentMethod: $method, idempotencyKey: $key }) {
    outcome invoice { id status } ${PAYMENT_ACTION} ${USER_ERRORS}
  }
}`;

/** Somebody with a monthly subscription to Team, paid with a Visa card. */
export async function subscriber(world: World, name: string): Promise<Person> {
  const person = world.as(name);
  const { data } = await person.ask(CHECKOUT, { plan: 'team' });
  await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
  await world.settled();
  return person;
}

/** The customer of an account at Stripe. */
export async function customerOf({ gateway }: World, name: string): Promise<string> {
  const { data } = await gateway.parts.stripe.customers.list({ limit: 100 });
  const customer = data.find(({ metadata }) => metadata.external_id === name);
  if (!customer) throw new Error(`Stripe has no customer of '${name}'.`);
  return customer.id;
}

/** Adds a test card to an account as the browser would, and waits until it is told. Answers its id. */
export async function addCard(world: World, name: string, card: string): Promise<string> {
  const { stripe } = world.gateway.parts;
  const { id } = await stripe.paymentMethods.attach(card, { customer: await customerOf(world, name) });
  await world.settled();
  return id;
}

/** Charges every live subscription of an account to a card that its bank refuses, behind the gateway's back. */
export async function failRenewal(world: World, name: string, card = 'pm_card_chargeCustomerFail'): Promise<string> {
  const { stripe } = world.gateway.parts;
  const method = await addCard(world, name, card);
  const { data } = await stripe.subscriptions.list({ customer: await customerOf(world, name) });
  for (const { id } of data) await stripe.subscriptions.update(id, { default_payment_method: method });
  await world.advance({ by: 'P1M' });
  await world.advance({ by: 'PT2H' });
  return method;
}
