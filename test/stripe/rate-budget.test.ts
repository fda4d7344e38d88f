import { systemTimers } from '../../src/clock/system-clock.js';
import { createRateBudget } from '../../src/stripe/rate-budget.js';
import { createManualTime } from '../support/manual-time.js';

const LONG = 60_000;

describe('the rate budget', () => {
  it('lets a quarter of a second through at once, then keeps to its rate', async () => {
    const time = createManualTime();
    const budget = createRateBudget(80, time);
    let granted = 0;
    for (let call = 0; call < 200; call++) void budget.take(LONG, true).then(() => (granted += 1));

    await systemTimers.turn();
    expect(granted).toBe(20);
    time.advance(1_000);
    await systemTimers.turn();
    expect(granted).toBe(100);
  });

  it('lets callers go before jobs that have waited longer', async () => {
    const time = createManualTime();
    const budget = createRateBudget(4, time);
    await budget.take(LONG, false);
    const order: string[] = [];
    void budget.take(LONG, true).then(() => order.push('job'));
    void budget.take(LONG, false).then(() => order.push('caller'));

    time.advance(1_000);
    await systemTimers.turn();

    expect(order).toEqual(['caller', 'job']);
  });

  it('sends away whoever cannot wait any longer, and gives the turn to the next', async () => {
    const time = createManualTime();
    const budget = createRateBudget(1, time);
    await budget.take(LONG, false);
    const hasty = budget.take(500, false);
    const patient = budget.take(LONG, false);

    time.advance(1_000);

    expect(await hasty).toBe(false);
    expect(await patient).toBe(true);
  });

  it('gives up what was saved when Stripe says that it is too much', async () => {
    const time = createManualTime();
    const budget = createRateBudget(80, time);
    budget.drain();
    let granted = 0;
    for (let call = 0; call < 20; call++) void budget.take(LONG, true).then(() => (granted += 1));

    await systemTimers.turn();
    expect(granted).toBe(0);
    time.advance(100);
    await systemTimers.turn();
    expect(granted).toBe(8);
  });

  it('goes on at its rate after a clock was set back', async () => {
    let offset = 0;
    const time = createManualTime();
    const wall = { now: () => time.wall.now() + offset };
    const budget = createRateBudget(10, { wall, timers: time.timers });
    await budget.take(LONG, true);
    await budget.take(LONG, true);
    offset = -3_600_000;

    const next = budget.take(LONG, true);
    time.advance(500);

    expect(await next).toBe(true);
  });
});
