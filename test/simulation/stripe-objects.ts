import type { Raw } from './stripe-model.js';

export const PRICES = { price_team: 'team', price_business: 'business' } as const;
/** Of one seat, in minor units. */
export const AMOUNTS = { price_team: 1_900, price_business: 4_900 } as const;
export const MONTH = 2_592_000;

export const periodOf = (start: number) => ({ current_period_start: start, current_period_end: start + MONTH });

export const itemsOf = (subscription: string, price: string, quantity: number, start: number) => ({
  object: 'list',
  data: [
    {
      id: subscription.replace('sub', 'si'),
      object: 'subscription_item',
      price: { id: price, object: 'price', product: price.replace('price', 'prod') },
      quantity,
      ...periodOf(start),
    },
  ],
});

export const aCustomer = (id: string, account: string, now: number): Raw => ({
  id,
  object: 'customer',
  balance: 0,
  discount: null,
  name: 'Acme',
  email: 'billing@acme.example',
  currency: 'usd',
  phone: null,
  address: null,
  preferred_locales: [],
  invoice_settings: { default_payment_method: null },
  metadata: { account_id: account },
  created: now,
});

export const aSubscription = (id: string, customer: string, now: number, differs: object): Raw => ({
  id,
  object: 'subscription',
  discounts: [],
  customer,
  status: 'active',
  items: itemsOf(id, 'price_team', 1, now),
  currency: 'usd',
  start_date: now,
  ended_at: null,
  trial_start: null,
  trial_end: null,
  trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  cancellation_details: { reason: null, feedback: null, comment: null },
  latest_invoice: null,
  default_payment_method: null,
  collection_method: 'charge_automatically',
  automatic_tax: { enabled: false },
  billing_mode: { type: 'flexible' },
  schedule: null,
  pause_collection: null,
  pending_update: null,
  status_details: {},
  metadata: {},
  created: now,
  ...differs,
});

export const anInvoice = (id: string, customer: string, subscription: string, now: number, reason: string): Raw => ({
  id,
  object: 'invoice',
  customer,
  parent: { type: 'subscription_details', subscription_details: { subscription } },
  number: null,
  status: 'draft',
  billing_reason: reason,
  currency: 'usd',
  subtotal: 1900,
  total_discount_amounts: [],
  total_taxes: [],
  total: 1900,
  amount_paid: 0,
  amount_due: 1900,
  created: now,
  due_date: null,
  status_transitions: { finalized_at: null, paid_at: null },
  attempt_count: 0,
  next_payment_attempt: null,
  lines: { object: 'list', data: [], has_more: false },
  hosted_invoice_url: null,
  invoice_pdf: null,
});

export const aSession = (id: string, customer: string, account: string, now: number): Raw => ({
  id,
  object: 'checkout.session',
  customer,
  status: 'open',
  mode: 'subscription',
  url: `https://checkout.example/${id}`,
  metadata: { price: 'price_team', seats: '1' },
  subscription: null,
  created: now,
  expires_at: now + 86_400,
  client_reference_id: account,
});

export const aCard = (id: string, customer: string, now: number): Raw => ({
  id,
  object: 'payment_method',
  type: 'card',
  card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2031 },
  customer,
  created: now,
});

/** What is sold: one product for each price. */
export const catalogue = (): Raw[] =>
  Object.entries(PRICES).flatMap(([price, plan], rank) => {
    const product = price.replace('price', 'prod');
    return [
      {
        id: product,
        object: 'product',
        name: plan,
        description: null,
        active: true,
        created: 1_700_000_000,
        marketing_features: [],
        metadata: { app: 'billing', plan_id: plan, tier: String(rank + 1) },
      },
      {
        id: price,
        object: 'price',
        product,
        lookup_key: null,
        active: true,
        recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
        billing_scheme: 'per_unit',
        transform_quantity: null,
        currency: 'usd',
        unit_amount: AMOUNTS[price as keyof typeof AMOUNTS],
        unit_amount_decimal: String(AMOUNTS[price as keyof typeof AMOUNTS]),
        tax_behavior: 'unspecified',
        metadata: {},
        created: 1_700_000_000,
      },
    ];
  });
