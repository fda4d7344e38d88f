import { startWorld, type World } from '../support/world.js';

const ACCOUNT = `revision plan { key } subscription { id status plan { key } currentPeriod { start end } cancellation { effectiveAt } }
  access { allowed reason until } invoices { nodes { number total { formatted } status } } timeline { nodes { at title detail actor revision } }`;
const BILLING = `{ viewer { account { ${ACCOUNT} } } }`;
const LIVE = `subscription { accountUpdated { kind cursor revision entries { title } skipped account { plan { key } subscription { status } access { allowed reason } } } }`;
const CHECKOUT = `mutation ($plan: String!) { createCheckoutSession(input: { plan: $plan, interval: MONTH }) {
  session { id url status } userErrors { code message } } }`;

async function pay(world: World, session: string, card = 'pm_card_visa'): Promise<void> {
  const response = await fetch(`${world.sandbox.url}/_sandbox/checkout_sessions/${session}/complete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ payment_method: card }),
  });
  if (!response.ok) throw new Error(await response.text());
}

describe('the first subscription of an account', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it('is sold, paid, shown, pushed, canceled, taken back and ended', async () => {
    const acme = world.as('acme');
    const live = acme.watch(LIVE);
    const snapshot = await live.until(() => true);
    expect(snapshot.accountUpdated).toMatchObject({
      kind: 'SNAPSHOT',
      account: { plan: { key: 'free' }, subscription: null },
    });

    const checkout = await acme.ask(CHECKOUT, { plan: 'team' });
    console.log(JSON.stringify(checkout));
    await pay(world, checkout.data.createCheckoutSession.session.id);
    const active = await live.until(({ accountUpdated }) => accountUpdated.account.subscription?.status === 'ACTIVE');
    expect(active.accountUpdated.kind).toBe('CHANGED');

    await world.settled();
    const billing = await acme.ask(BILLING);
    console.log(JSON.stringify(billing, null, 1));
    const canceled = await acme.ask(
      `mutation { cancelSubscription(input: {}) { outcome subscription { cancellation { effectiveAt } } userErrors { code } } }`,
    );
    console.log(JSON.stringify(canceled));
    const back = await acme.ask(
      `mutation { reactivateSubscription(input: {}) { outcome subscription { cancellation { effectiveAt } } userErrors { code } } }`,
    );
    console.log(JSON.stringify(back));
    await acme.ask(`mutation { cancelSubscription(input: {}) { outcome } }`);
    await world.advance({ by: 'P1M1D' });
    const ended = await live.until(
      ({ accountUpdated }) =>
        accountUpdated.account.plan.key === 'free' &&
        accountUpdated.kind === 'CHANGED' &&
        accountUpdated.account.subscription === null &&
        accountUpdated.revision > active.accountUpdated.revision,
    );
    console.log(JSON.stringify(live.messages.map((m) => m.accountUpdated)));
    expect(ended.accountUpdated.account.access.reason).toBe('FREE_PLAN');
    console.log(JSON.stringify(await acme.ask(BILLING), null, 1));
    live.close();
  });
});
