import { Role } from '../../src/auth/roles.js';
import { customerOf, failRenewal, subscriber, WALLET } from '../support/payment-story.js';
import { BILLING_PAGE } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const PORTAL = `mutation ($flow: PortalFlow, $returnUrl: URL!, $configuration: ID, $locale: Locale) {
  createPortalSession(input: { flow: $flow, returnUrl: $returnUrl, configuration: $configuration, locale: $locale }) {
    session { url flow }
    userErrors { code message field }
  }
}`;
const BACK = 'https://app.example.com/billing';

describe('the customer portal', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ RETURN_ORIGINS: 'https://app.example.com' });
  });
  afterEach(() => world.stop());

  /** Opens the portal as the account's admin and answers its address. */
  const open = async (name: string, flow = 'HOME'): Promise<string> => {
    const { data } = await world.as(name).ask(PORTAL, { flow, returnUrl: BACK });
    expect(data.createPortalSession).toMatchObject({ session: { flow }, userErrors: [] });
    return data.createPortalSession.session.url as string;
  };

  it('opens for an account without a subscription, and makes its customer once', async () => {
    const pages = [await open('acme'), await open('acme', 'INVOICES'), await open('acme', 'PAYMENT_METHOD')];

    for (const page of pages) expect((await fetch(page)).status).toBe(200);
    const { data } = await world.gateway.parts.stripe.customers.list();
    expect(data).toHaveLength(1);
  });

  it('opens while a payment is overdue', async () => {
    await subscriber(world, 'acme');
    await failRenewal(world, 'acme');

    expect(await (await fetch(await open('acme'))).text()).toContain('past_due');
  });

  it('brings a cancellation that is made there home by webhook, and pushes it', async () => {
    const acme = await subscriber(world, 'acme');
    const live = acme.watch(
      `subscription { accountUpdated { account { subscription { cancellation { effectiveAt } } } } }`,
    );
    await live.until(() => true);

    const answer = await submit(await open('acme', 'CANCEL'), 'cancel', {
      subscription: await subscriptionOf(world, 'acme'),
    });
    await live.until(({ accountUpdated: { account } }) => account.subscription.cancellation !== null);

    expect(answer.headers.get('location')).toBe(BACK);
    await world.settled();
    const { subscription, timeline } = (await acme.ask(BILLING_PAGE)).data.viewer.account;
    expect(subscription.cancellation.effectiveAt).toBe(subscription.currentPeriod.end);
    expect(timeline.nodes[0].actor).toBe('stripe');
    live.close();
  });

  it('brings a card that is given there home as the default', async () => {
    const acme = await subscriber(world, 'acme');

    await submit(await open('acme', 'PAYMENT_METHOD'), 'payment_method', { payment_method: 'pm_card_mastercard' });
    await world.settled();

    const { defaultPaymentMethod, paymentMethods } = (await acme.ask(WALLET)).data.viewer.account;
    expect(defaultPaymentMethod.label).toBe('Mastercard ending 4444');
    expect(paymentMethods.nodes).toHaveLength(2);
  });

  it('needs a subscription to cancel or change one', async () => {
    for (const flow of ['CANCEL', 'CHANGE_PLAN']) {
      const { data } = await world.as('acme').ask(PORTAL, { flow, returnUrl: BACK });
      expect(data.createPortalSession).toMatchObject({ session: null, userErrors: [{ code: 'NO_SUBSCRIPTION' }] });
    }
  });

  it('leads back to allowed origins only', async () => {
    for (const returnUrl of [
      'https://evil.example/',
      'https://app.example.com.evil.example/',
      'https://user@app.example.com/',
    ]) {
      const { data } = await world.as('acme').ask(PORTAL, { returnUrl });
      expect(data.createPortalSession.userErrors).toMatchObject([
        { code: 'RETURN_URL_NOT_ALLOWED', field: ['input', 'returnUrl'] },
      ]);
    }
  });

  it('takes no configuration that the operator has not named', async () => {
    const { data } = await world.as('acme').ask(PORTAL, { returnUrl: BACK, configuration: 'bpc_of_somebody' });

    expect(data.createPortalSession.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'configuration'] }]);
  });

  it('keeps its address out of the database, and out of reach of members', async () => {
    const page = await open('acme');
    const member = await world.as('acme', Role.MEMBER).ask(PORTAL, { returnUrl: BACK });

    const intents = await world.gateway.parts.database.read.rows<{ data: string }>('SELECT data FROM intents');
    expect(JSON.stringify(intents)).not.toContain(new URL(page).pathname);
    expect(member.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

async function subscriptionOf({ gateway }: World, name: string): Promise<string> {
  const { data } = await gateway.parts.stripe.subscriptions.list({
    customer: await customerOf({ gateway } as World, name),
  });
  return data[0]?.id ?? '';
}

/** Presses a button of the portal. */
const submit = (page: string, action: string, fields: Record<string, string>): Promise<Response> =>
  fetch(page, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ action, ...fields }),
    redirect: 'manual',
  });
