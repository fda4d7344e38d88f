import type Stripe from 'stripe';
import type { Metrics } from '../operations/figures.js';

/** Times every answer of Stripe's. Returns how to stop. */
export function observeCalls(stripe: Stripe, metrics: Metrics): () => void {
  const onResponse = ({ method, path, status, elapsed }: Stripe.ResponseEvent) =>
    metrics.observe('billing_stripe_request_seconds', elapsed / 1_000, {
      method: `${method} ${withoutIds(path)}`,
      status: String(status),
    });
  stripe.on('response', onResponse);
  return () => stripe.off('response', onResponse);
}

/** The names in the addresses of Stripe's API. Some ids are chosen by people, so nothing else tells a name from an id. */
const names = new Set(
  `v1 attach balance_transactions billing billing_portal cancel charges checkout configurations confirm coupons
   create_preview credit_notes customers detach disputes entitlements events expire features finalize invoice_payments
   invoiceitems invoices lines meter_events meters migrate pause pay payment_intents payment_methods prices products
   promotion_codes refunds release resume search sessions setup_intents subscription_items subscription_schedules
   subscriptions tax_ids test_clocks test_helpers void webhook_endpoints`.split(/\s+/),
);

const withoutIds = (path: string): string =>
  (path.split('?', 1)[0] ?? '')
    .split('/')
    .map((part) => (part === '' || names.has(part) ? part : '{id}'))
    .join('/');
