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

/** Every name in Stripe's paths is lower case with underscores; ids have capitals or digits. */
const withoutIds = (path: string): string =>
  (path.split('?', 1)[0] ?? '')
    .split('/')
    .map((part, at) => (at < 2 || /^[a-z_]*$/.test(part) ? part : '{id}'))
    .join('/');
