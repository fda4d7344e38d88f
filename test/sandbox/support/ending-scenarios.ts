import { control } from './stripe-for.js';
import { advance, now, finalizes, pays, updated, access, type Scenario } from './event-scenario.js';

const creditsRest = [
  'customer.subscription.deleted',
  'customer.updated',
  access,
  'invoice.created',
  'invoice.finalized',
  'invoice.paid',
  'invoiceitem.created',
];

/** What is planned, ends, comes back and changes beside subscriptions. */
export const endingScenarios: Scenario[] = [
  {
    name: 'a scheduled downgrade',
    subscribed: true,
    steps: [
      [
        'call',
        async (scene) => {
          const { stripe, subscription, small, large } = scene;
          const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
          scene.kept = id;
          await stripe.subscriptionSchedules.update(id, {
            end_behavior: 'release',
            phases: [
              { items: [{ price: small }], start_date: phases[0]?.start_date, end_date: phases[0]?.end_date },
              { items: [{ price: large }], duration: { interval: 'month' }, proration_behavior: 'none' },
            ],
          });
        },
        [['subscription_schedule.created', 'subscription_schedule.updated', updated]],
      ],
      [
        'clock',
        advance('P1MT1H'),
        [
          ['invoice.upcoming'],
          [updated, access, 'invoice.created', 'subscription_schedule.updated'],
          [...finalizes, ...pays],
        ],
      ],
      [
        'clock',
        advance('P1M'),
        [
          ['invoice.upcoming', 'subscription_schedule.expiring'],
          [updated, updated, 'invoice.created', 'subscription_schedule.released'],
          [...finalizes, ...pays],
        ],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ schedule: null, items: { data: [{ price: { id: scene.large } }] } });
      expect(await scene.stripe.subscriptionSchedules.retrieve(scene.kept)).toMatchObject({ status: 'released' });
    },
    bills: [[49_900], [49_900], [9900]],
  },
  {
    name: 'a cancellation at the period end, taken back and made again',
    subscribed: true,
    steps: [
      [
        'call',
        (scene) => scene.stripe.subscriptions.update(scene.subscription.id, { cancel_at_period_end: true }),
        [[updated]],
      ],
      [
        'call',
        (scene) => scene.stripe.subscriptions.update(scene.subscription.id, { cancel_at_period_end: false }),
        [[updated]],
      ],
      [
        'call',
        (scene) => scene.stripe.subscriptions.update(scene.subscription.id, { cancel_at: 'min_period_end' }),
        [[updated]],
      ],
      ['clock', advance('P1M'), [['customer.subscription.deleted', access]]],
    ],
    ends: async (scene) =>
      expect(await now(scene)).toMatchObject({
        status: 'canceled',
        ended_at: Date.parse('2027-05-01T00:00:00Z') / 1000,
      }),
    bills: [[9900]],
  },
  {
    name: 'an immediate cancellation',
    subscribed: true,
    steps: [
      [
        'call',
        ({ stripe, subscription }) => stripe.subscriptions.cancel(subscription.id),
        [['customer.subscription.deleted', access]],
      ],
    ],
    ends: async (scene) => expect(await now(scene)).toMatchObject({ status: 'canceled' }),
    bills: [[9900]],
  },
  {
    name: 'an immediate cancellation that credits the rest and bills what is left',
    subscribed: true,
    steps: [
      ['clock', advance('P15D'), []],
      [
        'call',
        ({ stripe, subscription }) =>
          stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true }),
        [creditsRest],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'canceled' });
      expect(await scene.stripe.customers.retrieve(scene.customer)).toMatchObject({ balance: -4950 });
    },
    bills: [[-4950], [9900]],
  },
  {
    name: 'the cancellation of a schedule',
    subscribed: true,
    steps: [
      [
        'call',
        async (scene) => {
          const from_subscription = scene.subscription.id;
          scene.kept = (await scene.stripe.subscriptionSchedules.create({ from_subscription })).id;
        },
        [['subscription_schedule.created', updated]],
      ],
      ['clock', advance('P15D'), []],
      [
        'call',
        ({ stripe, kept }) => stripe.subscriptionSchedules.cancel(kept),
        [['subscription_schedule.canceled', ...creditsRest]],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'canceled', schedule: null });
      expect(await scene.stripe.subscriptionSchedules.retrieve(scene.kept)).toMatchObject({ status: 'canceled' });
    },
    bills: [[-4950], [9900]],
  },
  {
    name: 'refunds that succeed, come late and fail',
    card: 'pm_card_pendingRefund',
    subscribed: true,
    steps: [
      [
        'call',
        async ({ stripe, customer }) => {
          const [charge] = (await stripe.charges.list({ customer })).data;
          await stripe.refunds.create({ charge: String(charge?.id), amount: 500 });
        },
        [['charge.refunded', 'charge.updated', 'refund.created']],
      ],
      ['clock', advance('P1D'), [['refund.updated']]],
      [
        'call',
        async (scene) => {
          const { id } = await scene.stripe.paymentIntents.create({
            amount: 700,
            currency: 'usd',
            payment_method: 'pm_card_refundFail',
            confirm: true,
          });
          await scene.stripe.refunds.create({ payment_intent: id });
        },
        [
          [
            'charge.refunded',
            'charge.succeeded',
            'charge.updated',
            'payment_intent.created',
            'payment_intent.succeeded',
            'refund.created',
          ],
        ],
      ],
      ['clock', advance('P1D'), [['charge.updated', 'refund.failed', 'refund.updated']]],
    ],
    ends: async ({ stripe }) =>
      expect((await stripe.refunds.list()).data.map(({ status }) => status)).toEqual(['failed', 'succeeded']),
    bills: [[9900]],
  },
  {
    name: 'a dispute that is opened',
    card: 'pm_card_createDispute',
    steps: [
      [
        'call',
        async (scene) => {
          const { customer, small: price } = scene;
          scene.subscription = await scene.stripe.subscriptions.create({ customer, items: [{ price }] });
        },
        [
          [
            'charge.dispute.created',
            'charge.dispute.funds_withdrawn',
            'charge.updated',
            'customer.subscription.created',
            updated,
            'customer.updated',
            access,
            'invoice.created',
            ...finalizes,
            ...pays,
          ],
        ],
      ],
    ],
    ends: async ({ stripe }) => {
      const [dispute] = (await stripe.disputes.list()).data;
      expect(dispute).toMatchObject({ status: 'needs_response', amount: 9900 });
      expect(await stripe.charges.retrieve(String(dispute?.charge))).toMatchObject({ disputed: true });
    },
    bills: [[9900]],
  },
  {
    name: 'a dispute that is won',
    card: 'pm_card_createDispute',
    subscribed: true,
    steps: [
      [
        'call',
        async ({ stripe }) => {
          const [dispute] = (await stripe.disputes.list()).data;
          await stripe.disputes.update(String(dispute?.id), { evidence: { uncategorized_text: 'winning_evidence' } });
        },
        [['charge.dispute.closed', 'charge.dispute.funds_reinstated', 'charge.dispute.updated']],
      ],
    ],
    ends: async ({ stripe }) => expect((await stripe.disputes.list()).data[0]).toMatchObject({ status: 'won' }),
    bills: [[9900]],
  },
  {
    name: 'the end of a customer',
    subscribed: true,
    steps: [
      [
        'call',
        ({ stripe, customer }) => stripe.customers.del(customer),
        [['customer.deleted', 'customer.subscription.deleted', access, 'payment_method.detached']],
      ],
    ],
    ends: async (scene) => expect(await now(scene)).toMatchObject({ status: 'canceled' }),
    bills: [[9900]],
  },
  {
    name: 'a payment method that is changed, issued anew and detached',
    steps: [
      [
        'call',
        async (scene) => {
          const { id } = await scene.stripe.paymentMethods.attach('pm_card_amex', { customer: scene.customer });
          scene.kept = id;
          await scene.stripe.paymentMethods.update(id, { card: { exp_year: 2044 }, billing_details: { name: 'Ada' } });
        },
        [['payment_method.attached', 'payment_method.updated']],
      ],
      [
        'page',
        ({ story, kept }) => control(story.sandbox, `payment_methods/${kept}/automatically_update`, { exp_year: 2050 }),
        [['payment_method.automatically_updated']],
      ],
      ['call', ({ stripe, kept }) => stripe.paymentMethods.detach(kept), [['payment_method.detached']]],
    ],
    ends: async ({ stripe, kept }) =>
      expect(await stripe.paymentMethods.retrieve(kept)).toMatchObject({ customer: null, card: { exp_year: 2050 } }),
    bills: [],
  },
  {
    name: 'the catalogue',
    steps: [
      [
        'call',
        async (scene) => {
          const { stripe, small } = scene;
          await stripe.prices.update(small, { active: false, metadata: { old: 'yes' } });
          const { id } = await stripe.products.create({ name: 'Unsold', metadata: { shelf: '1' } });
          await stripe.products.update(id, { name: 'Never sold', metadata: { shelf: '', row: '2' } });
          await stripe.products.del(id);
          const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
          await stripe.coupons.update(coupon.id, { name: 'Spring' });
          const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } });
          await stripe.promotionCodes.update(code.id, { active: false });
          await stripe.coupons.del(coupon.id);
        },
        [
          [
            'coupon.created',
            'coupon.deleted',
            'coupon.updated',
            'plan.updated',
            'price.updated',
            'product.created',
            'product.deleted',
            'product.updated',
            'promotion_code.created',
            'promotion_code.updated',
          ],
        ],
      ],
    ],
    ends: async ({ stripe, small }) => expect(await stripe.prices.retrieve(small)).toMatchObject({ active: false }),
    bills: [],
  },
  {
    name: 'a pause and its end',
    subscribed: true,
    steps: [
      ['clock', advance('P15D'), []],
      [
        'call',
        ({ stripe, subscription }) => stripe.subscriptions.pause(subscription.id),
        [['customer.subscription.paused', updated, access, 'invoiceitem.created']],
      ],
      [
        'call',
        ({ stripe, subscription }) =>
          stripe.subscriptions.resume(subscription.id, { payment_behavior: 'resume_on_payment_success' }),
        [['customer.subscription.resumed', updated, updated, access, 'invoice.created', ...finalizes, ...pays]],
      ],
    ],
    ends: async (scene) => {
      expect(await now(scene)).toMatchObject({ status: 'active' });
    },
    bills: [[-4950, 9900], [9900]],
  },
];
