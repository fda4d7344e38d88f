import type { Parts } from '../parts.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { isLive } from '../subscriptions/subscription.js';
import { CheckoutSession } from './checkout-session.entity.js';
import { CheckoutStatus } from './checkout-session.js';
import { type CreateCheckoutSession, type Opened, sameClick, whenFree } from './create-checkout-session.js';

/**
 * What an account has opened last, when it asks for the very same once more; null otherwise. Asks nobody but the
 * database, so that it may be answered also where no more may begin. Throws Refusal: CONFLICT while it is being opened.
 */
export function findOpenCheckout(parts: Parts, asked: CreateCheckoutSession): Promise<Opened | null> {
  const { manager, rows } = parts.database.read;
  const accountId = asked.account.id;
  return whenFree(parts, async () => {
    const [last] = await rows<{ state: string; data: string }>(
      `SELECT state, data FROM intents WHERE account_id = ? AND verb = 'createCheckoutSession' AND state IN ('open', 'done')
       ORDER BY created_at DESC, id DESC LIMIT 1`,
      [accountId],
    );
    const { click, sessionId } = JSON.parse(last?.data ?? '{}') as { click?: string; sessionId?: string };
    if (click !== sameClick(asked)) return null;
    if (last?.state === 'open') throw new Refusal(UserErrorCode.CONFLICT, 'This checkout is being opened.');
    const session = await manager.findOneBy(CheckoutSession, { id: sessionId, accountId, status: CheckoutStatus.OPEN });
    const subscribed = (await manager.findBy(BillingSubscription, { accountId })).some(isLive);
    return session && !subscribed ? { id: session.id, found: true } : null;
  });
}
