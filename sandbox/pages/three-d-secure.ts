import type { Account } from '../account.js';
import { formatAmount } from '../billing/money.js';
import { continueCheckout } from '../checkout/complete-session.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';
import { authenticateSetup } from '../payments/setup.js';
import { authenticateIntent } from '../payments/confirm-payment.js';
import { escape, htmlPage, seeOther } from './layout.js';
import { returnTo } from './checkout.js';

/** The bank's page: the cardholder completes or refuses the authentication. */
export function threeDSecurePage(account: Account, id: string, request: ApiRequest): ApiAnswer {
  const intent = account.store.get('payment_intent', id) ?? account.store.get('setup_intent', id);
  if (!intent)
    return htmlPage(
      'Nothing to authenticate',
      `<h1>There is no payment here</h1><p>The sandbox holds no payment <code>${escape(id)}</code>.</p>`,
      404,
    );
  if (intent.status !== 'requires_action')
    return htmlPage(
      'Nothing to authenticate',
      `<h1>This payment waits for nothing</h1><p>Its status is <code>${escape(intent.status)}</code>.</p>`,
    );
  if (request.method !== 'POST') {
    return htmlPage(
      '3D Secure (sandbox)',
      `<h1>3D Secure</h1><p>Your bank asks you to confirm ${'amount' in intent ? `a payment of <strong>${formatAmount(intent.amount, intent.currency)}</strong>` : 'that this card may be kept for later payments'}.</p>
<form method="post" action="/3ds/${escape(id)}"><p><button name="ok" value="true">Complete authentication</button> <button name="ok" value="false" class="plain">Fail authentication</button></p></form>`,
    );
  }
  const ok = new URLSearchParams(request.body).get('ok') === 'true';
  return account.store.transaction(() => {
    const after = account.automatically(() =>
      intent.object === 'setup_intent' ? authenticateSetup(account, id, ok) : authenticateIntent(account, id, ok),
    );
    const session = continueCheckout(account, id, after.status === 'succeeded');
    if (session) return seeOther(session.status === 'complete' ? returnTo(session) : `/c/pay/${session.id}`);
    const [payment] = account.store.where('invoice_payment', 'payment_intent', id);
    if (payment) return seeOther(`/invoices/${payment.invoice}`);
    return htmlPage(
      '3D Secure (sandbox)',
      `<h1>${after.status === 'succeeded' ? 'Authenticated' : 'Not authenticated'}</h1><p>The payment is <code>${escape(after.status)}</code>. You can close this page.</p>`,
    );
  });
}
