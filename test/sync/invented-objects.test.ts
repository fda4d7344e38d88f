import { type Bench, madeEvent, startBench } from '../support/bench.js';

/** What Stripe's own test tools send: real events about objects that do not exist. */
const invented = [
  madeEvent('customer.subscription.updated', { object: 'subscription', id: 'sub_0000', customer: 'cus_0000' }),
  madeEvent('invoice.paid', { object: 'invoice', id: 'in_0000', customer: 'cus_0000' }),
  madeEvent('checkout.session.completed', { object: 'checkout.session', id: 'cs_test_0000', customer: null }),
  madeEvent('customer.created', { object: 'customer', id: 'cus_0001' }),
];

describe('events about invented objects', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.stop());

  it('end unmatched, and nobody is alarmed', async () => {
    await bench.deliver(...invented);
    for (const wait of [0, 1_000, 5_000, 30_000, 120_000, 600_000]) {
      bench.time.advance(wait);
      await bench.drain();
    }

    const states = await Promise.all(invented.map(async ({ id }) => (await bench.event(id)).state));
    expect(states).toEqual(invented.map(() => 'unmatched'));
    expect(bench.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
