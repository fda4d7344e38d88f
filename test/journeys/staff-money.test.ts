import { Role } from '../../src/auth/roles.js';
import { CHANGE, run, subscriber } from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const ERRORS = 'userErrors { code message field }';
const STANDING = `id revision credit { minor currency } subscription { status latestInvoice { id status amountDue { minor } } } access { reason }`;
const CREDIT = `mutation ($input: AdminGrantCreditInput!) { adminGrantCredit(input: $input) { account { ${STANDING} } ${ERRORS} } }`;
const CLOSE = `mutation ($input: AdminCloseInvoiceInput!) { adminCloseInvoice(input: $input) {
  outcome invoice { id status } account { ${STANDING} } ${ERRORS} } }`;
const NOW = `{ viewer { account { ${STANDING} } } }`;
const reason = 'Sorry for the outage';

describe('what staff do about money', () => {
  let world: World;
  let staff: Person;
  beforeAll(async () => {
    world = await startWorld();
    staff = world.staff(Role.OPERATOR);
  });
  afterAll(() => world.stop());

  const now = async (person: Person) => (await person.ask(NOW)).data.viewer.account;
  /** Somebody whose renewal has failed. */
  async function overdue(name: string): Promise<Person> {
    const person = await subscriber(world, 'team', name);
    const { stripe } = world.gateway.parts;
    const { customer } = await stripe.subscriptions.retrieve(await subscriptionOf(person));
    const card = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: String(customer) });
    await stripe.subscriptions.update(await subscriptionOf(person), { default_payment_method: card.id });
    await world.advance({ by: 'P1M1D' });
    return person;
  }
  const subscriptionOf = async (person: Person) =>
    (await person.ask('{ viewer { account { subscription { id } } } }')).data.viewer.account.subscription.id as string;

  describe('a credit', () => {
    const give = (account: string, idempotencyKey: string, more: object = {}) =>
      run(staff, CREDIT, { account, amountMinor: 1_500, currency: 'USD', reason, idempotencyKey, ...more });

    it('is given once for each key, and taken off what is due next', async () => {
      const acme = await subscriber(world, 'team', 'acme');
      const first = await give('acme', 'key-1');
      const again = await give('acme', 'key-1');
      const other = await give('acme', 'key-1', { amountMinor: 1_600 });
      await run(acme, CHANGE, { plan: 'business' });
      await world.settled();
      const { subscription, credit } = await now(acme);

      expect(first).toMatchObject({ account: { credit: { minor: 1_500, currency: 'USD' } }, userErrors: [] });
      expect(again).toEqual(first);
      expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
      expect(subscription.latestInvoice).toMatchObject({ status: 'PAID', amountDue: { minor: 7_900 - 1_500 } });
      expect(credit.minor).toBe(0);
    });

    it('waits for who has bought nothing yet', async () => {
      const initech = world.as('initech');
      await initech.ask('mutation { updateBillingDetails(input: { name: "Initech" }) { account { id } } }');

      expect(await give('initech', 'key-1')).toMatchObject({ account: { credit: { minor: 1_500 } }, userErrors: [] });
    });

    it.each<[string, string, object, object]>([
      ['nobody', 'nobody', {}, { code: 'NOT_FOUND', field: ['input', 'account'] }],
      ['an account in another currency', 'acme', { currency: 'EUR' }, { code: 'PRICE_CURRENCY_MISMATCH' }],
      ['no amount', 'acme', { amountMinor: 0 }, { code: 'INVALID', field: ['input', 'amountMinor'] }],
      ['more than Stripe takes', 'acme', { amountMinor: 100_000_000 }, { code: 'INVALID' }],
      ['no reason', 'acme', { reason: ' ' }, { code: 'INVALID', field: ['input', 'reason'] }],
    ])('is refused for %s', async (_what, account, more, error) => {
      expect((await give(account, `key-${JSON.stringify(more).length}`, more)).userErrors).toMatchObject([error]);
    });
  });

  describe('an overdue invoice', () => {
    const close = (invoice: string, as: string) => run(staff, CLOSE, { invoice, as, reason });

    it('can be voided: nothing is due any more, and a second time changes nothing', async () => {
      const person = await overdue('globex');
      const { latestInvoice } = (await now(person)).subscription;
      const done = await close(latestInvoice.id, 'VOID');
      await world.settled();

      expect(latestInvoice.status).toBe('OPEN');
      expect(done).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'VOID' }, userErrors: [] });
      expect(done.account).toEqual(await now(person));
      expect(done.account.subscription.status).toBe('ACTIVE');
      expect(await close(latestInvoice.id, 'VOID')).toMatchObject({ outcome: 'NO_OP', userErrors: [] });
    });

    it('can be marked uncollectible, and voided after', async () => {
      const person = await overdue('hooli');
      const { latestInvoice } = (await now(person)).subscription;

      expect(await close(latestInvoice.id, 'UNCOLLECTIBLE')).toMatchObject({
        outcome: 'APPLIED',
        invoice: { status: 'UNCOLLECTIBLE' },
        account: { subscription: { status: 'ACTIVE' } },
      });
      expect(await close(latestInvoice.id, 'VOID')).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'VOID' } });
    });

    it('is left alone once it is paid, also where only Stripe knows yet', async () => {
      const person = await overdue('umbrella');
      const { latestInvoice } = (await now(person)).subscription;
      await world.gateway.parts.stripe.invoices.pay(latestInvoice.id, { paid_out_of_band: true });
      const early = await close(latestInvoice.id, 'VOID');
      await world.settled();
      const late = await close(latestInvoice.id, 'UNCOLLECTIBLE');

      for (const { outcome, userErrors } of [early, late]) {
        expect([outcome, userErrors[0].code]).toEqual(['REJECTED', 'INVOICE_NOT_PAYABLE']);
      }
      expect(late.invoice.status).toBe('PAID');
    });

    it('that does not exist is not found', async () => {
      expect(await close('in_nothing', 'VOID')).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'NOT_FOUND', field: ['input', 'invoice'] }],
      });
    });
  });

  it('is told with its reason to staff, and to nobody else', async () => {
    const acme = await subscriber(world, 'team', 'reasons');
    await run(staff, CREDIT, {
      ...{ account: 'reasons', amountMinor: 700, currency: 'USD', reason, idempotencyKey: 'key-1' },
    });
    await run(acme, CHANGE, { seats: 2 });
    await world.settled();
    const { id } = await now(acme);
    const steps = async (person: Person) => {
      const { data, errors } = await person.ask(
        `query ($id: ID!) { node(id: $id) { ... on BillingAccount { timeline { nodes { title actor reason } } } } }`,
        { id },
      );
      return { nodes: data.node?.timeline.nodes, codes: errors?.map(({ extensions }) => extensions.code) };
    };

    for (const role of [Role.OPERATOR, Role.SUPPORT]) {
      const { nodes, codes } = await steps(world.staff(role));
      expect(codes).toBeUndefined();
      expect(nodes.filter((step: { reason: string | null }) => step.reason !== null)).toMatchObject([
        { actor: 'staff', reason },
      ]);
    }
    for (const person of [acme, world.as('reasons', Role.MEMBER), world.staff(Role.SERVICE)]) {
      const { nodes, codes } = await steps(person);
      expect(new Set(codes)).toEqual(new Set(['FORBIDDEN']));
      expect(new Set(nodes.map((step: { reason: string | null }) => step.reason))).toEqual(new Set([null]));
    }
  });
});
