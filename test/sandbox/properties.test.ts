import fc from 'fast-check';
import type Stripe from 'stripe';
import { startSandbox } from '../../sandbox/start-sandbox.js';
import { stripeFor } from './support/stripe-for.js';

type Move =
  | { kind: 'jump'; hours: number }
  | { kind: 'quantity'; quantity: number; behavior: Behavior }
  | { kind: 'price'; price: number; behavior: Behavior }
  | { kind: 'anchor'; behavior: 'always_invoice' | 'create_prorations' };
type Behavior = 'always_invoice' | 'create_prorations' | 'none';

const behavior = fc.constantFrom<Behavior>('always_invoice', 'create_prorations', 'none');
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), hours: fc.integer({ min: 1, max: 24 * 45 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('quantity' as const),
      quantity: fc.integer({ min: 1, max: 9 }),
      behavior,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('price' as const), price: fc.integer({ min: 0, max: 2 }), behavior }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('anchor' as const),
      behavior: fc.constantFrom('always_invoice' as const, 'create_prorations' as const),
    }),
  },
);
const story = fc.record({
  mode: fc.constantFrom('flexible' as const, 'classic' as const),
  percentOff: fc.constantFrom(0, 0, 15),
  taxed: fc.boolean(),
  moves: fc.array(move, { minLength: 1, maxLength: 8 }),
});

interface Span {
  amount: number;
  start: number;
  end: number;
}

interface Told {
  invoices: Stripe.Invoice[];
  spans: Span[];
  start: number;
  end: number;
}

async function play({
  mode,
  percentOff,
  taxed,
  moves,
}: {
  mode: 'flexible' | 'classic';
  percentOff: number;
  taxed: boolean;
  moves: Move[];
}): Promise<Told> {
  const sandbox = await startSandbox({
    seed: 1,
    clock: '2027-01-31T09:00:00Z',
    frozen: true,
    settings: { minimumCharge: {} },
  });
  try {
    const stripe = stripeFor(sandbox);
    const prices = await Promise.all(
      [7321, 19_999, 100_003].map((unit_amount) =>
        stripe.prices.create({
          currency: 'usd',
          unit_amount,
          recurring: { interval: 'month' },
          product_data: { name: 'P' },
        }),
      ),
    );
    const customer = await stripe.customers.create({ address: { country: 'DE' } });
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    const discounts = percentOff
      ? [{ coupon: (await stripe.coupons.create({ percent_off: percentOff, duration: 'forever' })).id }]
      : undefined;
    const { id, items, created } = await stripe.subscriptions.create({
      customer: customer.id,
      default_payment_method: method.id,
      billing_mode: { type: mode },
      automatic_tax: { enabled: taxed },
      discounts,
      items: [{ price: String(prices[0]?.id) }],
    });
    const item = String(items.data[0]?.id);
    for (const one of moves) {
      if (one.kind === 'jump') await sandbox.advance({ by: `PT${one.hours}H` });
      else if (one.kind === 'anchor')
        await stripe.subscriptions.update(id, {
          billing_cycle_anchor: { type: 'now' },
          proration_behavior: one.behavior,
        });
      else
        await stripe.subscriptions.update(id, {
          items: [
            { id: item, ...(one.kind === 'quantity' ? { quantity: one.quantity } : { price: prices[one.price]?.id }) },
          ],
          proration_behavior: one.behavior,
        });
    }
    const invoices = await stripe.invoices.list({ subscription: id, limit: 100 }).autoPagingToArray({ limit: 1000 });
    const pending = await stripe.invoiceItems.list({ customer: customer.id, pending: true, limit: 100 });
    const lines = invoices
      .flatMap((invoice) => invoice.lines.data)
      .map(({ amount, period, discount_amounts }) => ({
        amount: amount - (discount_amounts ?? []).reduce((sum, off) => sum + off.amount, 0),
        ...period,
      }));
    const after = await stripe.subscriptions.retrieve(id);
    return {
      invoices,
      spans: [...lines, ...pending.data.map(({ amount, period }) => ({ amount, ...period }))],
      start: created,
      end: Number(after.items.data[0]?.current_period_end),
    };
  } finally {
    await sandbox.stop();
  }
}

describe('whatever happens to a subscription', () => {
  it('invoice totals are the sum of their lines, discounts and taxes; no time is billed twice or left out; credits never exceed what was charged', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (given) => {
        const { invoices, spans, start, end } = await play(given);
        for (const invoice of invoices) expect(invoice.total).toBe(totalOf(invoice));
        for (const moment of [start, ...spans.flatMap((span) => [span.start, span.end])].filter(
          (at) => at >= start && at < end,
        )) {
          const covered = spans
            .filter((span) => span.start <= moment && moment < span.end)
            .reduce((sum, { amount }) => sum + Math.sign(amount), 0);
          expect({ moment, covered }).toEqual({ moment, covered: 1 });
        }
        if (given.mode === 'flexible')
          expect(spans.reduce((sum, { amount }) => sum + amount, 0)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40, seed: 20270131 },
    );
  });
});

function totalOf(invoice: Stripe.Invoice): number {
  return invoice.lines.data.reduce((sum, line) => {
    const off = (line.discount_amounts ?? []).reduce((all, { amount }) => all + amount, 0);
    const tax = (line.taxes ?? [])
      .filter(({ tax_behavior }) => tax_behavior === 'exclusive')
      .reduce((all, { amount }) => all + amount, 0);
    return sum + line.amount - off + tax;
  }, 0);
}
