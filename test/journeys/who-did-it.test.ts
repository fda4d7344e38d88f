import { Role } from '../../src/auth/roles.js';
import { CANCEL_PLAN, CHANGE, PAUSE, run, subscriber } from '../support/change-plan-story.js';
import { control, heal } from '../sandbox/support/stripe-for.js';
import { BILLING_PAGE, CHECKOUT, payCheckout } from '../support/story.js';
import { holdDeliveries, type Person, startStillWorld, startWorld, type World } from '../support/world.js';

const SETUP = 'mutation { createSetupIntent(input: {}) { userErrors { code } } }';

describe('the history', () => {
  let world: World;
  let acme: Person;
  beforeAll(async () => {
    world = await startWorld();
    acme = world.as('acme');
  });
  afterAll(() => world.stop());

  /** Newest first. */
  const told = async (): Promise<{ title: string; actor: string }[]> =>
    (await acme.ask(BILLING_PAGE)).data.viewer.account.timeline.nodes;

  it('names who opened a checkout, also where her customer was made on the way', async () => {
    const { data } = await acme.ask(CHECKOUT, { plan: 'business' });
    await world.settled();
    const [opened] = await told();
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();

    expect(opened).toMatchObject({ title: 'A checkout was started.', actor: 'user-of-acme' });
  });

  it('names who booked a change, and nobody for what was done by the time', async () => {
    await run(acme, CHANGE, { plan: 'team' });
    await world.settled();
    const [booked] = await told();
    await world.advance({ by: 'P1M1D' });
    const [...later] = await told();

    expect(booked?.actor).toBe('user-of-acme');
    expect(
      later
        .slice(
          0,
          later.findIndex(({ title }) => title === booked?.title),
        )
        .map(({ actor }) => actor),
    ).not.toContain('user-of-acme');
    expect(later.map(({ title }) => title)).toContain('The plan changed from Business to Team.');
  });

  it('does not name who asked for something that changed nothing', async () => {
    await acme.ask(SETUP);
    const before = (await told()).length;
    await world.advance({ by: 'P1M1D' });
    const after = await told();

    expect(after.length).toBeGreaterThan(before);
    expect(after.slice(0, after.length - before).map(({ actor }) => actor)).not.toContain('user-of-acme');
  });

  it('says which invoice was paid, also where it was issued before', async () => {
    const { stripe } = world.gateway.parts;
    const [customer] = (await stripe.customers.list({ limit: 1 })).data;
    const { id } = await stripe.invoices.create({ customer: customer!.id, auto_advance: false });
    await stripe.invoiceItems.create({ customer: customer!.id, invoice: id, amount: 700, currency: 'usd' });
    const { number } = await stripe.invoices.finalizeInvoice(id);
    await world.settled();
    await stripe.invoices.pay(id, { paid_out_of_band: true });
    await world.settled();
    const [paid, issued] = await told();

    expect(issued?.title).toBe(`Invoice ${number} over $7.00 was issued.`);
    expect(paid?.title).toBe(`Invoice ${number} over $7.00 was paid.`);
  });

  describe('where somebody else acts soon after a user', () => {
    const DELETE = 'mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { userErrors { code } } }';
    const stepsOf = async (person: Person): Promise<{ title: string; actor: string }[]> =>
      (await person.ask(BILLING_PAGE)).data.viewer.account.timeline.nodes;
    const begin = async (account: string, plan = 'team') => {
      const person = await subscriber(world, plan, account);
      const { id } = (await person.ask(BILLING_PAGE)).data.viewer.account.subscription;
      return { person, id: id as string };
    };
    const remove = async (externalId: string) => {
      const { data } = await world.staff(Role.SERVICE).ask(DELETE, { input: { externalId } });
      expect(data.deleteAccount.userErrors).toEqual([]);
      await world.settled();
    };

    it('does not credit the dashboard to the user: a plan that moves after her seats', async () => {
      const { person, id } = await begin('moves');
      const { stripe } = world.gateway.parts;
      const [item] = (await stripe.subscriptions.retrieve(id)).items.data;
      const { data } = await stripe.prices.list({ lookup_keys: ['business_month'] });
      await run(person, CHANGE, { seats: 3 });
      await stripe.subscriptions.update(id, { items: [{ id: item!.id, price: data[0]!.id, quantity: 3 }] });
      await world.settled();
      const steps = await stepsOf(person);

      expect(steps).toContainEqual(
        expect.objectContaining({ title: 'The plan changed from Team to Business.', actor: 'stripe' }),
      );
      expect(steps).toContainEqual(
        expect.objectContaining({ title: 'Seats changed from 1 to 3.', actor: 'user-of-moves' }),
      );
    });

    it('does not credit the dashboard to the user: a cancellation taken back at once', async () => {
      const { person, id } = await begin('back');
      await run(person, CANCEL_PLAN);
      await world.gateway.parts.stripe.subscriptions.update(id, { cancel_at_period_end: false });
      await world.settled();
      const [back, canceled] = await stepsOf(person);

      expect(back).toMatchObject({ title: 'The cancellation was taken back.', actor: 'stripe' });
      expect(canceled).toMatchObject({ actor: 'user-of-back' });
    });

    it('names who deleted the account, whoever had canceled before', async () => {
      const { person } = await begin('leaves');
      await run(person, CANCEL_PLAN);
      const before = (await stepsOf(person)).length;
      await remove('leaves');
      const steps = (await stepsOf(person)).slice(0, -before);

      expect(steps.map(({ actor }) => actor)).toEqual(steps.map(() => 'staff'));
      expect(steps.length).toBeGreaterThan(0);
    });

    it('names who deleted the account, and says so once, also where nobody had done anything for a while', async () => {
      const { person } = await begin('later');
      const before = (await stepsOf(person)).length;
      await remove('later');
      await remove('later');
      const steps = (await stepsOf(person)).slice(0, -before);

      expect(steps.map(({ actor }) => actor)).toEqual(steps.map(() => 'staff'));
      expect(steps.filter(({ title }) => title.startsWith('The account was deleted'))).toHaveLength(1);
    });

    it('names nobody for a new period after a pause', async () => {
      const { person } = await begin('sleeps');
      await run(person, PAUSE);
      await world.settled();
      const before = (await stepsOf(person)).length;
      await world.advance({ by: 'P1M1D' });
      const steps = (await stepsOf(person)).slice(0, -before);

      expect(steps.map(({ actor }) => actor)).not.toContain('user-of-sleeps');
    });
  });
});

describe('the history, where a look is faster than both the event and the answer', () => {
  const RENAME = `mutation { updateBillingDetails(input: { name: "Acme" }) { userErrors { code } } }`;
  let world: World;
  beforeEach(async () => {
    world = await startStillWorld();
  });
  afterEach(() => world.stop());

  const order = (fault: object) => control(world.sandbox, 'faults', fault);

  it('names the user whose request is still under way', async () => {
    const acme = await subscriber(world);
    await world.settled();
    await holdDeliveries(world, true);
    await order({ kind: 'error_after', method: 'POST', path: '/v1/customers/*', times: 40 });
    await order({ kind: 'error_before', method: 'GET', path: '/v1/customers/*', times: 40 });
    const { errors } = await acme.ask(RENAME);
    await heal(world.sandbox);
    const { database, sync } = world.gateway.parts;
    const [open] = await database.read.rows<{ data: string }>("SELECT data FROM intents WHERE state = 'open'");
    sync.knock((JSON.parse(open!.data) as { customerId: string }).customerId, 'look');
    await sync.idle();
    const [renamed] = (await acme.ask(BILLING_PAGE)).data.viewer.account.timeline.nodes;

    expect(errors?.[0]?.extensions).toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(renamed).toMatchObject({ actor: 'user-of-acme', title: 'Billing details were updated.' });
  });
});

describe('the history, where an authority answers after what a user did', () => {
  const ADD = `mutation { addTaxId(input: { type: "eu_vat", value: "DE123456789" }) { userErrors { code } } }`;
  const CARD = '{ viewer { account { subscription { paymentMethod { id } } } } }';
  const SET_DEFAULT = `mutation ($method: ID!) { setDefaultPaymentMethod(input: { paymentMethod: $method }) {
    userErrors { code } } }`;
  const RENAME = `mutation { updateBillingDetails(input: { name: "Acme" }) { userErrors { code } } }`;
  const VERIFIED = 'A tax id was verified.';
  let world: World;
  let acme: Person;
  let card: string;
  beforeEach(async () => {
    world = await startStillWorld();
    acme = await subscriber(world);
    card = (await acme.ask(CARD)).data.viewer.account.subscription.paymentMethod.id;
    await acme.ask(SET_DEFAULT, { method: card });
    await acme.ask(ADD);
    await world.settled();
    await holdDeliveries(world, true);
    await world.sandbox.advance({ by: 'PT2S' });
  });
  afterEach(() => world.stop());

  const told = async (): Promise<{ title: string; detail: string | null; actor: string }[]> =>
    (await acme.ask(BILLING_PAGE)).data.viewer.account.timeline.nodes;

  it('does not say that the user did it when the event of hers is what brings it', async () => {
    const { database, sync } = world.gateway.parts;
    await database.run("UPDATE stripe_events SET state = 'pending', pending_at = 0, attempts = 0 WHERE type = ?", [
      'customer.tax_id.created',
    ]);
    const [event] = await database.read.rows<{ subject: string }>(
      "SELECT subject FROM stripe_events WHERE type = 'customer.tax_id.created'",
    );
    sync.knock(event?.subject ?? '');
    await sync.idle();

    const [verified, added] = await told();
    expect(verified).toMatchObject({ title: VERIFIED, actor: 'stripe' });
    expect(added).toMatchObject({ title: 'Tax id DE123456789 was added.', actor: 'user-of-acme' });
  });

  it('does not say so either when the look after her next request finds nothing else; what she does is hers', async () => {
    const { data } = await acme.ask(SET_DEFAULT, { method: card });
    expect(data.setDefaultPaymentMethod.userErrors).toEqual([]);
    const [verified] = await told();
    await acme.ask(RENAME);
    const [renamed] = await told();

    expect(verified).toMatchObject({ title: VERIFIED, actor: 'stripe' });
    expect(renamed).toMatchObject({ actor: 'user-of-acme' });
  });
});
