import { Role } from '../../src/auth/roles.js';
import { run, standing, subscriber } from '../support/change-plan-story.js';
import { completeIntents } from '../support/complete-intents.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { sellCode } from '../support/price-story.js';
import { CHECKOUT } from '../support/story.js';
import { START, type Verb, verbs } from '../support/verb-stories.js';
import { type Person, startWorld, type World } from '../support/world.js';

const mutation = (name: string, input: string) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { userErrors { code } } }`;
const HOLDINGS = `{ viewer { account { name taxIds { id } defaultPaymentMethod { label } subscription { paymentMethod { label } } } } }`;

const holdings = async (acme: Person) => (await acme.ask(HOLDINGS)).data.viewer.account;
const defaultsOf = async ({ acme }: Stage) => {
  const { defaultPaymentMethod, subscription } = await holdings(acme);
  return [defaultPaymentMethod, subscription.paymentMethod].map((method) => method?.label);
};
const liveOf = async ({ gateway }: World, customer: string) =>
  (await gateway.parts.stripe.subscriptions.list({ customer, limit: 100 })).data;

interface Stage {
  world: World;
  /** Whose story it is, and who asks for everything there. */
  name: string;
  acme: Person;
}

interface Story extends Verb {
  name: string;
  /** What must be so before; somebody who has subscribed when left out. */
  given?: 'nobody' | 'card';
  /** What else must be so, and the part of the input that it decides. */
  prepare?(stage: Stage): Promise<Record<string, unknown>>;
  /** The input takes no key of the caller's. */
  keyless?: boolean;
  /** The call that goes wrong, with its last part. */
  call: [method: string, path: string];
  /** What is so in the end: the plan, the status, and how many invoices were paid. */
  then: { plan: string; status: string | null; invoices: number };
  /** What is so besides, and must be. */
  also?: [found: (stage: Stage, customer: string) => Promise<unknown>, expected: unknown];
  /** What the second time is told once the first has worked; nothing when left out. */
  again?: string[];
}

const active = (plan: string, invoices = 1) => ({ plan, status: 'ACTIVE', invoices });
const nothing = { plan: 'free', status: null, invoices: 0 };
const subscriptions = '/v1/subscriptions/*';
const ofSubscriptions: Story[] = [
  { name: 'cancelSubscription', ...verbs.cancel, call: ['POST', subscriptions], then: active('team') },
  {
    name: 'cancelSubscription at once',
    ...verbs.cancelAtOnce,
    call: ['DELETE', subscriptions],
    then: { plan: 'free', status: null, invoices: 1 },
  },
  { name: 'reactivateSubscription', ...verbs.reactivate, call: ['POST', subscriptions], then: active('team') },
  { name: 'changePlan up', ...verbs.up, call: ['POST', subscriptions], then: active('business', 2) },
  {
    name: 'changePlan down',
    ...verbs.down,
    call: ['POST', '/v1/subscription_schedules*'],
    then: active('business'),
  },
  {
    name: 'changePlan over what is booked',
    ...verbs.overBooked,
    call: ['POST', subscriptions],
    then: active('business', 2),
  },
  {
    name: 'cancelPendingChange',
    ...verbs.undo,
    call: ['POST', '/v1/subscription_schedules/*'],
    then: active('business'),
  },
  {
    name: 'pauseSubscription',
    ...verbs.pause,
    call: ['POST', '/v1/subscriptions/*/pause'],
    then: { plan: 'team', status: 'PAUSED', invoices: 1 },
  },
  { name: 'resumeSubscription', ...verbs.resume, call: ['POST', '/v1/subscriptions/*/resume'], then: active('team') },
  {
    name: 'applyPromotionCode',
    mutation: mutation('applyPromotionCode', 'ApplyPromotionCodeInput'),
    input: { code: 'QUARTER' },
    call: ['POST', subscriptions],
    then: active('team'),
    also: [async ({ world }, customer) => (await liveOf(world, customer)).map((one) => one.discounts.length), [1]],
  },
];
const ofAccounts: Story[] = [
  {
    name: 'startSubscription',
    mutation: START,
    input: { plan: 'team', interval: 'MONTH' },
    given: 'card',
    call: ['POST', '/v1/subscriptions'],
    then: active('team'),
  },
  {
    name: 'startSubscription in mid-payment',
    mutation: START,
    input: { plan: 'team', interval: 'MONTH' },
    given: 'card',
    call: ['POST', '/v1/invoices/*/pay'],
    then: active('team'),
  },
  {
    name: 'createCheckoutSession',
    mutation: mutation('createCheckoutSession', 'CreateCheckoutSessionInput'),
    input: { plan: 'team', interval: 'MONTH' },
    given: 'nobody',
    call: ['POST', '/v1/checkout/sessions'],
    then: nothing,
  },
  {
    name: 'deleteAccount in mid-way',
    mutation: mutation('deleteAccount', 'DeleteAccountInput'),
    input: {},
    prepare: ({ name }) => Promise.resolve({ account: name }),
    keyless: true,
    call: ['DELETE', '/v1/customers/*'],
    then: { ...nothing, invoices: 1 },
  },
  {
    name: 'updateBillingDetails',
    mutation: mutation('updateBillingDetails', 'UpdateBillingDetailsInput'),
    input: { name: 'Acme', address: { country: 'DE', city: 'Berlin' } },
    keyless: true,
    call: ['POST', '/v1/customers/*'],
    then: active('team'),
    also: [async ({ acme }) => (await holdings(acme)).name, 'Acme'],
  },
  {
    name: 'addTaxId',
    mutation: mutation('addTaxId', 'AddTaxIdInput'),
    input: { type: 'eu_vat', value: 'DE123456789' },
    given: 'nobody',
    call: ['POST', '/v1/customers/*/tax_ids'],
    then: nothing,
    also: [async ({ acme }) => (await holdings(acme)).taxIds.length, 1],
  },
  {
    name: 'removeTaxId',
    mutation: mutation('removeTaxId', 'RemoveByIdInput'),
    input: {},
    async prepare({ world, name }) {
      const wanted = { type: 'eu_vat' as const, value: 'DE123456789' };
      return { id: (await world.gateway.parts.stripe.customers.createTaxId(await customerOf(world, name), wanted)).id };
    },
    keyless: true,
    again: ['NOT_FOUND'],
    call: ['DELETE', '/v1/customers/*/tax_ids/*'],
    then: active('team'),
    also: [async ({ acme }) => (await holdings(acme)).taxIds.length, 0],
  },
];
async function openInvoice({ world, name }: Stage): Promise<string> {
  const { stripe } = world.gateway.parts;
  const customer = await customerOf(world, name);
  await stripe.invoiceItems.create({ customer, amount: 700, currency: 'usd' });
  const { id = '' } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  await stripe.invoices.finalizeInvoice(id);
  return id;
}
const ofPayments: Story[] = [
  {
    name: 'payInvoice',
    mutation: mutation('payInvoice', 'PayInvoiceInput'),
    input: {},
    async prepare(stage) {
      const paymentMethod = await addCard(stage.world, stage.name, 'pm_card_mastercard');
      return { invoice: await openInvoice(stage), paymentMethod };
    },
    call: ['POST', '/v1/invoices/*/pay'],
    then: active('team', 2),
  },
  ...['/v1/customers/*', subscriptions].map((path): Story => ({
    name: `setDefaultPaymentMethod at ${path}`,
    mutation: mutation('setDefaultPaymentMethod', 'SetDefaultPaymentMethodInput'),
    input: {},
    prepare: async ({ world, name }) => ({ paymentMethod: await addCard(world, name, 'pm_card_mastercard') }),
    call: ['POST', path],
    then: active('team'),
    also: [defaultsOf, ['Mastercard ending 4444', 'Mastercard ending 4444']],
  })),
  {
    name: 'removePaymentMethod',
    mutation: mutation('removePaymentMethod', 'RemoveByIdInput'),
    input: {},
    prepare: async ({ world, name }) => ({ id: await addCard(world, name, 'pm_card_mastercard') }),
    keyless: true,
    again: ['NOT_FOUND'],
    call: ['POST', '/v1/payment_methods/*/detach'],
    then: active('team'),
    also: [defaultsOf, ['Visa ending 4242', 'Visa ending 4242']],
  },
  {
    name: 'createSetupIntent',
    mutation: mutation('createSetupIntent', 'CreateSetupIntentInput'),
    input: {},
    given: 'nobody',
    call: ['POST', '/v1/setup_intents'],
    then: nothing,
    also: [
      async ({ world }, customer) => (await world.gateway.parts.stripe.setupIntents.list({ customer })).data.length,
      1,
    ],
  },
];
const ofStaff: Story[] = [
  {
    name: 'adminGrantCredit',
    mutation: mutation('adminGrantCredit', 'AdminGrantCreditInput'),
    input: { amountMinor: 1_500, currency: 'USD', reason: 'An outage' },
    prepare: ({ name }) => Promise.resolve({ account: name }),
    call: ['POST', '/v1/customers/*/balance_transactions'],
    then: active('team'),
    also: [
      async ({ world }, customer) =>
        (await world.gateway.parts.stripe.customers.listBalanceTransactions(customer)).data.map(({ amount }) => amount),
      [-1_500],
    ],
  },
  ...['VOID', 'UNCOLLECTIBLE'].map((as): Story => ({
    name: `adminCloseInvoice as ${as}`,
    mutation: mutation('adminCloseInvoice', 'AdminCloseInvoiceInput'),
    input: { as, reason: 'Sent by mistake' },
    prepare: async (stage) => ({ invoice: await openInvoice(stage) }),
    keyless: true,
    call: ['POST', as === 'VOID' ? '/v1/invoices/*/void' : '/v1/invoices/*/mark_uncollectible'],
    then: active('team'),
    also: [
      async ({ world }, customer) =>
        (await world.gateway.parts.stripe.invoices.list({ customer })).data.map(({ status }) => status).sort(),
      ['paid', as.toLowerCase()].sort(),
    ],
  })),
];
const stories = [...ofSubscriptions, ...ofAccounts, ...ofPayments, ...ofStaff];

/** Whether the effect has happened when the answer is lost. */
const faults = [
  { kind: 'error_after', happened: true },
  { kind: 'reset_after', happened: true },
  { kind: 'truncated', happened: true },
  { kind: 'reset_before', happened: false },
  { kind: 'error_before', happened: false },
];

describe('a mutation whose answer from Stripe is lost', () => {
  let world: World;
  let people = 0;
  beforeAll(async () => {
    world = await startWorld();
    await sellCode(world, 'QUARTER', { months: 3 });
  });
  afterAll(() => world.stop());

  /** Everybody in a story of her own; answers the input as well. */
  const begin = async ({ given, plan, first, prepare, input }: Story): Promise<[Stage, Record<string, unknown>]> => {
    const { stripe } = world.gateway.parts;
    const name = `acme-${++people}`;
    const acme = world.holding({ account: name, roles: [Role.SERVICE, Role.OPERATOR] });
    if (given === undefined) await subscriber(world, plan, name);
    if (given === 'card') {
      await acme.ask(CHECKOUT, { plan: 'team' });
      const method = await addCard(world, name, 'pm_card_visa');
      const settings = { default_payment_method: method };
      await stripe.customers.update(await customerOf(world, name), { invoice_settings: settings });
    }
    await world.settled();
    if (first) await run(acme, ...first);
    const stage = { world, name, acme };
    const prepared = await prepare?.(stage);
    await world.settled();
    return [stage, { ...input, ...prepared }];
  };
  const order = async (body: object | null) =>
    fetch(`${world.sandbox.url}/_sandbox/faults`, {
      method: body ? 'POST' : 'DELETE',
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const atTheEnd = async ({ acme }: Stage, customer: string) => {
    const account = await standing(acme);
    const { data } = await world.gateway.parts.stripe.invoices.list({ customer, limit: 100 });
    const invoices = data.filter(({ amount_paid }) => amount_paid > 0).length;
    return { plan: account.plan.key, status: account.subscription?.status ?? null, invoices };
  };

  // Every story and every fault; all pairs of them with ALL_FAULTS=1.
  const meets = (story: number, fault: number) => process.env.ALL_FAULTS || (story + fault) % faults.length === 0;
  const table = stories.flatMap((story, one) =>
    faults.filter((_fault, other) => meets(one, other)).map((fault) => [story.name, fault.kind, story, fault] as const),
  );

  it.each(table)('%s after %s loses nothing and doubles nothing', async (_name, _kind, story, fault) => {
    const [stage, input] = await begin(story);
    const [method, path] = story.call;
    const before = story.given === 'nobody' ? null : await customerOf(world, stage.name);
    const asked = { ...input, ...(!story.keyless && { idempotencyKey: 'key-1' }) };
    await order({ kind: fault.kind, method, path, times: 40 });
    const first = await stage.acme.ask(story.mutation, { input: asked });
    await order(null);
    await completeIntents(world);
    const again = await run(stage.acme, story.mutation, asked);
    await world.settled();
    const customer = before ?? (await customerOf(world, stage.name));
    const [found, expected] = story.also ?? [];

    for (const { extensions } of first.errors ?? [])
      expect(extensions).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect([[], story.again ?? []]).toContainEqual(again.userErrors.map(({ code }: { code: string }) => code));
    expect(await atTheEnd(stage, customer)).toEqual(story.then);
    expect(await liveOf(world, customer)).toHaveLength(story.then.status === null ? 0 : 1);
    expect(await found?.(stage, customer)).toEqual(expected);
  });
});
