import type { Account } from '../account.js';
import { formatAmount } from '../billing/money.js';
import { askedFor } from '../checkout/entered-details.js';
import { completeSession } from '../checkout/complete-session.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';
import { StripeError } from '../http/errors.js';
import { testCards } from '../payments/test-cards.js';
import type { Session } from '../resources/checkout-sessions.js';
import type { CheckoutPlan } from '../store/tables.js';
import { escape, htmlPage, seeOther } from './layout.js';

/** The hosted checkout: the order, and one button for each test card. Paying leads back to where the session says. */
export function checkoutPage(account: Account, id: string, request: ApiRequest): ApiAnswer {
  const session = account.store.get('checkout.session', id);
  if (!session)
    return htmlPage(
      'No such checkout',
      `<h1>There is no checkout session here</h1><p>The sandbox holds no session <code>${escape(id)}</code>.</p>`,
      404,
    );
  if (request.method !== 'POST')
    return session.status === 'open' ? orderPage(account, session, null) : closedPage(session);
  if (session.status !== 'open')
    return session.status === 'complete' ? seeOther(returnTo(session)) : closedPage(session);
  const form = new URLSearchParams(request.body);
  try {
    const done = account.store.transaction(() =>
      completeSession(account, id, {
        payment_method: form.get('payment_method') ?? undefined,
        email: form.get('email') ?? undefined,
        promotion_code: form.get('promotion_code') || undefined,
        name: form.get('name') || undefined,
        country: form.get('country')?.toUpperCase() || undefined,
        phone: form.get('phone') || undefined,
        custom_fields: named(form, 'field '),
        quantities: Object.fromEntries(
          Object.entries(named(form, 'quantity ')).map(([key, value]) => [key, Number(value)]),
        ),
        tax_id: taxIdIn(form),
      }),
    );
    return seeOther(done.waitsFor === null ? returnTo(done.session) : `/3ds/${done.waitsFor}`);
  } catch (error) {
    if (error instanceof StripeError) return orderPage(account, session, error.message);
    throw error;
  }
}

/** Where the customer goes after paying. */
export function returnTo(session: Session): string {
  const target = session.success_url ?? session.return_url ?? `/c/pay/${session.id}`;
  return target.replaceAll('{CHECKOUT_SESSION_ID}', session.id).replaceAll('%7BCHECKOUT_SESSION_ID%7D', session.id);
}

function orderPage(account: Account, session: Session, problem: string | null): ApiAnswer {
  const items = account.store.get('checkout_plan', session.id)?.shown_items ?? [];
  const rows = items
    .map(
      (item) =>
        `<tr><td>${escape(item.description ?? '')}</td><td>${item.quantity}</td><td>${formatAmount(item.amount_total, item.currency)}${every(item.price)}</td></tr>`,
    )
    .join('');
  const total =
    session.amount_total === null
      ? ''
      : `<p><strong>Due today: ${formatAmount(session.amount_total, session.currency ?? 'usd')}</strong></p>`;
  const cards = testCards
    .map(
      (card) =>
        `<li><button name="payment_method" value="${card.token ?? card.number}" class="plain">${escape(card.label)} <span class="note">•••• ${card.number.slice(-4)}</span></button></li>`,
    )
    .join('');
  const skip =
    session.payment_method_collection === 'if_required' && session.amount_total === 0
      ? '<p><button>Start without a card</button></p>'
      : '';
  const email =
    session.customer === null && session.customer_email === null
      ? '<p><label>Email <input name="email" type="email" value="customer@example.com" autocomplete="email"></label></p>'
      : '';
  return htmlPage(
    'Checkout (sandbox)',
    `<h1>Checkout</h1>
<p class="note">Sandbox: no money moves. Choose the test card to pay with.</p>
${problem === null ? '' : `<p class="alert" role="alert">${escape(problem)} Choose another card.</p>`}
${items.length === 0 ? '' : `<table><caption class="note">Order</caption><thead><tr><th scope="col">Item</th><th scope="col">Quantity</th><th scope="col">Amount</th></tr></thead><tbody>${rows}</tbody></table>`}
${total}
<form method="post" action="/c/pay/${escape(session.id)}">${email}${quantitiesOf(items)}${questionsOf(session)}${detailFields(account, session)}${session.allow_promotion_codes ? '<p><label>Promotion code <input name="promotion_code" autocomplete="off"></label></p>' : ''}${skip}<h2 id="cards">Test cards</h2><ul class="cards" aria-labelledby="cards">${cards}</ul></form>
${session.cancel_url ? `<p><a href="${escape(session.cancel_url)}">Cancel and go back</a></p>` : ''}`,
    problem === null ? 200 : 402,
  );
}

/** The fields whose names begin with the prefix, without it; those that were left empty are not among them. */
function named(form: URLSearchParams, prefix: string): Record<string, string> {
  const fields = [...form].filter(([key, value]) => key.startsWith(prefix) && value !== '');
  return Object.fromEntries(fields.map(([key, value]) => [key.slice(prefix.length), value]));
}

function questionsOf(session: Session): string {
  const ask = ({ key, label, optional, dropdown }: Session['custom_fields'][number]): string => {
    const must = optional ? '' : ' required';
    const name = `name="field ${escape(key)}"`;
    const options = dropdown?.options.map(
      ({ value, label: told }) => `<option value="${escape(value)}">${escape(told)}</option>`,
    );
    const field = options ? `<select ${name}${must}>${options.join('')}</select>` : `<input ${name}${must}>`;
    return `<p><label>${escape(label.custom ?? key)} ${field}</label></p>`;
  };
  return session.custom_fields.map(ask).join('');
}

function quantitiesOf(items: CheckoutPlan['shown_items']): string {
  return items
    .filter(({ adjustable_quantity: range }) => range?.enabled)
    .map(
      ({ id, description, quantity, adjustable_quantity: range }) =>
        `<p><label>Quantity of ${escape(description ?? '')} <input type="number" name="quantity ${escape(id)}" value="${quantity}" min="${range?.minimum}" max="${range?.maximum}"></label></p>`,
    )
    .join('');
}

function taxIdIn(form: URLSearchParams): { type: string; value: string } | undefined {
  const value = form.get('tax_id');
  return value ? { type: form.get('tax_id_type') ?? 'eu_vat', value } : undefined;
}

/** The fields the session asks for beside the card. */
function detailFields(account: Account, session: Session): string {
  const asked = askedFor(account, session);
  const must = session.tax_id_collection?.required === 'if_supported' ? ' required' : '';
  const types = ['eu_vat', 'gb_vat', 'us_ein', 'ch_vat', 'au_abn'].map((type) => `<option>${type}</option>`).join('');
  return [
    asked.name ? '<p><label>Business name <input name="name" autocomplete="organization"></label></p>' : '',
    asked.country
      ? '<p><label>Country (two letters) <input name="country" maxlength="2" size="4" autocomplete="country"></label></p>'
      : '',
    session.phone_number_collection?.enabled
      ? '<p><label>Phone <input name="phone" type="tel" autocomplete="tel" required></label></p>'
      : '',
    asked.taxId
      ? `<p><label>Kind of tax id <select name="tax_id_type">${types}</select></label> <label>Tax id <input name="tax_id"${must}></label></p>`
      : '',
  ].join('');
}

function every(price: { recurring?: { interval: string; interval_count: number } | null } | null): string {
  if (!price?.recurring) return '';
  const { interval, interval_count: count } = price.recurring;
  return count === 1 ? ` / ${interval}` : ` / ${count} ${interval}s`;
}

function closedPage(session: Session): ApiAnswer {
  const back =
    session.status === 'complete'
      ? `<p><a href="${escape(returnTo(session))}">Continue</a></p>`
      : session.cancel_url
        ? `<p><a href="${escape(session.cancel_url)}">Go back</a></p>`
        : '';
  const told = session.status === 'complete' ? 'This checkout is complete' : 'This checkout has expired';
  return htmlPage(told, `<h1>${told}</h1>${back}`, session.status === 'complete' ? 200 : 410);
}
