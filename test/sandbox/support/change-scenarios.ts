import {
  advance,
  newest,
  now,
  swap,
  useCard,
  finalizes,
  pays,
  fails,
  updated,
  access,
  type Scenario,
} from './event-scenario.js';

/** How subscriptions change. */
export const changeScenarios: Scenario[] = [
  {
    name: 'an upgrade with always_invoice',
    subscribed: true,
    steps: [
      ['clock', advance('P15D'), []],
      [
        'call',
        (scene) => swap(scene, { proration_behavior: 'always_invoice' }),
        [[updated, access, 'invoice.created', ...finalizes, ...pays, 'invoiceitem.created', 'invoiceitem.created']],
      ],
    ],
    ends: async (scene) => {
      expect(await newest(scene)).toMatchObject({ status: 'paid', billing_reason: 'subscription_update' });
    },
    bills: [[-4950, 24_950], [9900]],
  },
  {
    name: 'an upgrade with create_prorations',
    subscribed: true,
    steps: [
      ['clock', advance('P15D'), []],
      [
        'call',
        (scene) => swap(scene, { proration_behavior: 'create_prorations' }),
        [[updated, access, 'invoiceitem.created', 'invoiceitem.created']],
      ],
    ],
    ends: async (scene) => {
      const pending = await scene.stripe.invoiceItems.list({ customer: scene.customer, pending: true });
      expect(pending.data.map(({ amount }) => amount).sort((one, other) => one - other)).toEqual([-4950, 24_950]);
    },
    bills: [[9900]],
  },
  {
    name: 'a parked upgrade that is paid later',
    subscribed: true,
    steps: [
      ['call', (scene) => useCard(scene, 'pm_card_chargeCustomerFail'), [['payment_method.attached', updated]]],
      [
        'call',
        (scene) => swap(scene, { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' }),
        [[updated, 'invoice.created', ...finalizes, ...fails, 'invoiceitem.created', 'invoiceitem.created']],
      ],
      [
        'call',
        async (scene) => {
          const { id } = await scene.stripe.paymentMethods.attach('pm_card_visa', { customer: scene.customer });
          await scene.stripe.invoices.pay((await newest(scene)).id, { payment_method: id });
        },
        [['customer.subscription.pending_update_applied', 'payment_method.attached', ...pays, updated, access]],
      ],
    ],
    ends: async (scene) =>
      expect(await now(scene)).toMatchObject({
        pending_update: null,
        items: { data: [{ price: { id: scene.large } }] },
      }),
    bills: [[-9900, 49_900], [9900]],
  },
  {
    name: 'a parked upgrade that is never paid',
    subscribed: true,
    steps: [
      ['call', (scene) => useCard(scene, 'pm_card_chargeCustomerFail'), [['payment_method.attached', updated]]],
      [
        'call',
        (scene) => swap(scene, { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' }),
        [[updated, 'invoice.created', ...finalizes, ...fails, 'invoiceitem.created', 'invoiceitem.created']],
      ],
      [
        'clock',
        advance('PT23H'),
        [['customer.subscription.pending_update_expired', updated, 'invoice.voided', 'payment_intent.canceled']],
      ],
    ],
    ends: async (scene) =>
      expect(await now(scene)).toMatchObject({
        pending_update: null,
        items: { data: [{ price: { id: scene.small } }] },
      }),
    bills: [[-9900, 49_900], [9900]],
  },
];
