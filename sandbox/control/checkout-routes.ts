import { completeSession, continueCheckout } from '../checkout/complete-session.js';
import { authenticateSetup } from '../payments/setup.js';
import { authenticateIntent } from '../payments/confirm-payment.js';
import { ControlError, json, type ControlRoute, type Controls } from './control.js';

/** Answers the authentication a payment waits for, and lets a checkout that waited for it go on. */
export function authenticate({ account }: Controls, intent: string, ok: boolean): object {
  return account.store.transaction(() => {
    if (intent.startsWith('seti_')) {
      const setup = authenticateSetup(account, intent, ok);
      return { setup_intent: setup, checkout_session: continueCheckout(account, intent, ok) };
    }
    const after = authenticateIntent(account, intent, ok);
    const session = continueCheckout(account, intent, after.status === 'succeeded');
    return session ? { payment_intent: after, checkout_session: session } : { payment_intent: after };
  });
}

function taxIdIn(given: unknown): { type: string; value: string } | undefined {
  if (given === undefined) return undefined;
  const { type, value } = (given ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof value !== 'string')
    throw new ControlError('A tax_id has a type and a value: {"type": "eu_vat", "value": "DE123456789"}.');
  return { type, value };
}

export const checkoutRoutes: ControlRoute[] = [
  {
    method: 'POST',
    path: /^\/_sandbox\/checkout_sessions\/([^/]+)\/complete$/,
    handle({ controls: { account }, ids, body }) {
      const text = (key: string): string | undefined => (typeof body[key] === 'string' ? body[key] : undefined);
      const { session, waitsFor } = account.store.transaction(() =>
        completeSession(account, ids[0] ?? '', {
          payment_method: text('payment_method') ?? 'pm_card_visa',
          email: text('email'),
          promotion_code: text('promotion_code'),
          name: text('name'),
          country: text('country'),
          phone: text('phone'),
          custom_fields: body['custom_fields'] as Record<string, string> | undefined,
          quantities: body['quantities'] as Record<string, number> | undefined,
          tax_id: taxIdIn(body['tax_id']),
        }),
      );
      return json(
        waitsFor === null
          ? session
          : { ...session, requires_action: { payment_intent: waitsFor, url: `${account.url}/3ds/${waitsFor}` } },
      );
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/(?:payment|setup)_intents\/([^/]+)\/authenticate$/,
    handle({ controls, ids, body }) {
      if (typeof body['ok'] !== 'boolean')
        throw new ControlError('Send {"ok": true} to complete the authentication or {"ok": false} to refuse it.');
      return json(authenticate(controls, ids[0] ?? '', body['ok']));
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/customers\/([^/]+)\/next_payment$/,
    handle({ controls: { account }, ids, body }) {
      const customer = ids[0] ?? '';
      const { outcome = 'declined', times = 1 } = body;
      if (!account.store.get('customer', customer)) throw new ControlError(`There is no customer '${customer}'.`, 404);
      if (typeof outcome !== 'string' || !Number.isInteger(times) || Number(times) < 1) {
        throw new ControlError(
          'Send {"outcome": "succeeds" | "declined" | "requires_action" | "<decline code>", "times": 1}.',
        );
      }
      const row = { id: customer, outcome, times: Number(times) };
      account.store.transaction(() => account.store.put('forced_outcome', row));
      return json({ customer, outcome, times: row.times });
    },
  },
];
