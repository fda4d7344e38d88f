import { CANCEL_PLAN, CHANGE, linesOf, run, standing, subscriber } from '../support/change-plan-story.js';
import { sellAddOns, sellCode } from '../support/price-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const FIELDS = `{ date lines { description amount { minor } proration } subtotal { minor } discount { minor } total { minor } creditApplied { minor } amountDue { minor } }`;
const UPCOMING = `{ viewer { account { upcomingInvoice ${FIELDS} plan { key } } } }`;

describe('the invoice that comes next', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const upcoming = async (person: Person) => {
    const { data, errors } = await person.ask(UPCOMING);
    expect(errors).toBeUndefined();
    return data.viewer.account.upcomingInvoice;
  };
  async function renewed(person: Person) {
    await world.advance({ by: 'P1M2D' });
    const { id, amountDue } = (await standing(person)).invoices.nodes[0];
    return { amountDue, lines: await linesOf(world, id) };
  }
  const callsDuring = async (work: () => Promise<unknown>): Promise<string[]> => {
    const paths: string[] = [];
    const note = ({ path }: { path: string }) => void paths.push(path);
    world.gateway.parts.stripe.on('request', note);
    await work();
    world.gateway.parts.stripe.off('request', note);
    return paths;
  };
  const fault = async (body: object) => {
    const { ok } = await fetch(`${world.sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/v1/invoices/create_preview', ...body }),
    });
    expect(ok).toBe(true);
  };

  it('is what the renewal then charges, with add-ons, a discount and credit', async () => {
    await sellAddOns(world);
    await sellCode(world, 'QUARTER', 'forever');
    const acme = await subscriber(world, 'business');
    await run(acme, CHANGE, {
      plan: 'team',
      timing: 'NOW',
      seats: 5,
      addOns: [{ addOn: 'storage' }],
      promotionCode: 'QUARTER',
    });
    await world.settled();

    const shown = await upcoming(acme);
    const { currentPeriod } = (await standing(acme)).subscription;
    const charged = await renewed(acme);

    expect(shown).toMatchObject({ subtotal: { minor: 10_450 }, discount: { minor: 2_613 }, total: { minor: 7_837 } });
    expect(shown.date).toBe(currentPeriod.end);
    expect(shown.creditApplied.minor).toBeGreaterThan(0);
    expect(charged.amountDue).toEqual(shown.amountDue);
    expect(charged.lines).toEqual(shown.lines.map(({ amount }: { amount: { minor: number } }) => amount.minor));
  });

  it('is that of the plan which is booked', async () => {
    const acme = await subscriber(world, 'business');
    await run(acme, CHANGE, { plan: 'team' });

    const shown = await upcoming(acme);

    expect(shown.amountDue.minor).toBe(2_000);
    expect((await renewed(acme)).amountDue).toEqual(shown.amountDue);
  });

  it('is null without a subscription and for one that will end', async () => {
    const acme = await subscriber(world);
    await run(acme, CANCEL_PLAN);

    expect(await upcoming(acme)).toBeNull();
    expect(await upcoming(world.as('nobody'))).toBeNull();
  });

  it('costs one call to Stripe however often it is asked for, and another question in the same request is refused', async () => {
    const acme = await subscriber(world);
    const twice = `{ viewer { account { upcomingInvoice { date } again: upcomingInvoice { date } } } other: viewer { account { upcomingInvoice { date } } } }`;
    const both = `{ viewer { account { upcomingInvoice { date } } } checkPromotionCode(code: "X") { valid } }`;

    const calls = await callsDuring(() => acme.ask(twice));
    let refused: Awaited<ReturnType<Person['ask']>> = {};
    const calledForBoth = await callsDuring(async () => (refused = await acme.ask(both)));

    expect(calls).toEqual(['/v1/invoices/create_preview']);
    expect(calledForBoth).toHaveLength(1);
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it('is null with an error while Stripe cannot be asked; the rest of the page is there', async () => {
    const acme = await subscriber(world);
    await fault({ kind: 'error_before', times: null });

    const { data, errors } = await acme.ask(UPCOMING);

    expect(data.viewer.account).toMatchObject({ upcomingInvoice: null, plan: { key: 'team' } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['PROVIDER_UNAVAILABLE']);
    expect(errors?.[0]?.extensions.retryable).toBe(true);
  });

  it('holds no database connection while it asks Stripe: fifty wait for her, and everything else is answered', async () => {
    const acme = await subscriber(world);
    const { invoices } = world.gateway.parts.stripe;
    const ask = invoices.createPreview.bind(invoices);
    let [waiting, open, all] = [0, () => {}, () => {}];
    const gate = new Promise<void>((resolve) => (open = resolve));
    const allWait = new Promise<void>((resolve) => (all = resolve));
    invoices.createPreview = (async (...asked: Parameters<typeof ask>) => {
      if (++waiting === 50) all();
      await gate;
      return ask(...asked);
    }) as typeof ask;

    const slow = Array.from({ length: 50 }, () => upcoming(acme));
    await allWait;
    const others = await Promise.all(Array.from({ length: 20 }, () => standing(acme)));
    open();

    expect(others.map(({ plan }) => plan.key)).toEqual(Array.from({ length: 20 }, () => 'team'));
    expect((await Promise.all(slow)).map(({ amountDue }) => amountDue.minor)).toEqual(
      Array.from({ length: 50 }, () => 2_000),
    );
  });
});
