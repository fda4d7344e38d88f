import { subscriber } from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const SUBSCRIPTION = `id revision status seats plan { key } price { id } recurring { minor } items { id quantity price { id } }
  cancellation { effectiveAt } pendingChange { state effectiveAt toPlan { key } } pause { cause resumesAt } discounts { label }
  latestInvoice { id status total { minor } } paymentMethod { id } access { reason until }`;
const ACCOUNT = `id revision name plan { key } access { allowed reason until } credit { minor } taxIds { id value }
  subscription { ${SUBSCRIPTION} } subscriptions { nodes { id status } } entitlements { feature { key } granted limit used }
  defaultPaymentMethod { id } paymentMethods { nodes { id isDefault } } invoices { nodes { id status } } timeline { nodes { id title } }`;
const NOW = `{ viewer { account { ${ACCOUNT} } } }`;
const ofSubscription = (verb: string, type: string) => `mutation ($input: ${type}!) { ${verb}(input: $input) {
  outcome subscription { ${SUBSCRIPTION} } account { ${ACCOUNT} } userErrors { code message } } }`;
const ofAccount = (verb: string, type: string) => `mutation ($input: ${type}!) { ${verb}(input: $input) {
  account { ${ACCOUNT} } userErrors { code message } } }`;
const PAY = `mutation ($input: PayInvoiceInput!) { payInvoice(input: $input) {
  outcome invoice { id status } account { ${ACCOUNT} } userErrors { code message } } }`;

/** In an order in which each is possible. */
const verbs: [verb: string, document: string, input: object][] = [
  ['a change at once', ofSubscription('changePlan', 'ChangePlanInput'), { plan: 'business', seats: 2 }],
  ['a refused change', ofSubscription('changePlan', 'ChangePlanInput'), { plan: 'nowhere' }],
  ['a change that is booked', ofSubscription('changePlan', 'ChangePlanInput'), { plan: 'team' }],
  ['its undoing', ofSubscription('cancelPendingChange', 'SubscriptionRefInput'), {}],
  ['a cancellation', ofSubscription('cancelSubscription', 'CancelSubscriptionInput'), {}],
  ['its undoing', ofSubscription('reactivateSubscription', 'SubscriptionRefInput'), {}],
  ['a pause', ofSubscription('pauseSubscription', 'PauseSubscriptionInput'), {}],
  ['its end', ofSubscription('resumeSubscription', 'SubscriptionRefInput'), {}],
  ['new details', ofAccount('updateBillingDetails', 'UpdateBillingDetailsInput'), { name: 'Acme' }],
  ['a tax id', ofAccount('addTaxId', 'AddTaxIdInput'), { type: 'eu_vat', value: 'DE123456789' }],
];

describe('what a mutation answers', () => {
  let world: World;
  let acme: Person;
  beforeAll(async () => {
    world = await startWorld();
    acme = await subscriber(world);
  });
  afterAll(() => world.stop());

  const now = async () => (await acme.ask(NOW)).data.viewer.account;

  it.each(verbs)('is what a query answers afterwards, in each of its parts: %s', async (_verb, document, input) => {
    await world.settled();
    const { data, errors } = await acme.ask(document, { input });
    expect(errors).toBeUndefined();
    const [payload] = Object.values(data ?? {}) as [{ account: { subscription: object }; subscription?: object }];

    expect(payload.account).toEqual(await now());
    if (payload.subscription) expect(payload.subscription).toEqual(payload.account.subscription);
  });

  it('is what a query answers afterwards also where an overdue invoice is paid', async () => {
    const { stripe } = world.gateway.parts;
    const { subscription } = await now();
    const { customer } = await stripe.subscriptions.retrieve(subscription.id);
    const refused = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: String(customer) });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: refused.id });
    await world.advance({ by: 'P1M1D' });
    const overdue = await now();
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: String(customer) });
    await world.settled();

    const { data } = await acme.ask(PAY, {
      input: { invoice: overdue.subscription.latestInvoice.id, paymentMethod: card.id },
    });

    expect(overdue.subscription.status).toBe('PAST_DUE');
    expect(data.payInvoice).toMatchObject({ outcome: 'APPLIED', account: { subscription: { status: 'ACTIVE' } } });
    expect(data.payInvoice.account).toEqual(await now());
  });
});
