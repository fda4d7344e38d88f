import { Role } from '../../src/auth/roles.js';
import { customerOf, subscriber } from '../support/payment-story.js';
import { startStillWorld, startWorld, type World } from '../support/world.js';

const ACCOUNT = `account {
  revision name email phone locale
  address { line1 line2 city state postalCode country }
  taxIds { id type value verification }
}`;
const DETAILS = `{ viewer { ${ACCOUNT} } }`;
const UPDATE = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) { ${ACCOUNT} userErrors { code message field } } }`;
const ADD_TAX_ID = `mutation ($type: String!, $value: String!, $key: ID) { addTaxId(input: { type: $type, value: $value, idempotencyKey: $key }) { ${ACCOUNT} userErrors { code message field hint } } }`;
const REMOVE_TAX_ID = `mutation ($id: ID!) { removeTaxId(input: { id: $id }) { ${ACCOUNT} userErrors { code message field } } }`;

const home = { line1: 'Hauptstr. 1', line2: null, city: 'Berlin', state: null, postalCode: '10115', country: 'DE' };

describe('billing details', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('are written to Stripe, which makes the customer, and read back in the same answer', async () => {
    const acme = world.as('acme');
    const input = {
      name: 'Acme GmbH',
      email: 'billing@acme.example',
      phone: '+49 30 1234',
      locale: 'de-DE',
      address: home,
    };

    const { data } = await acme.ask(UPDATE, { input });

    expect(data.updateBillingDetails).toMatchObject({ account: { ...input, taxIds: [] }, userErrors: [] });
    const customer = await world.gateway.parts.stripe.customers.retrieve(await customerOf(world, 'acme'));
    expect(customer).toMatchObject({
      name: 'Acme GmbH',
      email: 'billing@acme.example',
      phone: '+49 30 1234',
      preferred_locales: ['de-DE'],
      address: { line1: 'Hauptstr. 1', line2: null, city: 'Berlin', state: null, postal_code: '10115', country: 'DE' },
    });
  });

  it('stay when they are left out, and are cleared by null', async () => {
    const acme = world.as('acme');
    await acme.ask(UPDATE, {
      input: {
        name: 'Acme',
        email: 'billing@acme.example',
        phone: '1',
        locale: 'de',
        address: { ...home, line2: '3rd floor' },
      },
    });

    const partly = await acme.ask(UPDATE, { input: { phone: null, address: { line1: 'Ring 2', country: 'AT' } } });
    const cleared = await acme.ask(UPDATE, { input: { email: null, locale: null, address: null } });

    expect(partly.data.updateBillingDetails.account).toMatchObject({
      name: 'Acme',
      email: 'billing@acme.example',
      phone: null,
      locale: 'de',
      address: { line1: 'Ring 2', line2: null, city: null, state: null, postalCode: null, country: 'AT' },
    });
    expect(cleared.data.updateBillingDetails.account).toMatchObject({
      name: 'Acme',
      email: null,
      locale: null,
      address: null,
    });
  });

  it('change nothing when nothing is given', async () => {
    const acme = await subscriber(world, 'acme');
    const before = (await acme.ask(DETAILS)).data.viewer.account;

    const { data } = await acme.ask(UPDATE, { input: {} });

    expect(data.updateBillingDetails).toEqual({ account: before, userErrors: [] });
  });

  it('name the field that cannot be used', async () => {
    const acme = world.as('acme');

    const long = await acme.ask(UPDATE, { input: { phone: '1'.repeat(21) } });
    const street = await acme.ask(UPDATE, { input: { address: { line1: 'x'.repeat(201), country: 'DE' } } });
    const country = await acme.ask(UPDATE, { input: { address: { country: 'XX' } } });

    expect(long.data.updateBillingDetails.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'phone'] }]);
    expect(street.data.updateBillingDetails.userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'address', 'line1'] },
    ]);
    expect(country.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('are refused with a character that not every database keeps, wherever it stands', async () => {
    const acme = world.as('acme');
    const backend = world.staff(Role.SERVICE);
    const refused = async (input: object) => (await acme.ask(UPDATE, { input })).data.updateBillingDetails;
    const usage = { account: 'acme', feature: 'a\0', quantity: 1, idempotencyKey: 'k' };

    expect((await refused({ name: 'Good\0Bad' })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'name'] },
    ]);
    expect((await refused({ address: { city: 'Bel\u0007fast', country: 'GB' } })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'address', 'city'] },
    ]);
    expect((await refused({ phone: '1\ud800' })).userErrors).toMatchObject([{ field: ['input', 'phone'] }]);
    expect(
      (await refused({ name: 'Acme\tGmbH', address: { line1: 'Yard\nRoad 😀', country: 'GB' } })).account,
    ).toMatchObject({
      name: 'Acme\tGmbH',
      address: { line1: 'Yard\nRoad 😀' },
    });
    const told = await backend.ask(
      'mutation { upsertAccount(input: { externalId: "acme", metadata: { a: { b: "\\u0000" } } }) { userErrors { code field } } }',
    );
    expect(told.data.upsertAccount.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'metadata', 'a', 'b'] }]);
    const counted = await backend.ask(
      'mutation ($records: [RecordUsageInput!]!) { recordUsageBatch(input: { records: $records }) { accepted userErrors { code field } } }',
      { records: [{ ...usage, feature: 'projects' }, usage] },
    );
    expect(counted.data.recordUsageBatch).toEqual({
      accepted: 0,
      userErrors: [{ code: 'INVALID', field: ['input', 'records', '1', 'feature'] }],
    });
  });

  it('come from Stripe with such a character once, as a sign in its place', async () => {
    const acme = await subscriber(world, 'acme');
    const { stripe } = world.gateway.parts;
    const id = await customerOf(world, 'acme');
    await stripe.customers.update(id, { name: 'Good\0Bad' });
    await world.settled();
    const first = (await acme.ask(DETAILS)).data.viewer.account;
    await stripe.customers.update(id, { metadata: { seen: 'again' } });
    await world.settled();

    expect(first).toMatchObject({ name: 'Good\uFFFDBad' });
    expect((await acme.ask(DETAILS)).data.viewer.account).toEqual(first);
  });

  it('that are changed at Stripe arrive by themselves, and say so in the timeline', async () => {
    const acme = await subscriber(world, 'acme');
    const live = acme.watch(
      `subscription { accountUpdated { entries { title } account { name address { country } } } }`,
    );
    await live.until(() => true);

    await world.gateway.parts.stripe.customers.update(await customerOf(world, 'acme'), {
      name: 'Acme Ltd',
      address: { country: 'GB' },
    });

    const { accountUpdated } = await live.until(({ accountUpdated: { account } }) => account.name === 'Acme Ltd');
    expect(accountUpdated.account.address).toEqual({ country: 'GB' });
    expect(accountUpdated.entries[0].title).toBe('Billing details were updated.');
    live.close();
  });

  it('hold tax ids, which the authority verifies later', async () => {
    await world.stop();
    world = await startStillWorld();
    const acme = await subscriber(world, 'acme');

    const { data } = await acme.ask(ADD_TAX_ID, { type: 'eu_vat', value: 'DE123456789' });
    await world.advance({ by: 'PT1M' });

    expect(data.addTaxId).toMatchObject({
      userErrors: [],
      account: {
        taxIds: [{ id: expect.stringMatching(/^txi_/), type: 'eu_vat', value: 'DE123456789', verification: 'PENDING' }],
      },
    });
    const after = (await acme.ask(DETAILS)).data.viewer.account;
    expect(after.taxIds).toMatchObject([{ value: 'DE123456789', verification: 'VERIFIED' }]);
  });

  it('hold a tax id once however often it is added, and find it again by its id', async () => {
    const acme = world.as('acme');

    await acme.ask(ADD_TAX_ID, { type: 'eu_vat', value: 'DE123456789' });
    const { data } = await acme.ask(ADD_TAX_ID, { type: 'eu_vat', value: 'de 123.456.789' });

    const [taxId, ...others] = data.addTaxId.account.taxIds;
    expect(others).toEqual([]);
    const again = await acme.ask(`query ($id: ID!) { node(id: $id) { id ... on TaxId { value } } }`, { id: taxId.id });
    expect(again.data.node).toEqual({ id: taxId.id, value: 'DE123456789' });
  });

  it('let a tax id go, here and at Stripe', async () => {
    const acme = await subscriber(world, 'acme');
    const { data: added } = await acme.ask(ADD_TAX_ID, { type: 'us_ein', value: '12-3456789' });
    const [{ id }] = added.addTaxId.account.taxIds;

    const { data } = await acme.ask(REMOVE_TAX_ID, { id });
    const again = await acme.ask(REMOVE_TAX_ID, { id });

    expect(data.removeTaxId).toMatchObject({ userErrors: [], account: { taxIds: [] } });
    expect(again.data.removeTaxId.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'id'] }]);
    const { data: atStripe } = await world.gateway.parts.stripe.customers.listTaxIds(await customerOf(world, 'acme'));
    expect(atStripe).toEqual([]);
  });

  it('refuse what is no tax id', async () => {
    const acme = world.as('acme');

    const { data } = await acme.ask(ADD_TAX_ID, { type: 'Umsatzsteuer', value: 'DE123456789' });

    expect(data.addTaxId.userErrors).toMatchObject([{ code: 'TAX_ID_INVALID', field: ['input', 'type'] }]);
  });

  it("are nobody else's: another account's tax id answers as an absent one", async () => {
    const acme = await subscriber(world, 'acme');
    const evil = await subscriber(world, 'evil');
    const { data: added } = await acme.ask(ADD_TAX_ID, { type: 'eu_vat', value: 'DE123456789' });
    const [{ id }] = added.addTaxId.account.taxIds;

    const foreign = await evil.ask(REMOVE_TAX_ID, { id });
    const absent = await evil.ask(REMOVE_TAX_ID, { id: 'txi_absent' });

    const shown = [foreign, absent].map(({ data }) =>
      JSON.stringify(data).replaceAll(id, '…').replaceAll('txi_absent', '…'),
    );
    expect(shown[0]).toBe(shown[1]);
    expect((await acme.ask(DETAILS)).data.viewer.account.taxIds).toHaveLength(1);
  });

  it('are for billing admins to change', async () => {
    const { errors } = await world.as('acme', Role.MEMBER).ask(UPDATE, { input: { name: 'Mallory' } });

    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
