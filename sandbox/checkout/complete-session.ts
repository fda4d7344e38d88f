import type { Account } from '../account.js';
import type { Collected } from '../billing/collect-invoice.js';
import { createSubscription } from '../billing/create-subscription.js';
import type { NewSubscription } from '../billing/new-subscription.js';
import { giveUpIncomplete } from '../billing/cancel-subscription.js';
import { cardError, notPossible, parameterMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/parameters.js';
import { attemptPayment } from '../payments/attempt-payment.js';
import { createPaymentIntent } from '../payments/create-payment-intent.js';
import { confirmSetup, createSetupIntent } from '../payments/setup.js';
import { detailsOf, type Session } from '../resources/checkout-sessions.js';
import { createCustomer } from '../resources/customers.js';
import { find } from '../resources/find.js';
import { attachPaymentMethod, resolvePaymentMethod } from '../payments/payment-methods.js';
import { checkEntered, keepEntered, shownDetails } from './entered-details.js';
import { adjustQuantities, answerFields } from './session-answers.js';
import { payByInvoice } from './pay-by-invoice.js';
import { redeemOnSession } from './session-discounts.js';
import { repriceSession } from './session-totals.js';

export interface Completion {
  /** A test token, a card number, or an attached method; not needed where nothing is due and none is asked for. */
  payment_method?: string;
  email?: string;
  /** A code the customer enters, where the session allows them. */
  promotion_code?: string;
  name?: string;
  /** Two letters. */
  country?: string;
  phone?: string;
  tax_id?: { type: string; value: string };
  /** Answers to the session's own questions, by key. */
  custom_fields?: Record<string, string>;
  /** How many of an adjustable item, by the item's id. */
  quantities?: Record<string, number>;
}

export interface Completed {
  session: Session;
  /** The payment or setup intent whose holder must authenticate before the session completes. */
  waitsFor: string | null;
}

/** The customer pays. A refused card is an error and leaves the session open; a card that asks for its holder makes it wait. */
export function completeSession(account: Account, id: string, completion: Completion): Completed {
  const session = find(account, 'checkout.session', id);
  if (session.status !== 'open')
    throw notPossible(`The checkout session '${id}' is ${session.status}; only an open one can be completed.`);
  const waiting = account.store.all('checkout_wait').find((row) => row.session === id);
  if (waiting) return { session, waitsFor: waiting.id };
  const { name, country, phone, tax_id } = completion;
  const entered = { name, country, phone, tax_id };
  checkEntered(session, entered);
  const free = session.amount_total === 0;
  const needsMethod = !free || (session.mode !== 'payment' && session.payment_method_collection !== 'if_required');
  if (needsMethod && !completion.payment_method) throw parameterMissing('payment_method');
  return account.automatically(() => {
    answerFields(account, id, completion.custom_fields ?? {});
    adjustQuantities(account, id, completion.quantities ?? {});
    if (completion.promotion_code) redeemOnSession(account, id, completion.promotion_code);
    const customer =
      session.customer ?? (session.mode === 'setup' ? null : newCustomer(account, session, completion.email));
    keepEntered(account, session, customer, entered);
    const ordered = repriceSession(account, id, customer);
    if (session.mode === 'setup') return setUp(account, ordered, completion);
    if (session.mode === 'payment') return payOnce(account, ordered, customer, completion.payment_method);
    const method = completion.payment_method
      ? attachPaymentMethod(account, resolvePaymentMethod(account, completion.payment_method), customer ?? '').id
      : null;
    return subscribe(account, session, customer ?? '', method);
  });
}

/** A payment makes a customer only if asked to; a subscription always needs one. */
function newCustomer(account: Account, session: Session, email: string | undefined): string | null {
  const asked = session.customer_creation === 'always' || session.invoice_creation?.enabled;
  if (session.mode === 'payment' && !asked) return null;
  return createCustomer(account, { email: session.customer_email ?? email ?? 'customer@example.com' }).id;
}

function subscribe(account: Account, session: Session, customer: string, method: string | null): Completed {
  const plan = account.store.get('checkout_plan', session.id);
  const { metadata, ...data } = (plan?.subscription_data ?? {}) as Partial<NewSubscription>;
  const items = (plan?.line_items ?? []).map(({ price, quantity, tax_rates }) => ({
    price,
    quantity,
    tax_rates: tax_rates.map((id) => find(account, 'tax_rate', id)),
  }));
  const recurring = items.filter(({ price }) => account.store.get('price', price)?.recurring);
  const { subscription, collected } = createSubscription(account, {
    ...data,
    customer,
    items: recurring,
    add_invoice_items: items.filter((item) => !recurring.includes(item)),
    automatic_tax: { enabled: session.automatic_tax.enabled },
    currency: session.currency ?? undefined,
    default_payment_method: method,
    discountParams: account.store.get('checkout_plan', session.id)?.discounts ?? [],
    metadata: mergeMetadata({}, metadata),
  });
  const made = { subscription: subscription.id, customer, invoice: subscription.latest_invoice };
  if (collected?.kind === 'declined') {
    const error = cardError(collected.decline);
    error.keepsEffects = account.settings.checkoutDecline === 'incomplete_subscription';
    throw error;
  }
  if (collected?.kind === 'requires_action') {
    const [payment] = account.store.where('invoice_payment', 'invoice', String(subscription.latest_invoice));
    return wait(account, session, String(payment?.payment.payment_intent), made);
  }
  const unpaid = collected?.kind === 'processing';
  return { session: finish(account, session.id, made, unpaid), waitsFor: null };
}

function payOnce(account: Account, session: Session, customer: string | null, named: string | undefined): Completed {
  const plan = find(account, 'checkout_plan', session.id);
  if (session.amount_total === 0 && !plan.invoice_data)
    return { session: finish(account, session.id, { customer }), waitsFor: null };
  const method = resolvePaymentMethod(account, named ?? 'pm_card_visa');
  const { made, decision } =
    plan.invoice_data && customer
      ? paidByInvoice(account, session, customer, method.id)
      : paidDirectly(account, session, customer, method.id);
  if (decision?.kind === 'declined') throw cardError(decision.decline);
  if (decision?.kind === 'requires_action') return wait(account, session, String(made.payment_intent), made);
  if (customer && plan.payment_intent_data.setup_future_usage) attachPaymentMethod(account, method, customer);
  return { session: finish(account, session.id, made, decision?.kind === 'processing'), waitsFor: null };
}

interface Paid {
  made: Partial<Session>;
  decision: Collected | null;
}

function paidByInvoice(account: Account, session: Session, customer: string, method: string): Paid {
  const { made, collected } = payByInvoice(
    account,
    session,
    find(account, 'checkout_plan', session.id),
    customer,
    method,
  );
  return { made, decision: collected };
}

function paidDirectly(account: Account, session: Session, customer: string | null, method: string): Paid {
  const intent = createPaymentIntent(account, {
    ...find(account, 'checkout_plan', session.id).payment_intent_data,
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    customer,
    payment_method: method,
  });
  const decision = attemptPayment(account, intent.id, { offSession: false });
  return { made: { payment_intent: intent.id, customer }, decision };
}

function setUp(account: Account, session: Session, completion: Completion): Completed {
  const data = account.store.get('checkout_plan', session.id)?.setup_intent_data;
  const intent = createSetupIntent(account, {
    customer: session.customer,
    metadata: mergeMetadata({}, data?.metadata),
    description: data?.description ?? null,
    payment_method: completion.payment_method ? resolvePaymentMethod(account, completion.payment_method).id : null,
  });
  const confirmed = confirmSetup(account, intent.id);
  const made = { setup_intent: intent.id };
  if (confirmed.status === 'requires_action') return wait(account, session, intent.id, made);
  return { session: finish(account, session.id, made), waitsFor: null };
}

function wait(account: Account, session: Session, intent: string, made: Partial<Session>): Completed {
  account.store.put('checkout_wait', { id: intent, session: session.id, made: made as Record<string, string | null> });
  return { session: find(account, 'checkout.session', session.id), waitsFor: intent };
}

/** Open to complete; unpaid while a debit is under way. */
function finish(account: Account, id: string, made: Partial<Session>, unpaid = false): Session {
  const session = find(account, 'checkout.session', id);
  const customer = account.store.get('customer', made.customer ?? session.customer ?? '') ?? null;
  const invoice = account.store.get('invoice', made.invoice ?? '');
  account.unplan('checkout.session.expire', id);
  const free =
    session.mode === 'setup' ||
    (invoice ? invoice.total === 0 : session.mode === 'subscription' || session.amount_total === 0);
  const done = account.update('checkout.session', id, {
    ...made,
    status: 'complete',
    payment_status: free ? 'no_payment_required' : unpaid ? 'unpaid' : 'paid',
    customer_details: { ...detailsOf(session.customer_email, customer), ...shownDetails(account, id) },
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

/** After the cardholder's answer: completes the session that waited for it, or takes back what it had begun. */
export function continueCheckout(account: Account, intent: string, ok: boolean): Session | null {
  const held = account.store.get('checkout_wait', intent);
  if (!held) return null;
  account.store.remove('checkout_wait', intent);
  if (ok) return finish(account, held.session, held.made as Partial<Session>);
  if (held.made['subscription']) giveUpIncomplete(account, held.made['subscription']);
  return find(account, 'checkout.session', held.session);
}
