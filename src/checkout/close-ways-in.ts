import Stripe from 'stripe';
import type { Ports } from '../ports.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { CheckoutStatus, sellsSubscription } from './checkout-session.js';

/**
 * Closes what our pages still sell to an account that has got a subscription from elsewhere, as from the dashboard: whoever
 * pays there would be charged twice. What cannot be closed now is closed by the next look.
 */
export async function closeWaysIn(
  { database, stripe, log }: Pick<Ports, 'database' | 'stripe' | 'log'>,
  accountId: string,
): Promise<void> {
  const open = await database.read.manager.findBy(CheckoutSession, { accountId, status: CheckoutStatus.OPEN });
  for (const { id } of open.filter((session) => sellsSubscription(session) && session.priceId !== null)) {
    try {
      await stripe.checkout.sessions.expire(id);
      log.info(
        { account: accountId, session: id },
        'an open checkout was closed: there is a subscription from elsewhere',
      );
    } catch (thrown) {
      // Paid or given up since; its own event tells.
      if (thrown instanceof Stripe.errors.StripeInvalidRequestError) continue;
      log.warn(
        { err: thrown, account: accountId, session: id },
        'an open checkout beside a subscription stays payable',
      );
    }
  }
}
