import { CHANGE, PAUSE, PREVIEW, run, standing, subscriber } from '../support/change-plan-story.js';
import { addCard, customerOf, PAY_INVOICE, SETUP_INTENT } from '../support/payment-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const LIVE = `subscription { accountUpdated { account { access { allowed reason } } } }`;
const RENEWED = 'P1M';

describe('a subscription for which nothing was ever paid', () => {
  let world: World;
  beforeAll(async () => (world = await startWorld()));
  afterAll(() => world.stop());

  const accessOf = async (person: Person) => {
    const { status, access } = (await standing(person)).subscription;
    return { status, ...access };
  };
  const charge = async (name: string, method: string) => {
    const { stripe } = world.gateway.parts;
    const { id } = (await standing(world.as(name))).subscription;
    await stripe.subscriptions.update(id, { default_payment_method: await addCard(world, name, method) });
    await world.settled();
  };
  /** A trial of seven days whose card or bank account is charged at its end. */
  const trial = async (name: string, method: string) => {
    const { stripe } = world.gateway.parts;
    const person = world.as(name);
    await person.ask(SETUP_INTENT);
    const [price] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
    const default_payment_method = await addCard(world, name, method);
    const items = [{ price: price!.id }];
    await stripe.subscriptions.create({
      ...{ customer: await customerOf(world, name), items, trial_period_days: 7, default_payment_method },
    });
    await world.settled();
    return person;
  };

  it('has no grace when the first payment after its trial fails, and access once it is paid', async () => {
    const acme = await trial('tried', 'pm_card_chargeCustomerFail');
    const live = acme.watch(LIVE);
    const during = await accessOf(acme);

    await world.advance({ by: 'P7D' });
    const drafted = await accessOf(acme);
    await world.advance({ by: 'PT2H' });
    await live.until(({ accountUpdated: { account } }) => !account.access.allowed);
    const failed = await accessOf(acme);
    const grace = await acme.ask('{ viewer { account { subscription { grace { endsAt } } } } }');
    const method = await addCard(world, 'tried', 'pm_card_visa');
    const [{ id }] = (await standing(acme)).invoices.nodes;
    const { data } = await acme.ask(PAY_INVOICE, { invoice: id, method });

    expect([during, drafted]).toMatchObject([
      { status: 'TRIALING', allowed: true },
      { status: 'ACTIVE', allowed: true },
    ]);
    expect(failed).toMatchObject({ status: 'PAST_DUE', allowed: false, reason: 'PAYMENT_OVERDUE' });
    expect(grace.data.viewer.account.subscription.grace).toBeNull();
    expect(data.payInvoice).toMatchObject({ outcome: 'APPLIED' });
    expect(await accessOf(acme)).toMatchObject({ status: 'ACTIVE', allowed: true, reason: 'ACTIVE' });
    live.close();
  });

  it('has grace at the renewal after that', async () => {
    const acme = await trial('renewed', 'pm_card_visa');
    await world.advance({ by: 'P7DT2H' });
    const paid = await accessOf(acme);
    await charge('renewed', 'pm_card_chargeCustomerFail');
    await world.advance({ by: RENEWED });
    await world.advance({ by: 'PT2H' });

    expect(paid).toMatchObject({ status: 'ACTIVE', allowed: true });
    expect(await accessOf(acme)).toMatchObject({ status: 'PAST_DUE', allowed: true, reason: 'GRACE_PERIOD' });
  });

  it('gives the free plan while a bank debit after its trial is under way, until that is paid', async () => {
    const acme = await trial('patient', 'pm_usBankAccount_success');
    await world.advance({ by: 'P7DT2H' });
    const waiting = [await accessOf(acme), await grantedTo(acme)];
    await world.advance({ by: 'P5D' });

    expect(waiting).toMatchObject([
      { status: 'ACTIVE', allowed: true, reason: 'FIRST_PAYMENT_PENDING' },
      { plan: 'free', sso: false },
    ]);
    expect(await accessOf(acme)).toMatchObject({ status: 'ACTIVE', allowed: true, reason: 'ACTIVE' });
  });

  it('stays on the free plan at a renewal after its first bank debit was refused, until one is paid', async () => {
    const acme = await subscriber(world, 'team', 'penniless', 'pm_usBankAccount_insufficientFunds');
    await world.advance({ by: 'P5D' });
    const refused = await accessOf(acme);
    await charge('penniless', 'pm_usBankAccount_success');
    const [{ currentPeriod }] = [(await standing(acme)).subscription];
    await world.advance({ to: currentPeriod.end });
    const drafted = await accessOf(acme);
    await world.advance({ by: 'PT2H' });
    const waiting = await accessOf(acme);
    await world.advance({ by: 'P5D' });

    expect([refused, drafted, waiting]).toEqual(
      Array(3).fill(expect.objectContaining({ status: 'ACTIVE', allowed: true, reason: 'FIRST_PAYMENT_PENDING' })),
    );
    expect(await accessOf(acme)).toMatchObject({ status: 'ACTIVE', allowed: true, reason: 'ACTIVE' });
  });

  it('gives nothing back once its first bank debit was refused: neither by a change at once nor by a pause', async () => {
    const acme = await subscriber(world, 'business', 'empty', 'pm_usBankAccount_insufficientFunds');
    await world.advance({ by: 'P6D' });
    const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH', timing: 'NOW' });
    const refused = [
      await run(acme, CHANGE, { plan: 'team', interval: 'MONTH', timing: 'NOW' }),
      await run(acme, CHANGE, { seats: 2 }),
      await run(acme, PAUSE),
    ];
    const later = await run(acme, CHANGE, { plan: 'team', interval: 'MONTH', timing: 'PERIOD_END' });
    const { stripe } = world.gateway.parts;
    const customer = await customerOf(world, 'empty');

    const notPaid = { message: expect.stringContaining('was not paid') };
    expect(preview.blockers).toMatchObject([{ code: 'OTHER', remedy: 'CONTACT_SUPPORT', ...notPaid }]);
    for (const answer of refused)
      expect(answer).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'OTHER', ...notPaid }] });
    expect(later).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
    expect((await stripe.invoices.list({ customer })).data).toMatchObject([{ status: 'void' }]);
  });

  it('has what it had before a change that the bank refused, also in the grace of a later renewal, until that is paid', async () => {
    const acme = await subscriber(world, 'team', 'unlucky');
    const end = Date.parse((await standing(acme)).subscription.currentPeriod.end as string);
    await world.advance({ to: new Date(end - 5 * 86_400_000).toISOString() });
    await charge('unlucky', 'pm_usBankAccount_insufficientFunds');
    await run(acme, CHANGE, { plan: 'business' });
    await world.advance({ by: 'P4DT2H' });
    await charge('unlucky', 'pm_card_chargeCustomerFail');
    await world.advance({ to: new Date(end).toISOString() });
    const drafted = await grantedTo(acme);
    await world.advance({ by: 'PT2H' });
    const renewal = (await standing(acme)).invoices.nodes[0];
    const inGrace = [await grantedTo(acme), await accessOf(acme)];
    const method = await addCard(world, 'unlucky', 'pm_card_visa');
    await acme.ask(PAY_INVOICE, { invoice: renewal.id, method });

    expect(renewal).toMatchObject({ reason: 'SUBSCRIPTION_RENEWAL', status: 'OPEN' });
    expect(drafted).toEqual({ plan: 'team', sso: false });
    expect(inGrace).toMatchObject([
      { plan: 'team', sso: false },
      { status: 'PAST_DUE', allowed: true, reason: 'GRACE_PERIOD' },
    ]);
    expect(await grantedTo(acme)).toEqual({ plan: 'business', sso: true });
  });

  it('is told from one that was paid before, when it is first seen at a renewal that failed', async () => {
    await subscriber(world, 'team', 'loyal');
    await charge('loyal', 'pm_card_chargeCustomerFail');
    await subscriber(world, 'team', 'never', 'pm_usBankAccount_insufficientFunds');
    await world.advance({ by: 'P5D' });
    const end = (await standing(world.as('never'))).subscription.currentPeriod.end as string;
    await world.advance({ to: end });
    const customers = [await customerOf(world, 'loyal'), await customerOf(world, 'never')];
    await world.advance({ by: 'PT2H' });

    const { webhookEndpoints } = world.gateway.parts.stripe;
    for (const { id } of (await webhookEndpoints.list()).data) await webhookEndpoints.del(id);
    await world.forgetEverything();
    const { stripe } = world.gateway.parts;
    const people = ['loyal', 'never'].map((name) => world.as(name));
    const live = people.map((person) => person.watch(LIVE));
    for (const one of live) await one.until(() => true);
    for (const customer of customers) {
      const [subscription] = (await stripe.subscriptions.list({ customer })).data;
      await stripe.subscriptions.update(subscription!.id, { metadata: { seen: 'first' } });
    }
    await world.settled();

    expect(await accessOf(people[0]!)).toMatchObject({ status: 'PAST_DUE', allowed: true, reason: 'GRACE_PERIOD' });
    expect(await accessOf(people[1]!)).toMatchObject({ reason: expect.stringMatching(/PENDING|OVERDUE/) });
    expect(await grantedTo(people[1]!)).toEqual({ plan: 'free', sso: false });
    live.forEach((one) => one.close());
  });

  const grantedTo = async (person: Person) => {
    const { data } = await person.ask(
      `{ checkAccess(feature: "sso") { allowed } viewer { account { plan { key } } } }`,
    );
    return { plan: data.viewer.account.plan.key, sso: data.checkAccess.allowed };
  };
});
