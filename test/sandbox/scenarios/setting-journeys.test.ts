import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { defaultSettings, type SandboxSettings } from '../../../sandbox/settings.js';
import { startStory, type Story } from '../support/story.js';
import { control } from '../support/stripe-for.js';

/** One journey, and what is seen at its end under each value of the setting. */
interface Journey<K extends keyof SandboxSettings> {
  values: [SandboxSettings[K], unknown][];
  see(story: Story): Promise<unknown>;
  /** Set beside the one that is looked at. */
  beside?: Partial<SandboxSettings>;
}

const MONTH = 'P1M';

async function renewalThatFails(story: Story, after: string): Promise<string> {
  const { stripe, sandbox } = story;
  const customer = await story.customer();
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: await story.price('Team', 2000) }] });
  await control(sandbox, `customers/${customer}/next_payment`, { outcome: 'declined', times: 99 });
  await sandbox.advance({ by: MONTH });
  await sandbox.advance({ by: after });
  return id;
}

async function isIdleWithin(story: Story, milliseconds: number): Promise<unknown> {
  const { body } = await control<{ idle: boolean }>(story.sandbox, `idle?timeout_ms=${milliseconds}`);
  return body.idle;
}

/** Whether two calls under one key give one object. */
async function replays(create: () => Promise<string>): Promise<boolean> {
  return (await create()) === (await create());
}

const journeys: { [K in keyof SandboxSettings]?: Journey<K> } = {
  retryDays: {
    values: [
      [[1], 2],
      [[3, 5, 7], 4],
    ],
    async see(story) {
      const subscription = await renewalThatFails(story, 'P10D');
      return (await story.stripe.invoices.list({ subscription })).data[0]?.attempt_count;
    },
  },
  afterLastRetry: {
    values: [
      ['cancel', 'canceled'],
      ['unpaid', 'unpaid'],
      ['past_due', 'past_due'],
    ],
    see: async (story) => (await story.stripe.subscriptions.retrieve(await renewalThatFails(story, 'P8D'))).status,
  },
  draftHours: {
    values: [
      [1, 'open'],
      [3, 'draft'],
    ],
    async see(story) {
      const subscription = await renewalThatFails(story, 'PT2H');
      return (await story.stripe.invoices.list({ subscription })).data[0]?.status;
    },
  },
  tellsCurrency: {
    values: [
      [true, ['usd', { currency: null }]],
      [false, ['usd', undefined]],
    ],
    async see(story) {
      const { stripe } = story;
      const { id } = await stripe.customers.create();
      await stripe.invoiceItems.create({ customer: id, amount: 100, currency: 'usd' });
      const { currency } = (await stripe.customers.retrieve(id)) as Stripe.Customer;
      const [told] = (await stripe.events.list({ type: 'customer.updated' })).data;
      return [currency, told?.data.previous_attributes];
    },
  },
  draftCredits: {
    values: [
      ['shown', 400],
      ['at_finalization', 1000],
    ],
    async see(story) {
      const { stripe } = story;
      const customer = await story.customer();
      const meter = await stripe.billing.meters.create({
        display_name: 'Calls',
        event_name: 'calls',
        default_aggregation: { formula: 'sum' },
      });
      const price = await story.price('Calls', 10, {
        recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
      });
      const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
      await stripe.billing.creditGrants.create({
        customer,
        amount: { type: 'monetary', monetary: { currency: 'usd', value: 600 } },
        applicability_config: { scope: { price_type: 'metered' } },
      });
      const payload = { stripe_customer_id: customer, value: '100' };
      await stripe.billing.meterEvents.create({ event_name: 'calls', payload });
      return (await stripe.invoices.createPreview({ subscription: id })).total;
    },
  },
  incompleteHours: {
    values: [
      [23, 'incomplete'],
      [1, 'incomplete_expired'],
    ],
    async see({ stripe, sandbox, ...story }) {
      const customer = await story.customer('pm_card_chargeCustomerFail');
      const items = [{ price: await story.price('Team', 2000) }];
      const { id } = await stripe.subscriptions.create({ customer, items });
      await sandbox.advance({ by: 'PT2H' });
      return (await stripe.subscriptions.retrieve(id)).status;
    },
  },
  upcomingDays: {
    values: [
      [7, true],
      [3, false],
    ],
    async see({ stripe, sandbox, ...story }) {
      const items = [{ price: await story.price('Team', 2000) }];
      await stripe.subscriptions.create({ customer: await story.customer(), items });
      await sandbox.advance({ by: 'P25D' });
      return (await story.told()).includes('invoice.upcoming');
    },
  },
  checkoutDecline: {
    values: [
      ['no_trace', []],
      ['incomplete_subscription', ['incomplete']],
    ],
    async see({ stripe, sandbox, ...story }) {
      const { id: customer } = await stripe.customers.create();
      const { id } = await stripe.checkout.sessions.create({
        mode: 'subscription',
        customer,
        success_url: 'http://localhost/',
        line_items: [{ price: await story.price('Team', 2000), quantity: 1 }],
      });
      await control(sandbox, `checkout_sessions/${id}/complete`, { payment_method: 'pm_card_chargeCustomerFail' });
      return (await stripe.subscriptions.list({ customer, status: 'all' })).data.map(({ status }) => status);
    },
  },
  missingPaymentMethod: {
    values: [
      ['create_invoice', 'past_due'],
      ['pause', 'paused'],
      ['cancel', 'canceled'],
    ],
    async see({ stripe, sandbox, ...story }) {
      const { id: customer } = await stripe.customers.create();
      const items = [{ price: await story.price('Team', 2000) }];
      const { id } = await stripe.subscriptions.create({ customer, items, trial_period_days: 5 });
      await sandbox.advance({ by: 'P5DT2H' });
      return (await stripe.subscriptions.retrieve(id)).status;
    },
  },
  idempotencyHours: {
    values: [
      [24, true],
      [0, false],
    ],
    see: ({ stripe }) => replays(async () => (await stripe.customers.create({}, { idempotencyKey: 'one' })).id),
  },
  v2IdempotencyDays: {
    values: [
      [30, true],
      [0, false],
    ],
    async see({ stripe, ...story }) {
      await stripe.billing.meters.create({
        display_name: 'Calls',
        event_name: 'calls',
        default_aggregation: { formula: 'sum' },
      });
      const payload = { stripe_customer_id: await story.customer(), value: '1' };
      return replays(
        async () =>
          (await stripe.v2.billing.meterEvents.create({ event_name: 'calls', payload }, { idempotencyKey: 'one' }))
            .identifier,
      );
    },
  },
  meterSessionMinutes: {
    values: [
      [15, 200],
      [0, 400],
    ],
    async see({ stripe, sandbox }) {
      const { authentication_token } = await stripe.v2.billing.meterEventSession.create();
      const answer = await fetch(`${sandbox.url}/v2/billing/meter_event_stream`, {
        method: 'POST',
        headers: { authorization: `Bearer ${authentication_token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: [{ event_name: 'none', payload: { stripe_customer_id: 'cus', value: '1' } }] }),
      });
      return answer.status;
    },
  },
  webhookAttempts: {
    values: [
      [1, true],
      [60, false],
    ],
    async see(story) {
      story.receiver.answerWith(500);
      await story.stripe.products.create({ name: 'Team' });
      return isIdleWithin(story, 300);
    },
  },
  webhookBackoffMs: {
    values: [
      [[5], true],
      [[60_000], false],
    ],
    async see(story) {
      story.receiver.answerWith(500);
      await story.stripe.products.create({ name: 'Team' });
      await story.sandbox.advance({ by: 'PT1S' });
      story.receiver.answerWith(200);
      return isIdleWithin(story, 1000);
    },
  },
  webhookTimeoutMs: {
    values: [
      [50, true],
      [10_000, false],
    ],
    beside: { webhookAttempts: 1 },
    async see(story) {
      const silent = createServer(() => undefined);
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
      await story.stripe.webhookEndpoints.create({ url, enabled_events: ['product.created'] });
      await story.stripe.products.create({ name: 'Team' });
      const idle = await isIdleWithin(story, 1000);
      silent.closeAllConnections();
      silent.close();
      return idle;
    },
  },
  subscriptionInvoiceLimit: {
    values: [
      [null, 'taken'],
      [{ perMinute: 2, perDay: 20 }, 429],
    ],
    async see({ stripe, ...story }) {
      const items = [{ price: await story.price('Team', 2000) }];
      const subscription = await stripe.subscriptions.create({ customer: await story.customer(), items });
      const change = (quantity: number): Promise<unknown> =>
        stripe.subscriptions.update(subscription.id, {
          items: [{ id: subscription.items.data[0]?.id, quantity }],
          proration_behavior: 'always_invoice',
        });
      await change(2);
      return change(3).then(
        () => 'taken',
        ({ statusCode }: { statusCode: number }) => statusCode,
      );
    },
  },
  taxPercent: {
    values: [
      [{ DE: 19 }, 1190],
      [{ DE: 16 }, 1160],
      [{}, 1000],
    ],
    async see({ stripe, ...story }) {
      const { total } = await stripe.invoices.createPreview({
        customer_details: { address: { country: 'DE' } },
        automatic_tax: { enabled: true },
        subscription_details: { items: [{ price: await story.price('Team', 1000) }] },
      });
      return total;
    },
  },
  countryOfIp: {
    values: [
      [{ '203.0.113.7': 'FR' }, 'FR'],
      [{}, undefined],
    ],
    async see({ stripe }) {
      const customer = await stripe.customers.create({ tax: { ip_address: '203.0.113.7' }, expand: ['tax'] });
      return customer.tax?.location?.country;
    },
  },
  planEvents: {
    values: [
      [true, true],
      [false, false],
    ],
    async see(story) {
      await story.price('Team', 1000);
      return (await story.told()).includes('plan.created');
    },
  },
  eventsFollowTestClock: {
    values: [
      [true, '2030-01-01T00:00:00.000Z'],
      [false, '2027-04-01T00:00:00.000Z'],
    ],
    async see({ stripe, ...story }) {
      const frozen_time = Date.parse('2030-01-01T00:00:00Z') / 1000;
      const { id } = await stripe.testHelpers.testClocks.create({ frozen_time });
      await stripe.customers.create({ test_clock: id });
      await story.told();
      return new Date(story.last('customer.created').created * 1000).toISOString();
    },
  },
  debitDays: {
    values: [
      [4, 'open'],
      [1, 'paid'],
    ],
    async see({ stripe, sandbox, ...story }) {
      const items = [{ price: await story.price('Team', 2000) }];
      const customer = await story.customer('pm_usBankAccount_success');
      const { latest_invoice } = await stripe.subscriptions.create({ customer, items });
      await sandbox.advance({ by: 'P1D' });
      return (await stripe.invoices.retrieve(String(latest_invoice))).status;
    },
  },
  minimumCharge: {
    values: [
      [{ usd: 50 }, 0],
      [{}, 30],
    ],
    async see({ stripe, ...story }) {
      const items = [{ price: await story.price('Tiny', 30) }];
      const { latest_invoice } = await stripe.subscriptions.create({
        customer: await story.customer(),
        items,
        expand: ['latest_invoice'],
      });
      return (latest_invoice as { amount_due: number }).amount_due;
    },
  },
};

const rows = Object.entries(journeys).flatMap(([name, journey]) =>
  journey.values.map(([value, seen]) => ({ name, value, seen, ...journey })),
);

describe('each setting is lived through under its values', () => {
  it.each(rows)('$name $value shows $seen', async ({ name, value, seen, see, beside }) => {
    const story = await startStory(undefined, { ...beside, [name]: value });
    try {
      expect(await see(story)).toEqual(seen);
    } finally {
      await story.stop();
    }
  });

  it('leaves none out', () => {
    const others = readFileSync(join(__dirname, 'settings.test.ts'), 'utf8');
    const missing = Object.keys(defaultSettings).filter(
      (name) => !(name in journeys) && !new RegExp(`under\\(\\s*\\{ ${name}\\b`).test(others),
    );
    expect(missing).toEqual([]);
  });
});
