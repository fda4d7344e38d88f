import type { Account } from '../account.js';
import { formatAmount } from '../billing/money.js';
import type { Subscription } from '../billing/lines.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';
import { StripeError } from '../http/errors.js';
import { testCards } from '../payments/test-cards.js';
import { act, type PortalSession } from '../portal/portal-actions.js';
import type { Configuration } from '../resources/portal-configurations.js';
import type { Tables } from '../store/tables.js';
import { escape, htmlPage, seeOther } from './layout.js';

/** The customer portal: what the configuration allows, or the one flow the session was made for. */
export function portalPage(account: Account, id: string, request: ApiRequest): ApiAnswer {
  const session = account.store.get('billing_portal.session', id);
  if (!session)
    return htmlPage(
      'No such session',
      `<h1>There is no portal session here</h1><p>The sandbox holds no session <code>${escape(id)}</code>.</p>`,
      404,
    );
  if (request.method !== 'POST') return shown(account, session, null);
  try {
    account.store.transaction(() =>
      account.automatically(() => act(account, session, new URLSearchParams(request.body))),
    );
  } catch (error) {
    if (error instanceof StripeError) return shown(account, session, error.message);
    throw error;
  }
  const after = session.flow?.after_completion;
  return seeOther(after?.type === 'redirect' && after.redirect ? after.redirect.return_url : `/p/session/${id}`);
}

function shown(account: Account, session: PortalSession, problem: string | null): ApiAnswer {
  const configuration = account.store.get('billing_portal.configuration', session.configuration);
  if (!configuration)
    throw new Error(`The portal session '${session.id}' names a configuration the sandbox does not hold.`);
  const flow = session.flow?.type;
  const only =
    session.flow?.subscription_cancel?.subscription ??
    session.flow?.subscription_update?.subscription ??
    session.flow?.subscription_update_confirm?.subscription ??
    session.flow?.subscription_pause?.subscription;
  const subscriptions = account.store
    .where('subscription', 'customer', session.customer)
    .filter(({ id, ended_at }) => ended_at === null && (!only || id === only));
  const parts = subscriptions.map((subscription) => subscriptionPart(account, session, configuration, subscription));
  const methods = !flow || flow === 'payment_method_update' ? methodPart(account, session, configuration) : '';
  const details = !flow || flow === 'customer_update' ? detailsPart(account, session, configuration) : '';
  const invoices =
    !flow && configuration.features.invoice_history.enabled ? invoicePart(account, session.customer) : '';
  return htmlPage(
    'Customer portal (sandbox)',
    `<h1>Your billing</h1>${problem === null ? '' : `<p class="alert" role="alert">${escape(problem)}</p>`}
${parts.join('')}${methods}${details}${invoices}
${session.return_url ? `<p><a href="${escape(session.return_url)}">Return</a></p>` : ''}`,
    problem === null ? 200 : 402,
  );
}

function form(session: PortalSession, action: string, inner: string): string {
  return `<form method="post" action="/p/session/${escape(session.id)}"><input type="hidden" name="action" value="${action}">${inner}</form>`;
}

function subscriptionPart(
  account: Account,
  session: PortalSession,
  { features }: Configuration,
  subscription: Subscription,
): string {
  const flow = session.flow?.type;
  const field = `<input type="hidden" name="subscription" value="${escape(subscription.id)}">`;
  const ends = subscription.cancel_at !== null;
  const button = (action: string, label: string): string =>
    form(session, action, `${field}<p><button class="plain">${label}</button></p>`);
  const wants = (name: string): boolean => !flow || flow === name;
  const names = subscription.items.data.map(({ price, quantity }) =>
    escape(`${quantity ?? 1} × ${account.store.get('product', price.product)?.name ?? price.product}`),
  );
  return `<section aria-labelledby="${escape(subscription.id)}"><h2 id="${escape(subscription.id)}">${names.join(', ')}</h2><p>Status: <strong>${escape(subscription.status)}</strong>${ends ? `, ends ${new Date(Number(subscription.cancel_at) * 1000).toUTCString()}` : ''}</p>
${wants('subscription_update') && features.subscription_update.enabled ? planChoices(account, session, subscription, field) : ''}
${flow === 'subscription_update_confirm' ? confirmPart(session, field) : ''}
${wants('subscription_cancel') && features.subscription_cancel.enabled && !ends ? button('cancel', 'Cancel subscription') : ''}
${wants('subscription_cancel') && ends ? button('renew', 'Keep subscription') : ''}
${wants('subscription_pause') && features.subscription_pause.enabled && subscription.status === 'active' ? button('pause', 'Pause subscription') : ''}
${wants('subscription_pause') && subscription.status === 'paused' ? button('resume', 'Resume subscription') : ''}</section>`;
}

function planChoices(account: Account, session: PortalSession, subscription: Subscription, field: string): string {
  const allowed = account.store
    .get('portal_products', session.configuration)
    ?.products?.flatMap(({ prices }) => prices);
  const prices = account.store
    .all('price')
    .filter(
      (price) =>
        price.active &&
        price.recurring &&
        (allowed ? allowed.includes(price.id) : price.currency === subscription.currency),
    );
  const others = prices.filter((price) => !subscription.items.data.some((item) => item.price.id === price.id));
  const choices = others.map(
    (price) =>
      `<li><button name="price" value="${escape(price.id)}" class="plain">${escape(priceName(account, price))}</button></li>`,
  );
  return others.length === 0
    ? ''
    : form(session, 'update', `${field}<h3>Change plan</h3><ul class="cards">${choices.join('')}</ul>`);
}

function priceName(account: Account, price: Tables['price']): string {
  return `${account.store.get('product', price.product)?.name ?? price.product}, ${formatAmount(price.unit_amount_decimal ?? '0', price.currency)} / ${price.recurring?.interval}`;
}

function confirmPart(session: PortalSession, field: string): string {
  const [item] = session.flow?.subscription_update_confirm?.items ?? [];
  const price = item?.price ? `<input type="hidden" name="price" value="${escape(item.price)}">` : '';
  const quantity = item?.quantity === undefined ? '' : `<input type="hidden" name="quantity" value="${item.quantity}">`;
  return form(session, 'update', `${field}${price}${quantity}<p><button>Confirm the change</button></p>`);
}

function methodPart(account: Account, session: PortalSession, { features }: Configuration): string {
  if (!features.payment_method_update.enabled) return '';
  const held = account.store
    .where('payment_method', 'customer', session.customer)
    .map(({ card }) => `<li>${escape(card?.brand ?? '')} •••• ${escape(card?.last4 ?? '')}</li>`);
  const cards = testCards.map(
    (card) =>
      `<li><button name="payment_method" value="${card.token ?? card.number}" class="plain">${escape(card.label)} <span class="note">•••• ${card.number.slice(-4)}</span></button></li>`,
  );
  return `<section aria-labelledby="method"><h2 id="method">Payment method</h2><ul>${held.join('')}</ul>${form(session, 'payment_method', `<details><summary>Use another test card</summary><ul class="cards">${cards.join('')}</ul></details>`)}</section>`;
}

function detailsPart(account: Account, session: PortalSession, { features }: Configuration): string {
  if (!features.customer_update.enabled) return '';
  const customer = account.store.get('customer', session.customer);
  return `<section aria-labelledby="details"><h2 id="details">Details</h2>${form(session, 'customer', `<p><label>Name <input name="name" value="${escape(customer?.name ?? '')}"></label></p><p><label>Email <input name="email" type="email" value="${escape(customer?.email ?? '')}"></label></p><p><button class="plain">Save</button></p>`)}</section>`;
}

function invoicePart(account: Account, customer: string): string {
  const rows = account.store
    .where('invoice', 'customer', customer)
    .filter(({ status }) => status !== 'draft')
    .reverse()
    .map(
      (invoice) =>
        `<tr><td><a href="/invoices/${escape(invoice.id)}">${escape(invoice.number ?? invoice.id)}</a></td><td>${formatAmount(invoice.total, invoice.currency)}</td><td>${escape(String(invoice.status))}</td></tr>`,
    );
  return `<section aria-labelledby="invoices"><h2 id="invoices">Invoices</h2><table><caption class="note">Newest first</caption><thead><tr><th scope="col">Number</th><th scope="col">Total</th><th scope="col">Status</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}
