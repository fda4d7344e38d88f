import { CHANGE, linesOf, PREVIEW_NEXT, run, standing, subscriber } from '../support/change-plan-story.js';
import { sellAddOn } from '../support/price-story.js';
import { type Person, startStillWorld, type World } from '../support/world.js';

const PARTS = `{ viewer { account { upcomingInvoice { total { minor } lines { amount { minor } } }
  subscription { items { quantity price { addOn { key } } } pendingChange { toAddOns { addOn { key } } } } } } }`;

const ADD_ONS = Array.from({ length: 11 }, (_, at) => `extra${String(at + 1).padStart(2, '0')}`);
const bought = (keys: string[]) => keys.map((addOn) => ({ addOn }));

interface Line {
  amount: { minor: number };
}
const sumOf = (lines: Line[]) => lines.reduce((sum, { amount }) => sum + amount.minor, 0);

describe('what Stripe tells ten of at a time', () => {
  let world: World;
  let acme: Person;
  beforeEach(async () => {
    world = await startStillWorld();
    for (const [at, key] of ADD_ONS.entries()) await sellAddOn(world, key, 100 + at);
    await world.settled();
    acme = await subscriber(world);
    await run(acme, CHANGE, { addOns: bought(ADD_ONS) });
    await world.settled();
  });
  afterEach(() => world.stop());

  const parts = async () => (await acme.ask(PARTS)).data.viewer.account;
  const addOnsHeld = async () =>
    ((await parts()).subscription.items as { price: { addOn: { key: string } | null } }[])
      .flatMap(({ price }) => price.addOn?.key ?? [])
      .sort();

  it('is shown whole: all that is bought, and every line of the invoice that comes next', async () => {
    const { data, has_more } = (await world.gateway.parts.stripe.subscriptions.retrieve(await subscriptionId())).items;
    const { upcomingInvoice } = await parts();

    expect([data.length, has_more]).toEqual([10, true]);
    expect(await addOnsHeld()).toEqual(ADD_ONS);
    expect(upcomingInvoice.lines).toHaveLength(12);
    expect(sumOf(upcomingInvoice.lines)).toBe(upcomingInvoice.total.minor);
  });

  it('is previewed line by line, and charged as previewed', async () => {
    const input = {
      plan: 'team',
      interval: 'MONTH',
      seats: 2,
      addOns: ADD_ONS.map((addOn) => ({ addOn, quantity: 2 })),
    };

    const { preview } = await run(acme, PREVIEW_NEXT, input);
    const done = await run(acme, CHANGE, { previewToken: preview.token });

    expect(preview.lines).toHaveLength(24);
    expect(sumOf(preview.lines)).toBe(preview.subtotal.minor);
    expect(sumOf(preview.nextInvoice.lines)).toBe(preview.nextInvoice.total.minor);
    expect(done).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    expect((await linesOf(world, done.invoice.id)).length).toBe(10);
    expect((await parts()).subscription.items).toHaveLength(12);
  });

  it('is booked and shown as booked, also where only the eleventh is left out', async () => {
    const kept = ADD_ONS.slice(0, -1);

    const booked = await run(acme, CHANGE, { addOns: bought(kept) });
    const { pendingChange } = (await parts()).subscription;

    expect(booked).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    expect(pendingChange.toAddOns.map(({ addOn }: { addOn: { key: string } }) => addOn.key).sort()).toEqual(kept);
    await world.advance({ by: 'P32D' });
    expect(await addOnsHeld()).toEqual(kept);
  });

  const subscriptionId = async (): Promise<string> => (await standing(acme)).subscription.id;
});
