import type Stripe from 'stripe';
import { run } from '../support/change-plan-story.js';
import { type Buyers, buyersOf, DETAILS, NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { addCard, customerOf } from '../support/payment-story.js';
import { told, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const ADD_TAX_ID = `mutation ($input: AddTaxIdInput!) { addTaxId(input: $input) { userErrors { code field } } }`;
const REMOVE_TAX_ID = `mutation ($input: RemoveByIdInput!) { removeTaxId(input: $input) { userErrors { code } } }`;
const TAX_IDS = '{ viewer { account { taxIds { id type value verification } } } }';
const BILL = '{ viewer { account { invoices(first: 1) { nodes { id hostedUrl tax { minor } } } } } }';
const BONN = { name: 'Acme GmbH', address: { line1: 'Hauptstr. 1', postalCode: '53111', city: 'Bonn', country: 'DE' } };
const GERMAN = { type: 'eu_vat', value: 'DE123456789' };
const FRENCH = { type: 'eu_vat', value: 'FR12345678901' };

describe('addresses and taxes, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  let buyers: Buyers;
  beforeAll(async () => {
    const settings = { AUTOMATIC_TAX: 'true', COLLECT_ADDRESS: 'required', COLLECT_TAX_IDS: 'true' };
    world = await startWorld(settings, undefined, { checkoutDecline: 'incomplete_subscription' });
    ({ stripe } = world.gateway.parts);
    buyers = buyersOf(world);
  });
  afterEach(() => buyers.leave());
  afterAll(() => world.stop());

  const taxIds = async (story: WholeStory) => (await story.person.ask(TAX_IDS)).data.viewer.account.taxIds;
  /** To whom the newest invoice is made out, at Stripe and on the page that the customer is shown. */
  const madeOut = async (story: WholeStory) => {
    const [{ id, hostedUrl }] = (await story.person.ask(BILL)).data.viewer.account.invoices.nodes;
    const { customer_name: name, customer_address: address, customer_tax_ids } = await stripe.invoices.retrieve(id);
    const page = await (await fetch(hostedUrl)).text();
    return {
      ...{ name, country: address?.country, taxIds: customer_tax_ids },
      shown: customer_tax_ids?.every(({ value }) => page.includes(String(value))) && page.includes(String(name)),
    };
  };

  it('shows nothing of a refused card, and charges the tax of the address with the one that pays', async () => {
    const story = await buyers.begin('acme');
    await run(story.person, DETAILS, BONN);
    const { session } = await buyers.open(story);
    await story.mark();

    await expect(buyers.pay(session, 'pm_card_visa_chargeDeclined')).rejects.toThrow(/declined/);
    expect(await story.chapter()).toMatchObject({
      last: null,
      history: [],
      stored: { checkoutSessions: [{ status: 'OPEN' }] },
    });

    await buyers.pay(session);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], total: 2_380, paid: 2_380 }],
      stored: { account: { name: 'Acme GmbH', address: { country: 'DE' } }, invoices: [{ subtotal: 2_000, tax: 380 }] },
      last: { plan: { key: 'team' }, invoices: { nodes: [{ total: { minor: 2_380 } }] } },
      history: expect.arrayContaining([told('stripe', 'over $23.80 was paid.')]),
    });
  });

  it('asks for an address where there is no page to ask for it, and then charges the tax too', async () => {
    const { story, paymentMethod } = await buyers.withCard('globex', 'pm_card_visa');
    expect((await buyers.start(story, { paymentMethod })).userErrors).toMatchObject([
      { code: 'ADDRESS_REQUIRED_FOR_TAX' },
    ]);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { subscriptions: [], invoices: [] } });

    await run(story.person, DETAILS, { address: BONN.address });
    await buyers.start(story, { paymentMethod });
    expect(await story.chapter()).toMatchObject({
      charged: [{ total: 2_380, paid: 2_380 }],
      stored: { invoices: [{ subtotal: 2_000, tax: 380 }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('user-of-globex', 'The plan changed from Free to Team.')]),
    });
  });

  it('takes name, country and tax id from the page, stores them, and makes the invoice out to them', async () => {
    const story = await buyers.begin('entered');
    const { session } = await buyers.open(story);
    await buyers.pay(session, 'pm_card_visa', { name: 'Entered Ltd', country: 'DE', tax_id: GERMAN });
    await world.advance({ by: 'PT1M' });

    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], total: 2_380, paid: 2_380 }],
      stored: {
        account: { name: 'Entered Ltd', address: { country: 'DE' } },
        invoices: [{ subtotal: 2_000, tax: 380, total: 2_380 }],
      },
      last: { plan: { key: 'team' }, invoices: { nodes: [{ total: { minor: 2_380 } }] } },
      history: expect.arrayContaining([told('stripe', 'Billing details were updated.')]),
    });
    expect(await taxIds(story)).toMatchObject([{ ...GERMAN, verification: 'VERIFIED' }]);
    expect(await madeOut(story)).toEqual({ name: 'Entered Ltd', country: 'DE', taxIds: [GERMAN], shown: true });
  });

  it('refuses a tax id that is none, and leaves nothing behind', async () => {
    const story = await buyers.begin('mistyped');
    await run(story.person, DETAILS, BONN);
    await story.mark();

    const { userErrors } = await run(story.person, ADD_TAX_ID, { type: 'eu_vat', value: 'nonsense' });

    expect(userErrors).toMatchObject([{ code: 'TAX_ID_INVALID', field: ['input', 'value'] }]);
    expect(await taxIds(story)).toEqual([]);
    expect(await story.chapter()).toMatchObject(NOTHING);
    expect((await stripe.customers.listTaxIds(await customerOf(world, 'mistyped'))).data).toEqual([]);
  });

  it('holds tax ids, and puts on each bill those of the day on which it was issued, with the tax of the place', async () => {
    const story = await buyers.begin('taxed');
    await run(story.person, DETAILS, BONN);
    await run(story.person, ADD_TAX_ID, GERMAN);
    await world.advance({ by: 'PT1M' });
    const [taxId] = await taxIds(story);
    expect(taxId).toMatchObject({ ...GERMAN, verification: 'VERIFIED' });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { name: 'Acme GmbH', address: { country: 'DE' } } },
      last: { plan: { key: 'free' } },
      history: expect.arrayContaining([told('user-of-taxed', 'Billing details were updated.')]),
    });
    const { data } = await stripe.customers.listTaxIds(await customerOf(world, 'taxed'));
    expect(data).toMatchObject([{ id: taxId.id, value: 'DE123456789' }]);

    const paymentMethod = await addCard(world, 'taxed', 'pm_card_visa');
    expect(await buyers.start(story, { paymentMethod })).toMatchObject({ outcome: 'APPLIED' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], total: 2_380, paid: 2_380 }],
      stored: { invoices: [{ subtotal: 2_000, tax: 380, total: 2_380 }] },
      last: { plan: { key: 'team' }, invoices: { nodes: [{ total: { minor: 2_380 } }] } },
      history: expect.arrayContaining([told('user-of-taxed', 'The plan changed from Free to Team.')]),
    });

    await world.advance({ by: 'P1M' });
    // The bill of the second month is a draft now, and follows the customer until it is issued.
    await run(story.person, REMOVE_TAX_ID, { id: taxId.id });
    await run(story.person, ADD_TAX_ID, FRENCH);
    await run(story.person, DETAILS, { name: 'Acme SARL', address: { line1: 'Ring 2', country: 'FR' } });
    expect(await taxIds(story)).toMatchObject([FRENCH]);
    await story.mark();
    await world.advance({ by: 'PT2H' });
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], total: 2_400, paid: 2_400 }],
      stored: { invoices: [{ subtotal: 2_000, tax: 400, total: 2_400 }, {}] },
      last: { invoices: { nodes: [{ total: { minor: 2_400 } }, {}] } },
      history: expect.arrayContaining([told('stripe', 'over $24.00 was paid.')]),
    });
    const issued = { name: 'Acme SARL', country: 'FR', taxIds: [FRENCH], shown: true };
    expect(await madeOut(story)).toEqual(issued);
    await run(story.person, DETAILS, { name: 'Acme SA' });
    expect(await madeOut(story)).toEqual(issued);
  });
});
