import type Stripe from 'stripe';
import { systemTimers } from '../../src/clock/system-clock.js';
import { silentMetrics } from '../../src/operations/figures.js';
import { catchUp, type CatchUpOptions, type CatchUpReport } from '../../src/sync/catch-up.js';
import { askAll } from '../../src/sync/queue.js';
import { LeaseLost, underLease } from '../../src/sync/upkeep.js';
import { createInbox, type Inbox } from '../../src/webhooks/inbox.js';
import { aCustomerAtStripe, aSubscriptionAtStripe, type Bench, eventsAtStripe, startBench } from '../support/bench.js';

const MINUTES = 60;
const chore = { id: 'catch-up', everyMs: 420_000 } as const;

describe("reading Stripe's list of events", () => {
  let bench: Bench;
  let inbox: Inbox;
  let customer: Stripe.Customer;
  beforeEach(async () => {
    bench = await startBench();
    inbox = createInbox(bench.database, systemTimers);
    await run();
    customer = await aCustomerAtStripe(bench);
  });
  afterEach(() => bench.stop());

  const needs = () => ({
    ...bench.needs,
    inbox,
    metrics: silentMetrics,
    knock: (subjects: readonly string[]) =>
      askAll(bench.database, new Map(subjects.map((subject) => [subject, 'events'] as const))),
  });
  /** One run, whether it is due or not. */
  async function run(options: Partial<CatchUpOptions> = {}, owner = 'one'): Promise<CatchUpReport> {
    let report: CatchUpReport = { read: 0, missed: 0 };
    const work = async (lease: Parameters<typeof catchUp>[1]) =>
      void (report = await catchUp(needs(), lease, { overlapSeconds: 10 * MINUTES, ...options }));
    expect(await underLease(bench.database, chore, owner, work, { evenIfNotDue: true })).toBe(true);
    return report;
  }
  const stored = async () =>
    (await bench.database.read.rows<{ id: string }>('SELECT id FROM stripe_events ORDER BY id')).map(({ id }) => id);
  const atStripe = async () => (await eventsAtStripe(bench)).map(({ id }) => id).sort();
  const busy = async (updates: number) => {
    for (let at = 0; at < updates; at++) await bench.stripe.customers.update(customer.id, { name: `Name ${at}` });
  };
  const pages = () => bench.proxy.calls.filter(({ path }) => path.startsWith('/v1/events?')).map(({ path }) => path);

  it('only remembers at first where to begin, and brings from then on whatever no delivery has brought', async () => {
    expect(await stored()).toEqual([]);
    const subscription = await aSubscriptionAtStripe(bench, customer.id);
    const report = await run();
    await bench.drain();

    expect(await stored()).toEqual(await atStripe());
    expect(report.missed).toBeGreaterThan(3);
    expect(await bench.row('SELECT status FROM subscriptions WHERE id = ?', subscription.id)).toEqual({
      status: 'ACTIVE',
    });
    expect(await bench.row("SELECT COUNT(*) AS listed FROM stripe_events WHERE source <> 'list'")).toEqual({
      listed: 0,
    });
  });

  it('applies nothing twice that is delivered and listed at once', async () => {
    await aSubscriptionAtStripe(bench, customer.id);
    const events = await eventsAtStripe(bench);
    await Promise.all([bench.deliver(...events), run(), bench.deliver(...events)]);
    await bench.drain();
    const revision = await bench.revision();
    expect(await run()).toMatchObject({ missed: 0 });
    await bench.drain();

    expect(await stored()).toEqual(await atStripe());
    expect(await bench.revision()).toBe(revision);
    const steps = await bench.row<{ steps: number }>('SELECT COUNT(*) AS steps FROM audit');
    expect(Number(steps.steps)).toBe(revision);
  });

  it('loses none of many pages while new events arrive between them', async () => {
    await busy(230);
    let more = 2;
    bench.proxy.instead = async ({ path }) => {
      if (path.includes('starting_after') && more-- > 0) await busy(20);
      return undefined;
    };
    await run();
    expect(pages().length).toBeGreaterThanOrEqual(3);
    await run();

    expect(await stored()).toEqual(await atStripe());
  });

  it('goes on where it was when it is cut off between two pages, and then reads what came meanwhile', async () => {
    await busy(150);
    bench.proxy.instead = ({ path }) => (path.includes('starting_after') ? { status: 500, body: {} } : undefined);
    await expect(run()).rejects.toThrow();
    expect(await stored()).toHaveLength(100);
    await busy(5);
    bench.proxy.instead = () => undefined;
    bench.proxy.calls.length = 0;
    await run({}, 'another');

    expect(pages()[0]).toContain('starting_after');
    expect(await stored()).toEqual(await atStripe());
  });

  it('finds an event that appears in the list only after later ones were read', async () => {
    await busy(3);
    const all = await bench.stripe.events.list({ limit: 100 });
    const late = all.data[1]?.id;
    bench.proxy.instead = ({ path }) =>
      path.startsWith('/v1/events?')
        ? { status: 200, body: { object: 'list', has_more: false, data: all.data.filter(({ id }) => id !== late) } }
        : undefined;
    await run();
    expect(await stored()).not.toContain(late);
    bench.proxy.instead = () => undefined;
    await run();

    expect(await stored()).toContain(late);
  });

  it('leaves the place to go on from when it is told to read only the newest', async () => {
    await bench.sandbox.advance({ by: 'PT2H' });
    await busy(1);
    const future = Math.floor(bench.sandbox.now() / 1000) + 60;
    expect(await run({ since: future })).toEqual({ read: 0, missed: 0 });
    await run();

    expect(await stored()).toEqual(await atStripe());
  });

  it('is done by one process at a time, and by another once the first is gone', async () => {
    await busy(1);
    let goOn = () => {};
    const waits = new Promise<void>((resolve) => (goOn = resolve));
    let begun = () => {};
    const began = new Promise<void>((resolve) => (begun = resolve));
    const first = underLease(
      bench.database,
      chore,
      'first',
      async (lease) => {
        begun();
        await waits;
        await lease.keep({ readTo: 0, pass: null });
      },
      { evenIfNotDue: true },
    );
    await began;
    const second = () => underLease(bench.database, chore, 'second', () => Promise.resolve(), { evenIfNotDue: true });

    expect(await second()).toBe(false);
    bench.time.advance(61_000);
    expect(await second()).toBe(true);
    goOn();
    await expect(first).rejects.toThrow(LeaseLost);
  });

  it('is due again only after its time', async () => {
    const again = () => underLease(bench.database, chore, 'one', () => Promise.resolve());

    expect(await again()).toBe(false);
    bench.time.advance(420_000);
    expect(await again()).toBe(true);
  });
});
