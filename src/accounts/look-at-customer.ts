import type { Parts } from '../parts.js';
import { ask } from '../sync/queue.js';
import { StripeCustomer } from './stripe-customer.entity.js';

/** Brings the stored copy of an account up to what Stripe has now, as far as Stripe answers; without a customer nothing is done. */
export async function lookAtCustomer({ database, sync }: Parts, accountId: string): Promise<void> {
  const customer = await database.read.manager.findOneBy(StripeCustomer, { liveFor: accountId });
  if (!customer) return;
  const now = await database.now();
  const asked = await database.transaction((transaction) => ask(transaction, database.dialect, customer.id, now));
  await sync.refreshNow(customer.id, asked);
}
