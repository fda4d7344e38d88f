import type Stripe from 'stripe';
import { fetchCustomer, toCustomer } from '../accounts/customer.fetch.js';
import {
  fetchCheckoutSession,
  fetchOpenCheckoutSessions,
  toCheckoutSession,
} from '../checkout/checkout-session.fetch.js';
import {
  fetchEarlierPayment,
  fetchInvoice,
  fetchOpenInvoices,
  mayBeFirstPayment,
  toInvoice,
} from '../invoices/invoice.fetch.js';
import { fetchInvoicePayment, triedIntents } from '../payments/invoice-payment.fetch.js';
import { fetchPaymentMethods, toPaymentMethod } from '../payments/payment-method.fetch.js';
import type { Timers } from '../ports.js';
import { isMissing, isTransient, pauseAfter } from '../stripe/errors.js';
import { fetchOpenSubscriptions, fetchSubscription, toSubscription } from '../subscriptions/subscription.fetch.js';
import type { Demand } from '../webhooks/handlers.js';
import { type CustomerDemand, type Failure, nothingSeen, type Seen } from './seen.js';

/** A round that has not seen everything by then applies what it has; the rest is a transient failure. */
const DEADLINE_MS = 8_000;
const AT_ONCE = 5;

export interface CustomerLook {
  customer: string;
  demands: Demand[];
  /** Look at all that lives, not only at what events name. */
  everything: boolean;
  /** What we hold as not over; a look at everything asks for what Stripe's lists of open things leave out. */
  held: (Demand & { kind: CustomerDemand })[];
  /** Invoices that we hold as paid, and how: that does not change any more. */
  told: ReadonlySet<string>;
  /** Subscriptions that we hold as paid once. */
  paid: ReadonlySet<string>;
}

const sources = {
  customer: { fetch: fetchCustomer, map: toCustomer },
  subscription: { fetch: fetchSubscription, map: toSubscription },
  invoice: { fetch: fetchInvoice, map: toInvoice },
  checkoutSession: { fetch: fetchCheckoutSession, map: toCheckoutSession },
} as const;

/**
 * Looks at a customer at Stripe. Every object is fetched once, whatever number of events names it; no transaction and
 * no database connection is held meanwhile. Never throws: what failed stands in `failures`.
 */
export async function fetchSeen(stripe: Stripe, timers: Timers, look: CustomerLook): Promise<Seen> {
  const seen = nothingSeen();
  const fetcher = new Fetcher(stripe, seen);
  let cancel = () => {};
  const deadline = new Promise<'late'>((resolve) => {
    cancel = timers.after(DEADLINE_MS, () => resolve('late'));
  });
  const work = fetcher.all(look).then(() => 'done' as const);
  const end = await Promise.race([work, deadline]);
  cancel();
  return end === 'done' ? seen : fetcher.cut(look);
}

class Fetcher {
  private closed = false;

  constructor(
    private readonly stripe: Stripe,
    private readonly seen: Seen,
  ) {}

  async all(look: CustomerLook): Promise<void> {
    if (look.everything) await this.everything(look);
    if (look.demands.some(({ kind }) => kind === 'paymentMethod')) await this.namedPaymentMethods(look);
    // Subscriptions bring their latest invoice along, which saves asking for it.
    const order: CustomerDemand[] = ['customer', 'subscription', 'checkoutSession', 'invoice'];
    // Many events name the same object; those under way at once would not see each other.
    const different = [...new Map(look.demands.map((demand) => [`${demand.kind} ${demand.id}`, demand])).values()];
    for (const kinds of [order.slice(0, 3), order.slice(3)]) {
      const wanted = different.filter((demand): demand is Demand & { kind: CustomerDemand } =>
        kinds.some((kind) => kind === demand.kind),
      );
      await someAtOnce(wanted, ({ kind, id }) => this.one(kind, id));
    }
    // What went with her may have ended before, and otherwise than anybody would guess.
    const gone = this.seen.customer.get(look.customer)?.state?.deleted;
    if (gone) await someAtOnce(look.held, ({ kind, id }) => this.one(kind, id));
    await someAtOnce(this.unpaid(look), (raw) => this.earlierPayment(raw));
    await someAtOnce(this.untold(look), (raw) => this.invoicePayment(raw));
  }

  /** Subscriptions of which an earlier invoice must tell whether the latest asks for a first payment. */
  private unpaid({ paid }: CustomerLook): Stripe.Subscription[] {
    const raws = [...this.seen.subscription.values()].flatMap(({ raw }) => (raw as Stripe.Subscription | null) ?? []);
    return raws.filter((raw) => !paid.has(raw.id) && mayBeFirstPayment(raw));
  }

  private async earlierPayment({ id }: Stripe.Subscription): Promise<void> {
    const { subscription, failures } = this.seen;
    try {
      const invoice = await fetchEarlierPayment(this.stripe, id);
      if (invoice?.id) this.keep('invoice', invoice.id, invoice);
    } catch (thrown) {
      if (this.closed) return;
      subscription.delete(id);
      failures.set(id, toFailure(thrown));
    }
  }

  /** Invoices of which it must be asked how they were tried to be paid. */
  private untold({ told }: CustomerLook): Stripe.Invoice[] {
    const { invoice, invoicePayment } = this.seen;
    const raws = [...invoice.values()].flatMap(({ raw }) => (raw as Stripe.Invoice | null) ?? []);
    return raws.filter(
      (raw) =>
        triedIntents(raw).length > 0 &&
        !invoicePayment.has(raw.id ?? '') &&
        !(raw.status === 'paid' && told.has(raw.id ?? '')),
    );
  }

  private async invoicePayment(raw: Stripe.Invoice): Promise<void> {
    const { invoicePayment, failures } = this.seen;
    try {
      const payment = await fetchInvoicePayment(this.stripe, raw);
      if (!this.closed) invoicePayment.set(raw.id ?? '', payment);
    } catch (thrown) {
      if (!this.closed) failures.set(raw.id ?? '', toFailure(thrown));
    }
  }

  /** Five calls, and one for each thing that we hold as open and Stripe does not list any more. */
  private async everything({ customer, held }: CustomerLook): Promise<void> {
    await this.one('customer', customer);
    const state = this.seen.customer.get(customer)?.state;
    if (!state) return;
    if (!state.deleted) await this.lists(customer);
    if (this.seen.incomplete) return;
    for (const { kind, id } of held) await this.one(kind, id);
  }

  private async lists(customer: string): Promise<void> {
    await Promise.all([
      this.list(
        () => fetchOpenSubscriptions(this.stripe, customer),
        (raw) => this.keep('subscription', raw.id, raw),
      ),
      this.list(
        () => fetchOpenInvoices(this.stripe, customer),
        (raw) => this.keep('invoice', raw.id ?? '', raw),
      ),
      this.list(
        () => fetchOpenCheckoutSessions(this.stripe, customer),
        (raw) => this.keep('checkoutSession', raw.id, raw),
      ),
      this.paymentMethods(customer).catch((thrown: unknown) => {
        if (!this.closed) this.seen.incomplete = toFailure(thrown);
      }),
    ]);
  }

  private async list<Raw>(fetch: () => Promise<Raw[]>, keep: (raw: Raw) => void): Promise<void> {
    try {
      (await fetch()).forEach(keep);
    } catch (thrown) {
      if (!this.closed) this.seen.incomplete = toFailure(thrown);
    }
  }

  /** The whole list whatever number of events names one of them; it only fails for those that are named. */
  private async namedPaymentMethods({ customer, demands }: CustomerLook): Promise<void> {
    try {
      await this.paymentMethods(customer);
    } catch (thrown) {
      const named = demands.filter(({ kind }) => kind === 'paymentMethod');
      if (!this.closed) named.forEach(({ id }) => this.seen.failures.set(id, toFailure(thrown)));
    }
  }

  private async paymentMethods(customer: string): Promise<void> {
    if (this.seen.paymentMethods) return;
    const methods = await fetchPaymentMethods(this.stripe, customer).catch((thrown: unknown) => {
      if (isMissing(thrown)) return [];
      throw thrown;
    });
    const looks = methods.map((raw) => [raw.id, { state: toPaymentMethod(raw), raw }] as const);
    if (!this.closed) this.seen.paymentMethods = new Map(looks);
  }

  private async one(kind: CustomerDemand, id: string): Promise<void> {
    if (this.seen[kind].has(id) || this.seen.failures.has(id)) return;
    try {
      this.keep(kind, id, await sources[kind].fetch(this.stripe, id));
    } catch (thrown) {
      if (this.closed) return;
      if (isMissing(thrown)) this.seen[kind].set(id, { state: null, raw: null });
      else this.seen.failures.set(id, toFailure(thrown));
    }
  }

  private keep(kind: CustomerDemand, id: string, raw: object): void {
    if (this.closed || this.seen[kind].has(id)) return;
    try {
      const map = sources[kind].map as (raw: object) => never;
      this.seen[kind].set(id, { state: map(raw), raw });
    } catch (thrown) {
      this.seen.failures.set(id, toFailure(thrown));
      return;
    }
    const latest = kind === 'subscription' ? (raw as Stripe.Subscription).latest_invoice : null;
    if (latest && typeof latest === 'object' && latest.id) this.keep('invoice', latest.id, latest);
  }

  /** Nothing that comes later counts; what is missing by now has failed. */
  cut(look: CustomerLook): Seen {
    this.closed = true;
    const late: Failure = { transient: true, message: `Stripe did not answer within ${DEADLINE_MS / 1000} s.` };
    this.seen.incomplete = late;
    for (const { id } of this.untold(look)) this.seen.failures.set(id ?? '', late);
    for (const { id } of this.unpaid(look)) {
      this.seen.subscription.delete(id);
      this.seen.failures.set(id, late);
    }
    for (const { kind, id } of look.demands) {
      const seen =
        kind === 'paymentMethod' ? this.seen.paymentMethods !== null : kind === 'product' || this.seen[kind].has(id);
      if (!seen) this.seen.failures.set(id, late);
    }
    return this.seen;
  }
}

async function someAtOnce<Thing>(things: readonly Thing[], work: (thing: Thing) => Promise<void>): Promise<void> {
  for (let start = 0; start < things.length; start += AT_ONCE)
    await Promise.all(things.slice(start, start + AT_ONCE).map(work));
}

export function toFailure(thrown: unknown): Failure {
  const pauseMs = pauseAfter(thrown);
  return {
    transient: isTransient(thrown),
    message: thrown instanceof Error ? thrown.message : String(thrown),
    ...(pauseMs !== null && { pauseMs }),
  };
}
