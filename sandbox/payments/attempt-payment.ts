import type { Account } from '../account.js';
import { findNamed } from '../resources/find.js';
import type { Tables } from '../store/tables.js';
import { beginDebit } from './bank-debits.js';
import { createCharge } from './create-charge.js';
import { decideCharge, type ChargeDecision } from './decide-charge.js';
import { openDisputes } from './open-disputes.js';
import { plainCard, cardNamed, type Decline } from './test-cards.js';

export interface Attempt {
  offSession: boolean;
  authenticated?: boolean;
  /** Where the cardholder goes after an authentication. */
  returnUrl?: string;
}

/** Charges the intent's payment method, records what came of it on the intent and tells the endpoints. */
export function attemptPayment(
  account: Account,
  intentId: string,
  { offSession, authenticated = false, returnUrl }: Attempt,
): ChargeDecision {
  const intent = findNamed(account, 'payment_intent', intentId, 'payment_intent');
  const method = intent.payment_method ? account.store.get('payment_method', intent.payment_method) : undefined;
  if (!method) throw new Error(`PaymentIntent '${intentId}' was attempted without a payment method.`);
  const row = account.store.get('card', method.id);
  const card = cardNamed(row?.token ?? plainCard.number) ?? plainCard;
  const decision = decideCharge(card, {
    offSession,
    authenticated,
    setUp: row?.set_up_off_session ?? false,
    asked: asksForAuthentication(intent.payment_method_options),
    expired: isExpired(method, account.now(intent.customer)),
    forced: takeForcedOutcome(account, intent.customer),
  });
  if (decision.kind === 'succeeds') openDisputes(account, succeed(account, intent, method, authenticated), card);
  else if (decision.kind === 'declined') recordDecline(account, intent, method, decision.decline);
  else if (decision.kind === 'processing') beginDebit(account, intent, method);
  else askForAction(account, intent, returnUrl ?? null);
  return decision;
}

function succeed(
  account: Account,
  intent: Tables['payment_intent'],
  method: Tables['payment_method'],
  authenticated: boolean,
): Tables['charge'] {
  const charge = createCharge(account, intent, method, null);
  if (authenticated || intent.setup_future_usage === 'off_session') rememberSetUp(account, method.id);
  account.emit('charge.succeeded', charge);
  const capturable = intent.capture_method === 'manual';
  account.update(
    'payment_intent',
    intent.id,
    {
      status: capturable ? 'requires_capture' : 'succeeded',
      amount_received: capturable ? 0 : intent.amount,
      amount_capturable: capturable ? intent.amount : 0,
      latest_charge: charge.id,
      last_payment_error: null,
      next_action: null,
    },
    capturable ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
  );
  return charge;
}

export function recordDecline(
  account: Account,
  intent: Tables['payment_intent'],
  method: Tables['payment_method'],
  decline: Decline,
): void {
  const charge = createCharge(account, intent, method, decline);
  account.emit('charge.failed', charge);
  declineIntent(account, intent, method, decline, charge.id);
}

/** The intent asks for another payment method. */
export function declineIntent(
  account: Account,
  intent: Tables['payment_intent'],
  method: Tables['payment_method'],
  decline: Decline,
  charge: string,
): void {
  account.update(
    'payment_intent',
    intent.id,
    {
      status: 'requires_payment_method',
      latest_charge: charge,
      payment_method: null,
      next_action: null,
      last_payment_error: {
        type: 'card_error',
        charge,
        code: decline.code as never,
        ...(decline.decline_code ? { decline_code: decline.decline_code } : {}),
        doc_url: `https://stripe.com/docs/error-codes/${decline.code.replaceAll('_', '-')}`,
        message: decline.message,
        payment_method: method as never,
      },
    },
    'payment_intent.payment_failed',
  );
}

function askForAction(account: Account, intent: Tables['payment_intent'], return_url: string | null): void {
  account.update(
    'payment_intent',
    intent.id,
    {
      status: 'requires_action',
      next_action: {
        type: 'redirect_to_url',
        redirect_to_url: { return_url, url: `${account.url}/3ds/${intent.id}` },
      },
    },
    'payment_intent.requires_action',
  );
}

/** Whether an authentication was asked for where the card leaves it open. */
export function asksForAuthentication(options: { card?: { request_three_d_secure?: string | null } } | null): boolean {
  return ['any', 'challenge'].includes(options?.card?.request_three_d_secure ?? '');
}

/** The card may be charged from now on while its holder is away. */
export function rememberSetUp(account: Account, paymentMethod: string): void {
  const row = account.store.get('card', paymentMethod);
  if (row) account.store.put('card', { ...row, set_up_off_session: true });
}

function isExpired(method: Tables['payment_method'], now: number): boolean {
  if (!method.card) return false;
  return Date.UTC(method.card.exp_year, method.card.exp_month, 1) / 1000 <= now;
}

function takeForcedOutcome(account: Account, customer: string | null): string | null {
  const forced = customer ? account.store.get('forced_outcome', customer) : undefined;
  if (!forced) return null;
  if (forced.times > 1) account.store.put('forced_outcome', { ...forced, times: forced.times - 1 });
  else account.store.remove('forced_outcome', forced.id);
  return forced.outcome;
}
