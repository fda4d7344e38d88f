import Stripe from 'stripe';
import type { Ports } from '../ports.js';
import { Refusal } from '../refusal.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { SubscriptionStatus } from '../subscriptions/subscription.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { CheckoutStatus, sellsSubscription } from './checkout-session.js';
import { giveUp, STARTED_HERE } from './way-in.js';

type Needs = Pick<Ports, 'database' | 'stripe' | 'log'>;

/**
 * Closes what we still sell to an account that has got a subscription from elsewhere, as from the dashboard: whoever paid
 * for it would be charged twice. What cannot be closed now is closed by the next look.
 */
export async function closeWaysIn(needs: Needs, accountId: string): Promise<void> {
  const { manager } = needs.database.read;
  const sessions = await manager.findBy(CheckoutSession, { accountId, status: CheckoutStatus.OPEN });
  const starts = await manager.findBy(BillingSubscription, { accountId, status: SubscriptionStatus.INCOMPLETE });
  for (const { id } of sessions.filter((session) => sellsSubscription(session) && session.priceId !== null))
    await close(needs, accountId, id, () => needs.stripe.checkout.sessions.expire(id));
  for (const { id } of starts) await close(needs, accountId, id, () => giveUpStart(needs.stripe, id));
}

async function close({ log }: Needs, account: string, id: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
    log.info({ account, id }, 'what an account could still buy was closed: there is a subscription from elsewhere');
  } catch (thrown) {
    // Paid or given up since; its own event tells.
    if (thrown instanceof Stripe.errors.StripeInvalidRequestError || thrown instanceof Refusal) return;
    log.warn({ err: thrown, account, id }, 'what is open beside a subscription from elsewhere stays payable');
  }
}

async function giveUpStart(stripe: Stripe, id: string): Promise<void> {
  const start = await stripe.subscriptions.retrieve(id);
  if (start.status === 'incomplete' && STARTED_HERE in start.metadata) await giveUp(stripe, start);
}
