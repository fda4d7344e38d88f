import { CHANGE, run, standing, subscriber } from '../support/change-plan-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const DISCOUNT = '{ label promotionCode percentOff amountOff { minor } duration endsAt }';
const MONEY = `{ viewer { account { revision currency currencyLocked taxStatus credit { minor currency } discounts ${DISCOUNT}
  subscription { account { externalId } discounts ${DISCOUNT} items { quantity price { id plan { key } addOn { key } unit { minor } } } }
  invoices { nodes { total { minor } lines(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { amount { minor } unit { minor } plan { key } } } } }
  timeline { nodes { title detail } } } } }`;
const LIVE = `subscription { accountUpdated { account { subscription { discounts { label } } } } }`;
const APPLY = `mutation ($input: ApplyPromotionCodeInput!) { applyPromotionCode(input: $input) { outcome userErrors { code } } }`;

async function money(person: Person) {
  const { data, errors } = await person.ask(MONEY);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.viewer.account;
}
const told = ({ timeline }: { timeline: { nodes: { title: string; detail: string | null }[] } }) =>
  timeline.nodes.map(({ title, detail }) => `${title} ${detail ?? ''}`).join(' ');

describe('what an account has beside its invoices', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('refuses a code that a booked change would not outlast, and shows after a change what it costs now', async () => {
    await sellCode(world, 'QUARTER', { months: 2 });
    const acme = await subscriber(world);
    const more = `mutation ($input: ChangePlanInput!) { changePlan(input: $input) {
      outcome subscription { seats recurring { minor } items { quantity } } userErrors { code } } }`;
    expect(await run(acme, more, { seats: 4 })).toMatchObject({
      outcome: 'APPLIED',
      subscription: { seats: 4, recurring: { minor: 8000 }, items: [{ quantity: 4 }] },
    });
    expect(await run(acme, CHANGE, { seats: 2 })).toMatchObject({ outcome: 'SCHEDULED' });

    expect(await run(acme, APPLY, { code: 'QUARTER' })).toEqual({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CHANGE_ALREADY_PENDING' }],
    });
    expect((await money(acme)).subscription.discounts).toEqual([]);
  });

  it('shows a discount of the subscription with its code and its end, pushes it, tells it, and drops it when it is over', async () => {
    await sellCode(world, 'QUARTER', { months: 2 });
    const acme = await subscriber(world);
    const live = acme.watch(LIVE);
    await live.until(() => true);

    await run(acme, APPLY, { code: 'QUARTER' });
    await live.until(({ accountUpdated: { account } }) => account.subscription.discounts[0]?.label === 'QUARTER');
    const held = await money(acme);
    await world.advance({ by: 'P1M2D' });
    const renewed = await money(acme);
    await world.advance({ by: 'P2M' });

    expect(held.subscription.discounts).toEqual([
      {
        label: 'QUARTER',
        promotionCode: 'QUARTER',
        percentOff: '25',
        amountOff: null,
        duration: 'REPEATING',
        endsAt: expect.any(String),
      },
    ]);
    expect(told(held)).toContain('The discount is now QUARTER.');
    expect(renewed.invoices.nodes[0].total.minor).toBe(1_500);
    expect((await money(acme)).invoices.nodes[0].total.minor).toBe(2_000);
    live.close();
  });

  it('keeps what a change now gives back as credit, and uses it up on the next invoice', async () => {
    const acme = await subscriber(world, 'business');
    const before = await money(acme);

    await run(acme, CHANGE, { plan: 'team', timing: 'NOW' });
    await world.settled();
    const credited = await money(acme);
    await world.advance({ by: 'P1M2D' });

    expect(before.credit).toEqual({ minor: 0, currency: 'USD' });
    expect(credited.credit).toEqual({ minor: 7_900, currency: 'USD' });
    expect(told(credited)).toContain('The credit of the account changed.');
    expect((await money(acme)).credit).toEqual({ minor: 5_900, currency: 'USD' });
  });

  it('locks the currency with the first subscription, not before', async () => {
    const early = await money(world.as('acme'));
    const acme = await subscriber(world);

    expect(early).toMatchObject({ currency: null, currencyLocked: false, credit: null, discounts: [] });
    expect(await money(acme)).toMatchObject({ currency: 'USD', currencyLocked: true });
  });

  it('tells whether tax is taken', async () => {
    const acme = await subscriber(world);
    const { stripe } = world.gateway.parts;
    const { customer } = await stripe.subscriptions.retrieve((await standing(acme)).subscription.id);
    const statuses: string[] = [];
    for (const tax_exempt of ['none', 'exempt', 'reverse'] as const) {
      await stripe.customers.update(String(customer), { tax_exempt });
      await world.settled();
      statuses.push((await money(acme)).taxStatus);
    }

    expect(statuses).toEqual(['NOT_COLLECTED', 'EXEMPT', 'REVERSE_CHARGE']);
  });

  it('shows what each part of a subscription costs, and invoice lines page by page with what they pay for', async () => {
    await sellAddOns(world);
    const acme = await subscriber(world);
    const { stripe } = world.gateway.parts;
    const { data: prices } = await stripe.prices.list({ lookup_keys: ['storage_month'] });
    const { id } = (await standing(acme)).subscription;
    await stripe.subscriptions.update(id, {
      items: [{ price: prices[0]!.id, quantity: 2 }],
      proration_behavior: 'none',
    });
    await world.advance({ by: 'P1M2D' });

    const { subscription, invoices } = await money(acme);

    expect(subscription.account.externalId).toBe('acme');
    const parts = subscription.items.map(
      ({ quantity, price }: { quantity: number; price: Record<string, unknown> }) => [
        quantity,
        price.plan ?? price.addOn,
        price.unit,
      ],
    );
    expect(parts).toHaveLength(2);
    expect(parts).toEqual(
      expect.arrayContaining([
        [1, { key: 'team' }, { minor: 2_000 }],
        [2, { key: 'storage' }, { minor: 450 }],
      ]),
    );
    const [renewal] = invoices.nodes;
    expect(renewal.total.minor).toBe(2_900);
    expect(renewal.lines).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(renewal.lines.nodes).toEqual([{ amount: { minor: 2_000 }, unit: { minor: 2_000 }, plan: { key: 'team' } }]);
    const { data } = await acme.ask(
      `query ($after: String) { viewer { account { invoices { nodes { lines(first: 1, after: $after) { pageInfo { hasNextPage } nodes { amount { minor } unit { minor } plan { key } } } } } } } }`,
      { after: renewal.lines.pageInfo.endCursor },
    );
    expect(data.viewer.account.invoices.nodes[0].lines).toEqual({
      pageInfo: { hasNextPage: false },
      nodes: [{ amount: { minor: 900 }, unit: { minor: 450 }, plan: null }],
    });
  });
});
