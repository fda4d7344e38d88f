import type { Account } from '../account.js';
import { collectInvoice, intentOf } from '../billing/collect-invoice.js';
import type { Invoice } from '../billing/draft-invoice.js';
import { formatAmount } from '../billing/money.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';
import { StripeError } from '../http/errors.js';
import { testCards } from '../payments/test-cards.js';
import { attachPaymentMethod, resolvePaymentMethod } from '../payments/payment-methods.js';
import { escape, htmlPage, seeOther } from './layout.js';

/** The hosted invoice: its lines, and while it is open the test cards to pay it with. */
export function invoicePage(account: Account, id: string, request: ApiRequest): ApiAnswer {
  const invoice = account.store.get('invoice', id);
  if (!invoice)
    return htmlPage(
      'No such invoice',
      `<h1>There is no invoice here</h1><p>The sandbox holds no invoice <code>${escape(id)}</code>.</p>`,
      404,
    );
  if (request.method !== 'POST' || invoice.status !== 'open') return shown(account, invoice, null);
  const card = new URLSearchParams(request.body).get('payment_method') ?? '';
  try {
    return account.store.transaction(() => account.automatically(() => pay(account, invoice, card)));
  } catch (error) {
    if (error instanceof StripeError) return shown(account, invoice, error.message);
    throw error;
  }
}

function pay(account: Account, invoice: Invoice, card: string): ApiAnswer {
  const method = attachPaymentMethod(account, resolvePaymentMethod(account, card), String(invoice.customer));
  const collected = collectInvoice(account, invoice.id, { offSession: false, paymentMethod: method.id });
  const intent = intentOf(account, invoice.id);
  if (collected.kind === 'requires_action' && intent) return seeOther(`/3ds/${intent.id}`);
  if (collected.kind === 'declined') return shown(account, invoice, collected.decline.message);
  return seeOther(`/invoices/${invoice.id}`);
}

function shown(account: Account, invoice: Invoice, problem: string | null): ApiAnswer {
  const { id, number, status, lines, currency, amount_due, total } = invoice;
  const rows = lines.data
    .map((line) => `<tr><td>${escape(line.description ?? '')}</td><td>${formatAmount(line.amount, currency)}</td></tr>`)
    .join('');
  const intent = intentOf(account, id);
  const waits =
    status === 'open' && intent?.status === 'requires_action'
      ? `<p><a class="button" href="/3ds/${intent.id}">Authenticate the payment</a></p>`
      : '';
  const cards = testCards
    .map(
      (card) =>
        `<li><button name="payment_method" value="${card.token ?? card.number}" class="plain">${escape(card.label)} <span class="note">•••• ${card.number.slice(-4)}</span></button></li>`,
    )
    .join('');
  return htmlPage(
    `Invoice ${number ?? id}`,
    `<h1>Invoice ${escape(number ?? id)}</h1><p>Status: <strong>${escape(String(status))}</strong></p>
${problem === null ? '' : `<p class="alert" role="alert">${escape(problem)}</p>`}${billedTo(invoice)}
<table><caption class="note">Lines</caption><thead><tr><th scope="col">Description</th><th scope="col">Amount</th></tr></thead><tbody>${rows}</tbody></table>
<p>Total ${formatAmount(total, currency)}, due ${formatAmount(amount_due, currency)}</p>${waits}
${status === 'open' ? `<form method="post" action="/invoices/${escape(id)}"><h2 id="cards">Pay with a test card</h2><ul class="cards" aria-labelledby="cards">${cards}</ul></form>` : ''}`,
    problem === null ? 200 : 402,
  );
}

/** Whom the invoice is made out to, as far as that is known. */
function billedTo({
  customer_name: name,
  customer_address: address,
  customer_email: email,
  customer_tax_ids,
}: Invoice) {
  const place = [address?.postal_code, address?.city].filter(Boolean).join(' ');
  const where = [address?.line1, address?.line2, place, address?.state, address?.country];
  const taxIds = (customer_tax_ids ?? []).map(({ type, value }) => `${type} ${value}`);
  const known = [name, ...where, email, ...taxIds].filter((one) => typeof one === 'string' && one !== '');
  if (known.length === 0) return '';
  return `<h2>Billed to</h2><address>${known.map((one) => escape(String(one))).join('<br>')}</address>`;
}
