import type Stripe from 'stripe';
import type { Account } from '../account.js';
import { notAuthenticated, StripeError } from '../http/errors.js';
import { route } from '../http/route.js';
import type { Wire } from '../wire.js';

export const STREAM_PATH = '/v2/billing/meter_event_stream';

/** Sessions live by wall time: their holder compares `expires_at` with its own clock. */
export const v2MeterEventSessionRoutes = [
  route('POST', '/v2/billing/meter_event_session', {}, ({ account }): Wire<Stripe.V2.Billing.MeterEventSession> => {
    const now = account.clock.wall.now();
    const expires = now + account.settings.meterSessionMinutes * 60_000;
    const token = account.newId('mes_token', 40);
    account.store.put('meter_event_session', { id: token, expires_at: expires });
    return {
      id: account.newId('mes'),
      object: 'v2.billing.meter_event_session',
      authentication_token: token,
      created: new Date(now).toISOString(),
      expires_at: new Date(expires).toISOString(),
      livemode: false,
    };
  }),
];

/** The stream takes a session's token in place of a secret key. */
export function authenticateStream(account: Account, token: string): void {
  const session = account.store.get('meter_event_session', token);
  if (!session)
    throw notAuthenticated(
      'The meter event stream takes the authentication_token of a meter event session as its key; this one belongs to none.',
    );
  if (session.expires_at > account.clock.wall.now()) return;
  const error = new StripeError(400, {
    type: 'temporary_session_expired',
    code: 'billing_meter_event_session_expired',
    message: 'The meter event session has expired. Create a new one and send the events again.',
  });
  error.executed = false;
  throw error;
}
