import { payCheckout } from '../support/story.js';
import type { Answered, Life } from './life.js';

/** One thing that happens to an account, at the gateway by a mutation or at Stripe. */
export interface Step {
  name: string;
  /** Repeated with the same key when it is not answered. Answers what the mutation answered. */
  take(life: Life, key: string): Promise<Answered | undefined>;
}

type Inputs = Record<string, unknown>;

function mutation(field: string, input: (life: Life) => Inputs | Promise<Inputs> = () => ({}), more = 'outcome') {
  const type = TYPES[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { ${more} userErrors { code message } } }`;
  return async (life: Life, key: string) =>
    life.ask(document, { input: { ...(await input(life)), ...(KEYLESS.has(field) ? {} : { idempotencyKey: key }) } });
}

const TYPES: Record<string, string> = {
  cancelPendingChange: 'SubscriptionRefInput',
  reactivateSubscription: 'SubscriptionRefInput',
  resumeSubscription: 'SubscriptionRefInput',
  removePaymentMethod: 'RemoveByIdInput',
  removeTaxId: 'RemoveByIdInput',
};
/** Told once more, they find that it is done. */
export const KEYLESS = new Set(['updateBillingDetails', 'removePaymentMethod', 'removeTaxId']);

const customerOf = async ({ stripe }: Life): Promise<string> => (await stripe.customers.list()).data[0]?.id ?? '';

async function cardOf(life: Life, brand: string): Promise<string> {
  const { data } = await life.stripe.customers.listPaymentMethods(await customerOf(life));
  return data.find(({ card }) => card?.brand === brand)?.id ?? '';
}

async function lastInvoiceOf(life: Life): Promise<string> {
  const { data } = await life.stripe.invoices.list({ customer: await customerOf(life) });
  return data.find(({ billing_reason }) => billing_reason === 'subscription_cycle')?.id ?? '';
}

/** A second try at what was done already is refused, which is as good. */
const once = (work: Promise<unknown>): Promise<undefined> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** When the first invoice of the second month has been tried. */
const RENEWED = '2027-02-15T02:00:00Z';

/** What comes before the first step: the gateway makes its endpoint and reads the catalogue. */
export const START = 'start';

/** The story of an account from its first checkout to a second subscription. Stripe's clock moves only where it says so. */
export const STORY: readonly Step[] = [
  {
    name: 'open a checkout',
    take: mutation('createCheckoutSession', () => ({ plan: 'team', interval: 'MONTH' }), 'session { id }'),
  },
  {
    name: 'pay the checkout',
    async take(life) {
      const { data } = await life.stripe.checkout.sessions.list();
      return once(payCheckout(life.sandbox, data[0]?.id ?? ''));
    },
  },
  {
    name: 'count what is used',
    take: mutation(
      'recordUsage',
      () => ({ feature: 'members-per-team', quantity: 5 }),
      'accepted entitlement { used limit overBy }',
    ),
  },
  {
    name: 'fill in the billing details',
    take: mutation('updateBillingDetails', () => ({ name: 'Acme', email: 'billing@acme.example' }), ''),
  },
  { name: 'add a tax id', take: mutation('addTaxId', () => ({ type: 'eu_vat', value: 'DE123456789' }), '') },
  {
    name: 'remove the tax id',
    take: mutation(
      'removeTaxId',
      async (life) => ({
        id: (await life.stripe.customers.listTaxIds(await customerOf(life))).data[0]?.id ?? 'txi_gone',
      }),
      '',
    ),
  },
  { name: 'upgrade', take: mutation('changePlan', () => ({ plan: 'business' })) },
  { name: 'book a downgrade', take: mutation('changePlan', () => ({ plan: 'team' })) },
  { name: 'take the downgrade back', take: mutation('cancelPendingChange') },
  { name: 'cancel', take: mutation('cancelSubscription') },
  { name: 'reactivate', take: mutation('reactivateSubscription') },
  { name: 'pause', take: mutation('pauseSubscription') },
  { name: 'resume', take: mutation('resumeSubscription') },
  { name: 'begin to collect a card', take: mutation('createSetupIntent', () => ({}), '') },
  {
    name: 'attach a card at Stripe',
    async take(life) {
      if ((await cardOf(life, 'mastercard')) !== '') return undefined;
      return once(life.stripe.paymentMethods.attach('pm_card_mastercard', { customer: await customerOf(life) }));
    },
  },
  {
    name: 'make it the default',
    take: mutation(
      'setDefaultPaymentMethod',
      async (life) => ({ paymentMethod: await cardOf(life, 'mastercard') }),
      '',
    ),
  },
  {
    name: 'remove the old card',
    take: mutation('removePaymentMethod', async (life) => ({ id: (await cardOf(life, 'visa')) || 'pm_gone' }), ''),
  },
  {
    name: 'rename a product at Stripe',
    take: async (life) => once(life.stripe.products.update('prod_sample_team', { name: 'Team spirit' })),
  },
  {
    name: 'fail a renewal',
    async take(life) {
      if (life.sandbox.now() >= Date.parse(RENEWED)) return undefined;
      const body = JSON.stringify({ outcome: 'declined', times: 1 });
      const customer = await customerOf(life);
      await fetch(`${life.sandbox.url}/_sandbox/customers/${customer}/next_payment`, { method: 'POST', body });
      await life.sandbox.advance({ to: '2027-02-15T00:00:00Z' });
      // A draft is finalized an hour after somebody was told of it, so somebody must be there to be told.
      await life.settled();
      await life.sandbox.advance({ to: RENEWED });
      return undefined;
    },
  },
  {
    name: 'pay the open invoice',
    take: mutation('payInvoice', async (life) => ({ invoice: await lastInvoiceOf(life) })),
  },
  { name: 'cancel now at Stripe', take: async (life) => once(endAll(life)) },
  {
    name: 'start anew with the stored card',
    take: mutation('startSubscription', () => ({ plan: 'team', interval: 'YEAR', trial: false })),
  },
];

async function endAll({ stripe }: Life): Promise<void> {
  const { data } = await stripe.subscriptions.list({ status: 'active' });
  for (const { id } of data) await stripe.subscriptions.cancel(id);
}
