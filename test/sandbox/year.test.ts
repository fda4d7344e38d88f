import { startSandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from './support/stripe-for.js';

describe('a year of many subscriptions', () => {
  it('passes in seconds', async () => {
    const sandbox = await startSandbox({ seed: 1, clock: '2027-01-15T00:00:00Z', frozen: true });
    const stripe = stripeFor(sandbox);
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 1000,
      recurring: { interval: 'month' },
      product_data: { name: 'Team' },
    });
    for (let hundred = 0; hundred < 10; hundred++) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const customer = await stripe.customers.create({
            payment_method: 'pm_card_visa',
            invoice_settings: { default_payment_method: 'pm_card_visa' },
          });
          await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
        }),
      );
    }

    const before = process.cpuUsage();
    const { steps } = await sandbox.advance({ by: 'P1Y' });
    const { user, system } = process.cpuUsage(before);

    expect(steps).toBeGreaterThanOrEqual(1000 * 12 * 2);
    // Seconds of the processor, which do not grow with what else the machine does.
    expect((user + system) / 1e6).toBeLessThan(60);
    const beyond = Date.parse('2027-12-16T00:00:00Z') / 1000;
    expect((await stripe.events.list({ created: { lt: beyond } })).data).toEqual([]);
    const renewed = await stripe.invoices.list({ limit: 1 });
    expect(renewed.data[0]).toMatchObject({ billing_reason: 'subscription_cycle', total: 1000 });
    await sandbox.stop();
  });
});
