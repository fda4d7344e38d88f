import { toInvoice } from '../../src/invoices/invoice.fetch.js';
import { type Answer, expanded, found, missing } from './stripe-answers.js';
import type { Raw, StripeModel } from './stripe-model.js';

const list = (data: readonly unknown[], has_more = false): Answer =>
  found({ object: 'list', data, has_more, url: '/' });

const isExpanded = ({ searchParams }: URL) => [...searchParams.keys()].some((name) => name.startsWith('expand'));

/** What Stripe answers a GET from what it knew at this moment. */
export function readAnswer(stripe: StripeModel, path: string, at: number): Answer {
  const url = new URL(path, 'https://api.stripe.com');
  const parts = url.pathname.replace('/checkout/', '/').split('/').slice(2);
  const asked = (name: string) => url.searchParams.get(name);
  const shown = (raw: Raw) => (isExpanded(url) ? expanded(stripe, raw, at) : raw);
  const of = (object: string) => stripe.of(object, String(asked('customer')), at);
  const [kind, id] = parts;
  if (parts.includes('payment_methods')) return list(stripe.of('payment_method', String(id), at));
  if (kind === 'events') return listEvents(stripe, url, at);
  if (kind === 'subscription_schedules') return readSchedule(stripe, String(id), isExpanded(url), at);
  if (id !== undefined) {
    const raw = stripe.asOf(id, at);
    return raw ? found(shown(raw)) : missing(id);
  }
  if (kind === 'prices') {
    const active = asked('active') === 'true';
    return list(stripe.all('price', at).filter((raw) => raw.product === asked('product') && raw.active === active));
  }
  if (kind === 'subscriptions')
    return list(
      of('subscription')
        .filter(({ status }) => status !== 'canceled')
        .map(shown),
    );
  if (kind === 'invoices' && asked('subscription') !== null) {
    const newestFirst = stripe.all('invoice', at).reverse();
    return list(newestFirst.filter((raw) => toInvoice(raw as never).subscriptionId === asked('subscription')));
  }
  const object = kind === 'invoices' ? 'invoice' : 'checkout.session';
  return list(of(object).filter(({ status }) => status === asked('status')));
}

function readSchedule(stripe: StripeModel, id: string, whole: boolean, at: number): Answer {
  const raw = stripe.asOf(id, at);
  if (!raw) return missing(id);
  const subscription = typeof raw.subscription === 'string' ? stripe.asOf(raw.subscription, at) : null;
  return found(whole && subscription ? { ...raw, subscription } : raw);
}

/** Newest first. */
function listEvents(stripe: StripeModel, { searchParams }: URL, at: number): Answer {
  const from = Number(searchParams.get('created[gte]') ?? 0);
  const limit = Number(searchParams.get('limit'));
  const fitting = stripe
    .listed()
    .filter((event) => event.at <= at && event.created >= from)
    .reverse();
  const after = searchParams.get('starting_after');
  const start = after === null ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
  const page = fitting.slice(start, start + limit);
  return list(
    page.map(({ body }) => JSON.parse(body.toString()) as unknown),
    start + limit < fitting.length,
  );
}
