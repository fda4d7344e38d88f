import type Stripe from 'stripe';
import { control } from './stripe-for.js';
import {
  advance,
  newest,
  now,
  useCard,
  finalizes,
  pays,
  fails,
  updated,
  access,
  type Scenario,
} from './event-scenario.js';

/** How subscriptions begin and renew, and what becomes of their payments. */
export const paymentScenarios: Scenario[] = [
  {
    name: 'a first checkout',
    steps: [
      [
        'call',
        async (scene) => {
          const { id } = await scene.stripe.checkout.sessions.create({
            mode: 'subscription',
            customer: scene.customer,
            line_items: [{ price: scene.small, quantity: 1 }],
            success_url: 'http://localhost/ok',
          });
          scene.kept = id;
        },
        [],
      ],
      [
        'page',
        ({ story, kept }) =>
          control(story.sandbox, `checkout_sessions/${kept}/complete`, { payment_method: 'pm_card_visa' }),
        [
          [
            'checkout.session.completed',
            'customer.subscription.created',
            access,
            updated,
            'customer.updated',
            'invoice.created',
            ...finalizes,
            ...pays,
            'payment_method.attached',
          ],
        ],
      ],
    ],
    ends: async (scene) => {
      expect(await scene.stripe.checkout.sessions.retrieve(scene.kept)).toMatchObject({ payment_status: 'paid' });
    },
    bills: [[9900]],
  },
  {
    name: 'a trial, from its start to its first payment',
    steps: [
      [
        'call',
        async (scene) => {
          const { customer, small: price } = scene;
          scene.subscription = await scene.stripe.subscriptions.create({
            customer,
            items: [{ price }],
            trial_period_days: 14,
          });
        },
        [
          [
            'customer.subscription.created',
            'customer.updated',
            access,
            'invoice.created',
            'invoice.finalized',
            'invoice.paid',
          ],
        ],
      ],
      ['clock', advance('P11D'), [['invoice.upcoming'], ['customer.subscription.trial_will_end']]],
      [
        'clock',
        advance('P3DT1H'),
        [
          [updated, 'invoice.created'],
          [...finalizes, ...pays],
        ],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'active' });
    },
    bills: [[9900], [0]],
  },
  {
    name: 'a renewal',
    subscribed: true,
    steps: [
      ['clock', advance('P1MT1H'), [['invoice.upcoming'], [updated, 'invoice.created'], [...finalizes, ...pays]]],
    ],
    ends: async (scene) => {
      expect(await newest(scene)).toMatchObject({ status: 'paid', billing_reason: 'subscription_cycle' });
    },
    bills: [[9900], [9900]],
  },
  {
    name: 'a renewal that fails, its retries and its end',
    subscribed: true,
    steps: [
      ['call', (scene) => useCard(scene, 'pm_card_chargeCustomerFail'), [['payment_method.attached', updated]]],
      [
        'clock',
        advance('P1MT1H'),
        [['invoice.upcoming'], [updated, 'invoice.created'], [...finalizes, ...fails, updated, 'customer.updated']],
      ],
      ['clock', advance('P3D'), [fails]],
      ['clock', advance('P2D'), [fails]],
      ['clock', advance('P2D'), [[...fails, 'invoice.updated', 'customer.subscription.deleted', access]]],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({
        status: 'canceled',
        cancellation_details: { reason: 'payment_failed' },
      });
      expect(await newest(scene)).toMatchObject({ status: 'open', attempt_count: 4, next_payment_attempt: null });
    },
    bills: [[9900], [9900]],
  },
  {
    name: 'a recovery',
    subscribed: true,
    steps: [
      ['call', (scene) => useCard(scene, 'pm_card_chargeCustomerFail'), [['payment_method.attached', updated]]],
      [
        'clock',
        advance('P1MT1H'),
        [['invoice.upcoming'], [updated, 'invoice.created'], [...finalizes, ...fails, updated, 'customer.updated']],
      ],
      [
        'call',
        async ({ stripe, customer, ...scene }) => {
          const { id } = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
          await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
          await stripe.invoices.pay((await newest({ stripe, customer, ...scene })).id, { payment_method: id });
        },
        [['customer.updated', 'customer.updated', 'payment_method.attached', ...pays, updated]],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'active' });
      expect(await newest(scene)).toMatchObject({ status: 'paid', amount_paid: 9900 });
    },
    bills: [[9900], [9900]],
  },
  {
    name: '3D Secure at the start',
    card: 'pm_card_threeDSecure2Required',
    steps: [
      [
        'call',
        async (scene) => {
          const { customer, small: price } = scene;
          scene.subscription = await scene.stripe.subscriptions.create({
            customer,
            items: [{ price }],
            expand: ['latest_invoice.payments'],
          });
          const invoice = scene.subscription.latest_invoice as Stripe.Invoice;
          scene.kept = String(invoice.payments?.data[0]?.payment.payment_intent);
        },
        [
          [
            'customer.subscription.created',
            'customer.updated',
            'invoice.created',
            ...finalizes,
            'invoice.payment_action_required',
            'invoice.updated',
            'payment_intent.requires_action',
          ],
        ],
      ],
      [
        'page',
        ({ story, kept }) => control(story.sandbox, `payment_intents/${kept}/authenticate`, { ok: true }),
        [[...pays, updated, access]],
      ],
    ],
    ends: async (scene) => expect(await now(scene)).toMatchObject({ status: 'active' }),
    bills: [[9900]],
  },
  {
    name: '3D Secure at a renewal, while nobody is there',
    subscribed: true,
    steps: [
      ['call', (scene) => useCard(scene, 'pm_card_authenticationRequired'), [['payment_method.attached', updated]]],
      [
        'clock',
        advance('P1MT1H'),
        [
          ['invoice.upcoming'],
          [updated, 'invoice.created'],
          [
            ...finalizes,
            'payment_intent.requires_action',
            'invoice.payment_action_required',
            'invoice.payment_failed',
            'invoice.updated',
            updated,
            'customer.updated',
          ],
        ],
      ],
      [
        'page',
        async (scene) => {
          const { stripe, story } = scene;
          const { id } = await newest(scene);
          const { payments } = await stripe.invoices.retrieve(id, { expand: ['payments'] });
          const intent = String(payments?.data[0]?.payment.payment_intent);
          await control(story.sandbox, `payment_intents/${intent}/authenticate`, { ok: true });
        },
        [[...pays, updated, 'customer.updated']],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'active' });
      expect(await newest(scene)).toMatchObject({ status: 'paid', attempt_count: 1 });
    },
    bills: [[9900], [9900]],
  },
  trialWithoutCard('pause', [updated, 'customer.subscription.paused', access], 'paused'),
  trialWithoutCard('cancel', ['customer.subscription.deleted', access], 'canceled'),
];

/** Nobody gave a card before the trial was over. */
function trialWithoutCard(behavior: 'pause' | 'cancel', told: string[], status: string): Scenario {
  return {
    name: `a trial that ends without a card, by ${behavior}`,
    card: null,
    steps: [
      [
        'call',
        async (scene) => {
          const { customer, small: price } = scene;
          scene.subscription = await scene.stripe.subscriptions.create({
            customer,
            items: [{ price }],
            trial_period_days: 14,
            trial_settings: { end_behavior: { missing_payment_method: behavior } },
          });
        },
        [
          [
            'customer.subscription.created',
            'customer.updated',
            access,
            'invoice.created',
            'invoice.finalized',
            'invoice.paid',
          ],
        ],
      ],
      ['clock', advance('P14D'), [['customer.subscription.trial_will_end'], told]],
    ],
    ends: async (scene) => expect(await now(scene)).toMatchObject({ status }),
    bills: [[0]],
  };
}
