import type { EntityManager } from 'typeorm';
import { StripeCustomer } from './stripe-customer.entity.js';

/**
 * Writes the row of a customer, new or not. Fails when another customer is live for the same account: an upsert would
 * change that other one on a MySQL-compatible server, because there it answers to every unique key.
 */
export async function putCustomer(manager: EntityManager, customer: StripeCustomer): Promise<void> {
  const { id } = customer;
  const bare = { id, accountId: null, liveFor: null, deletedAt: null };
  await manager
    .createQueryBuilder()
    .insert()
    .into(StripeCustomer)
    .values(bare)
    .orIgnore()
    .updateEntity(false)
    .execute();
  await manager.update(StripeCustomer, { id }, { ...customer });
}
