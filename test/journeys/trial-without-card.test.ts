import { CHANGE, PREVIEW_NEXT, run, standing } from '../support/change-plan-story.js';
import { customerOf } from '../support/payment-story.js';
import { startStillWorld, type World } from '../support/world.js';

const START = `mutation { startSubscription(input: { plan: "team", interval: MONTH }) { outcome subscription { status } userErrors { code } } }`;

describe.each([
  ['cancel', null, 'the subscription ends with it, unless there is a payment method by then'],
  ['pause', 'PAUSED', 'the subscription is paused with it, unless there is a payment method by then'],
])('a trial without a card, at whose end the settings say: %s', (TRIAL_END, ended, told) => {
  let world: World;
  beforeEach(async () => {
    world = await startStillWorld({ TRIAL_CARD: 'optional', TRIAL_END });
    await world.gateway.parts.stripe.products.update('prod_sample_team', { metadata: { trial_days: '14' } });
    await world.settled();
    const { data } = await world.as('acme').ask(START);
    expect(data.startSubscription).toMatchObject({ outcome: 'APPLIED', subscription: { status: 'TRIALING' } });
  });
  afterEach(() => world.stop());

  const invoices = async () =>
    (await standing(world.as('acme'))).invoices.nodes.map(({ total }: { total: { minor: number } }) => total.minor);

  it('is changed as with one, for nothing, and ends as it would have', async () => {
    const acme = world.as('acme');
    for (const wanted of [
      { plan: 'team', interval: 'MONTH', seats: 3 },
      { plan: 'business', interval: 'MONTH' },
      { plan: 'business', interval: 'YEAR' },
    ]) {
      const { preview, userErrors } = await run(acme, PREVIEW_NEXT, wanted);
      const done = await run(acme, CHANGE, { previewToken: preview.token });

      expect(userErrors).toEqual([]);
      expect(preview).toMatchObject({ timing: 'NOW', blockers: [], amountDueNow: { minor: 0 }, nextInvoice: null });
      expect(preview.notices).toContainEqual(
        expect.objectContaining({ code: 'TRIAL_WILL_END', message: expect.stringContaining(told) }),
      );
      expect(done).toMatchObject({ outcome: 'APPLIED', invoice: null, userErrors: [] });
    }
    const { plan, subscription } = await standing(acme);
    await world.advance({ by: 'P15D' });

    expect([plan.key, subscription.status]).toEqual(['business', 'TRIALING']);
    expect(await invoices()).toEqual([0]);
    expect((await standing(acme)).subscription?.status ?? null).toBe(ended);
  });

  it('is charged for what it was changed to once there is a card', async () => {
    const acme = world.as('acme');
    await run(acme, CHANGE, { plan: 'business', interval: 'MONTH' });
    const { stripe } = world.gateway.parts;
    const customer = await customerOf(world, 'acme');
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    await world.settled();
    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'business', interval: 'MONTH', seats: 2 });
    const done = await run(acme, CHANGE, { previewToken: preview.token });
    await world.advance({ by: 'P15D' });

    expect(preview.nextInvoice).toMatchObject({ amountDue: { minor: 19_800 } });
    expect(done.outcome).toBe('APPLIED');
    expect(await invoices()).toEqual([19_800, 0]);
  });
});
