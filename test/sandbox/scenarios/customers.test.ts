import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('customers and the account', () => {
  let story: Story;
  let stripe: Stripe;
  beforeEach(async () => {
    story = await startStory();
    ({ stripe } = story);
  });
  afterEach(() => story.stop());

  it.each([
    ['eu_vat', 'DE123456789', 'DE12'],
    ['gb_vat', 'GB123456789', 'GB12'],
    ['us_ein', '12-3456789', '123456789'],
  ] as const)('take a %s such as %s, but not %s', async (type, value, wrong) => {
    const { id } = await stripe.customers.create({ tax_id_data: [{ type, value }] });
    expect((await stripe.customers.listTaxIds(id)).data).toMatchObject([{ type, value }]);

    await expect(stripe.customers.createTaxId(id, { type, value: wrong })).rejects.toMatchObject({
      code: 'tax_id_invalid',
      param: 'value',
    });
  });

  it('are taxed where their IP address lies while they have no address', async () => {
    const price = await story.price('Team', 1000);
    const { id } = await stripe.customers.create({ tax: { ip_address: '198.51.100.1' } });

    const total = async (): Promise<number> =>
      (
        await stripe.invoices.createPreview({
          customer: id,
          automatic_tax: { enabled: true },
          subscription_details: { items: [{ price }] },
        })
      ).total;
    expect(await stripe.customers.retrieve(id, { expand: ['tax'] })).toMatchObject({
      tax: {
        automatic_tax: 'supported',
        ip_address: '198.51.100.1',
        location: { country: 'DE', source: 'ip_address' },
      },
    });
    expect(await total()).toBe(1190);

    await stripe.customers.update(id, { address: { country: 'FR' } });
    expect(await total()).toBe(1200);
  });

  it('have their location checked at once when told to, and leave no change behind when it is unknown', async () => {
    const { id } = await stripe.customers.create({ address: { country: 'DE' } });
    const nowhere = { address: { country: 'ZZ' } };

    await expect(
      stripe.customers.update(id, { ...nowhere, tax: { validate_location: 'immediately' } }),
    ).rejects.toMatchObject({ code: 'customer_tax_location_invalid' });
    expect(await stripe.customers.retrieve(id)).toMatchObject({ address: { country: 'DE' } });

    await stripe.customers.update(id, { ...nowhere, tax: { validate_location: 'deferred' } });
    expect(await stripe.customers.retrieve(id, { expand: ['tax'] })).toMatchObject({
      tax: { automatic_tax: 'unrecognized_location', location: null },
    });
  });

  it('get a secret for the parts of a page that are theirs', async () => {
    const { id } = await stripe.customers.create();
    const session = await stripe.customerSessions.create({
      customer: id,
      components: {
        customer_portal: { enabled: true },
        payment_element: { enabled: true, features: { payment_method_save: 'enabled' } },
      } as never,
    });

    expect(session).toMatchObject({
      object: 'customer_session',
      customer: id,
      client_secret: expect.stringMatching(/^cuss_secret_/) as string,
      components: { customer_portal: { enabled: true }, pricing_table: { enabled: false } },
      expires_at: session.created + 1800,
    });
  });

  it('belong to an account that names itself', async () => {
    const account = await stripe.accounts.retrieveCurrent();
    expect(account).toMatchObject({ object: 'account', country: 'US', charges_enabled: true });
    expect(await stripe.accounts.retrieve(account.id)).toMatchObject({ id: account.id });
  });

  it.each([true, false])('planEvents is %s: a recurring price is mirrored as a plan', async (planEvents) => {
    const other = await startStory(undefined, { planEvents });
    const price = await other.price('Team', 1000);
    await other.stripe.prices.update(price, { nickname: 'Best' });

    const told = (await other.told()).filter((type) => type.startsWith('plan.'));
    expect(told.sort()).toEqual(planEvents ? ['plan.created', 'plan.updated'] : []);
    if (planEvents) expect(other.last('plan.updated').data.previous_attributes).toEqual({ nickname: null });
    expect(await other.stripe.plans.retrieve(price)).toMatchObject({ object: 'plan', amount: 1000, nickname: 'Best' });
    expect((await other.stripe.plans.list()).data.map(({ id }) => id)).toEqual([price]);
    await other.stop();
  });
});
