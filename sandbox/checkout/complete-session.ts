import type { Account } from '../account.js';
import { createSubscription, type NewSubscription } from '../billing/create-subscription.js';
import { cardError, notPossible, parameterMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/parameters.js';
import { detailsOf, type Session } from '../resources/checkout-sessions.js';
import { createCustomer } from '../resources/customers.js';
import { find } from '../resources/find.js';
import { attachPaymentMethod, resolvePaymentMethod } from '../resources/payment-methods.js';

export interface Completion {
  /** A test token, a card number, or an attached method; not needed where nothing is due and none is asked for. */
  payment_method?: string;
  email?: string;
}

/** The customer pays. A refused card is an error and leaves the session open; a card that asks for its holder makes it wait. */
export function completeSession(
  account: Account,
  id: string,
  completion: Completion,
): { session: Session; waitsFor: string | null } {
  const session = find(account, 'checkout.session', id);
  if (session.status !== 'open')
    throw notPossible(`The checkout session '${id}' is ${session.status}; only an open one can be completed.`);
  const waiting = account.store.all('checkout_wait').find((row) => row.session === id);
  if (waiting) return { session, waitsFor: waiting.id };
  const needsMethod = session.payment_method_collection !== 'if_required' || session.amount_total !== 0;
  if (needsMethod && !completion.payment_method) throw parameterMissing('payment_method');
  return account.automatically(() => {
    const customer = session.customer ?? newCustomer(account, session, completion.email);
    const method = completion.payment_method
      ? attachPaymentMethod(account, resolvePaymentMethod(account, completion.payment_method), customer).id
      : null;
    return subscribe(account, session, customer, method);
  });
}

function newCustomer(account: Account, session: Session, email: string | undefined): string {
  return createCustomer(account, { email: session.customer_email ?? email ?? 'customer@example.com' }).id;
}

function subscribe(
  account: Account,
  session: Session,
  customer: string,
  method: string | null,
): { session: Session; waitsFor: string | null } {
  const plan = account.store.get('checkout_plan', session.id);
  const { metadata, ...data } = (plan?.subscription_data ?? {}) as Partial<NewSubscription>;
  const items = (plan?.line_items ?? []).map(({ price, quantity }) => ({ price, quantity }));
  const recurring = items.filter(({ price }) => account.store.get('price', price)?.recurring);
  const { subscription, collected } = createSubscription(account, {
    ...data,
    customer,
    items: recurring,
    add_invoice_items: items.filter((item) => !recurring.includes(item)),
    automatic_tax: { enabled: session.automatic_tax.enabled },
    currency: session.currency ?? undefined,
    default_payment_method: method,
    metadata: mergeMetadata({}, metadata),
  });
  if (collected?.kind === 'declined') throw cardError(collected.decline);
  if (collected?.kind === 'requires_action') {
    const [payment] = account.store.where('invoice_payment', 'invoice', String(subscription.latest_invoice));
    const intent = String(payment?.payment.payment_intent);
    account.store.put('checkout_wait', { id: intent, session: session.id });
    account.store.put('checkout.session', {
      ...session,
      subscription: subscription.id,
      customer,
      invoice: subscription.latest_invoice,
    });
    return { session: find(account, 'checkout.session', session.id), waitsFor: intent };
  }
  return {
    session: finish(account, session.id, {
      subscription: subscription.id,
      customer,
      invoice: subscription.latest_invoice,
    }),
    waitsFor: null,
  };
}

/** Open to complete. */
function finish(account: Account, id: string, made: Partial<Session>): Session {
  const session = find(account, 'checkout.session', id);
  const customer = account.store.get('customer', made.customer ?? session.customer ?? '') ?? null;
  const invoice = account.store.get('invoice', made.invoice ?? session.invoice ?? '');
  account.unplan('checkout.session.expire', id);
  const done = account.update('checkout.session', id, {
    ...made,
    status: 'complete',
    payment_status: session.mode === 'setup' || invoice?.total === 0 ? 'no_payment_required' : 'paid',
    customer_details: detailsOf(session.customer_email, customer),
    url: null,
    ...(invoice ? totalsFrom(invoice) : {}),
  });
  account.emit('checkout.session.completed', done);
  return done;
}

function totalsFrom(invoice: {
  subtotal: number;
  total: number;
  total_discount_amounts: { amount: number }[] | null;
  total_taxes: { amount: number }[] | null;
}): Partial<Session> {
  const sum = (parts: { amount: number }[] | null): number =>
    (parts ?? []).reduce((all, { amount }) => all + amount, 0);
  return {
    amount_subtotal: invoice.subtotal,
    amount_total: invoice.total,
    total_details: {
      amount_discount: sum(invoice.total_discount_amounts),
      amount_shipping: 0,
      amount_tax: sum(invoice.total_taxes),
    },
  };
}

/** After the cardholder's answer: completes the session that waited for it, or opens it again without what it had made. */
export function continueCheckout(account: Account, intent: string, ok: boolean): Session | null {
  const wait = account.store.get('checkout_wait', intent);
  const session = wait ? account.store.get('checkout.session', wait.session) : undefined;
  if (!wait || !session) return null;
  account.store.remove('checkout_wait', intent);
  if (ok) return finish(account, session.id, {});
  return session;
}
