import type Stripe from 'stripe';
import { type Metrics, silentMetrics } from '../../src/operations/figures.js';
import { settleDrift } from '../../src/sync/settle-drift.js';
import { askAll } from '../../src/sync/queue.js';
import { sweep } from '../../src/sync/sweep.js';
import {
  aCustomerAtStripe,
  ACCOUNT,
  aSubscriptionAtStripe,
  type Bench,
  eventsAtStripe,
  startBench,
} from '../support/bench.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATIENCE = 600_000;

describe('the sweep', () => {
  let bench: Bench;
  let customer: Stripe.Customer;
  let subscription: Stripe.Subscription;
  let counted: string[];
  beforeEach(async () => {
    bench = await startBench();
    counted = [];
    customer = await aCustomerAtStripe(bench);
    subscription = await aSubscriptionAtStripe(bench, customer.id);
    await bench.deliver(...(await eventsAtStripe(bench)));
    await confirmed();
  });
  afterEach(() => bench.stop());

  /** Until what was written has been looked at a second time. */
  async function confirmed() {
    await bench.drain();
    bench.time.advance(60_000);
    await bench.drain();
  }
  const asked: string[] = [];
  async function swept(afterMs = DAY): Promise<string[]> {
    asked.length = 0;
    await sweep({ database: bench.database, knock: (subject) => asked.push(subject) }, afterMs);
    await askAll(bench.database, new Map(asked.map((subject) => [subject, 'look'] as const)));
    return asked.slice();
  }
  const metrics: Metrics = {
    ...silentMetrics,
    count: (name, ...[labels]) =>
      void (name === 'billing_drift_total' && counted.push(Object.values(labels ?? {}).join())),
  };
  const settle = () => settleDrift({ database: bench.database, metrics }, PATIENCE);
  const drifts = () =>
    bench.database.read.rows<{
      object: string;
      object_id: string;
      before: string;
      after: string;
      confirmed_at: number;
    }>('SELECT * FROM drifts ORDER BY object');
  /** Changes at Stripe of which no event tells. */
  const silently = () => bench.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });

  it('asks for nothing that was looked at within its time, and for the oldest first once it is over', async () => {
    expect(await swept()).toEqual([]);
    bench.time.advance(12 * HOUR);
    await bench.ask(customer.id);
    await bench.drain();
    bench.time.advance(13 * HOUR);
    expect((await swept()).every((subject) => subject.startsWith('catalogue:'))).toBe(true);
    await bench.drain();
    bench.time.advance(12 * HOUR);
    expect(await swept()).toEqual([customer.id]);
  });

  it('asks once for what waits for its round already, and for nobody while many others wait', async () => {
    bench.time.advance(2 * DAY);
    expect((await swept()).length).toBeGreaterThan(0);
    expect(await swept()).toEqual([]);
    await bench.drain();
    bench.time.advance(2 * DAY);
    await bench.ask(...Array.from({ length: 21 }, (_, at) => `object:x_${at}`));
    expect(await swept()).toEqual([]);
  });

  it('leaves customers alone whom no account owns, or who are deleted', async () => {
    const stranger = await bench.stripe.customers.create({});
    const event = (await eventsAtStripe(bench)).filter(({ type }) => type === 'customer.created').pop();
    await bench.deliver(event ?? {});
    await bench.drain();
    bench.time.advance(2 * DAY);

    expect(await swept()).not.toContain(stranger.id);
  });

  it('repairs what no event tells, keeps it as drift with both states, and counts it once it is certain', async () => {
    await silently();
    bench.time.advance(2 * DAY);
    await swept();
    await confirmed();

    expect(await bench.row('SELECT cancel_at_period_end FROM subscriptions')).toEqual({ cancel_at_period_end: 1 });
    expect(await settle()).toBe(0);
    bench.time.advance(PATIENCE);
    expect(await settle()).toBe(1);
    expect(await settle()).toBe(0);
    const [found] = await drifts();
    expect(found).toMatchObject({
      object: 'subscription',
      object_id: subscription.id,
      account_id: ACCOUNT,
      cause: 'look',
    });
    expect(JSON.parse(found?.before ?? '')).toMatchObject({ cancelAtPeriodEnd: false });
    expect(JSON.parse(found?.after ?? '')).toMatchObject({ cancelAtPeriodEnd: true });
    expect(counted).toEqual(['subscription']);
  });

  it('takes for no drift what a look saw before the event came that tells it', async () => {
    await silently();
    await bench.ask(customer.id);
    await bench.drain();
    expect(await drifts()).toHaveLength(1);
    await bench.deliver(...(await eventsAtStripe(bench)));
    await confirmed();
    bench.time.advance(PATIENCE);

    expect(await settle()).toBe(0);
    expect(await drifts()).toEqual([]);
    expect(counted).toEqual([]);
  });

  it('asks for the events of a hundred subjects together', async () => {
    const found = Array.from(
      { length: 250 },
      (_, at) => `('drift_${at}', 'cus_${at}', 'customer', 'cus_${at}', 'look', 1)`,
    );
    await bench.database.run(
      `INSERT INTO drifts (id, subject, object, object_id, cause, detected_at) VALUES ${found.join(', ')}`,
    );
    const asked = jest.spyOn(bench.database.read, 'rows');

    expect(await settle()).toBe(250);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('finds a plan that was renamed in silence, and takes nothing for drift that it sees for the first time', async () => {
    await bench.ask('catalogue:prod_sample_business');
    await bench.drain();
    expect(await drifts()).toEqual([]);
    bench.time.advance(HOUR);
    await bench.stripe.products.update('prod_sample_business', { name: 'Big business' });
    await bench.ask('catalogue:prod_sample_business');
    await bench.drain();
    bench.time.advance(PATIENCE);

    expect(await settle()).toBe(1);
    expect(await drifts()).toMatchObject([{ object: 'plan', after: '{"name":"Big business"}' }]);
  });
});
