import Stripe from 'stripe';
import type { Sandbox } from '../../sandbox/start-sandbox.js';
import { startSandbox } from '../../sandbox/start-sandbox.js';
import { both, cases, type Case, type Mode, type PriceGiven } from './support/proration-cases.js';
import { stripeFor } from './support/stripe-for.js';

describe('the golden table of prorations', () => {
  const table = cases.flatMap((one) =>
    (one.modes ?? both).map((mode) => [`${one.name} (${mode})`, mode, one] as const),
  );

  it('has at least forty cases', () => expect(table.length).toBeGreaterThanOrEqual(40));

  it.each(table)('%s', async (_name, mode, one) => {
    const sandbox = await startSandbox({
      clock: one.start ?? '2027-04-01T00:00:00Z',
      frozen: true,
      seed: 3,
      settings: { minimumCharge: {} },
    });
    try {
      await play(sandbox, mode, one);
    } finally {
      await sandbox.stop();
    }
  });
});

async function play(sandbox: Sandbox, mode: Mode, one: Case): Promise<void> {
  const stripe = stripeFor(sandbox);
  const priceOf = async ({ amount, ...given }: PriceGiven): Promise<string> => {
    const decimal =
      given.unit_amount_decimal === undefined
        ? {}
        : { unit_amount_decimal: Stripe.Decimal.from(String(given.unit_amount_decimal)) };
    const price = await stripe.prices.create({
      currency: 'usd',
      recurring: { interval: 'month' },
      product_data: { name: 'Plan' },
      ...(amount === undefined ? {} : { unit_amount: amount }),
      ...given,
      ...decimal,
    });
    return price.id;
  };
  const customer = await stripe.customers.create({ ...(one.country ? { address: { country: one.country } } : {}) });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const coupon = one.coupon ? await stripe.coupons.create(one.coupon) : undefined;
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    default_payment_method: method.id,
    billing_mode: { type: mode },
    items: [
      { price: await priceOf(one.price), quantity: one.quantity ?? 1 },
      ...(one.second ? [{ price: await priceOf(one.second) }] : []),
    ],
    ...(one.country ? { automatic_tax: { enabled: true } } : {}),
    ...(coupon ? { discounts: [{ coupon: coupon.id }] } : {}),
    ...(one.trial ? { trial_period_days: one.trial } : {}),
    ...(one.anchorAfter ? { billing_cycle_anchor: Math.floor(sandbox.now() / 1000) + one.anchorAfter } : {}),
  });
  for (const step of one.steps) {
    await sandbox.advance({ by: step.after });
    const before = await stripe.subscriptions.retrieve(id);
    const [first] = before.items.data;
    const item: Stripe.SubscriptionUpdateParams.Item = step.add
      ? { price: await priceOf(step.add) }
      : step.remove !== undefined
        ? { id: before.items.data[step.remove]?.id, deleted: true }
        : {
            id: first?.id,
            ...(step.price ? { price: await priceOf(step.price) } : {}),
            ...(step.quantity ? { quantity: step.quantity } : {}),
          };
    const after = await stripe.subscriptions.update(id, {
      items: [item],
      proration_behavior: step.behavior ?? 'always_invoice',
      ...(step.anchor ? { billing_cycle_anchor: { type: step.anchor } } : {}),
      ...(step.proratedBefore ? { proration_date: Math.floor(sandbox.now() / 1000) - step.proratedBefore } : {}),
    });
    if (step.lines === null) {
      expect(after.latest_invoice).toBe(before.latest_invoice);
      continue;
    }
    expect(after.latest_invoice).not.toBe(before.latest_invoice);
    const invoice = await stripe.invoices.retrieve(String(after.latest_invoice));
    expect(invoice.lines.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual(
      [...step.lines].sort((a, b) => a - b),
    );
    expect(invoice.total).toBe(step.total);
    expect(invoice.status).toBe('paid');
  }
  const next = await stripe.invoices.createPreview({ subscription: id });
  expect(next.total).toBe(one.next);
}
