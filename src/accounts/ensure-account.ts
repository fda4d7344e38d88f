import { FREE_ACCESS } from '../access/access.js';
import type { Parts } from '../parts.js';
import { Account } from './account.entity.js';
import { accountIdOf, newAccount } from './account.js';

/** The account of a tenant, created at its first write or live stream; once, however many ask at the same time. */
export async function ensureAccount(
  { database, billing }: Pick<Parts, 'database' | 'billing'>,
  externalId: string,
): Promise<Account> {
  const id = accountIdOf(externalId);
  const held = await database.read.manager.findOneBy(Account, { id });
  if (held) return held;
  const row = { ...newAccount(externalId, billing.now()), announcedAccess: FREE_ACCESS };
  await database.transaction(async ({ manager }) => {
    await manager.createQueryBuilder().insert().into(Account).values(row).orIgnore().updateEntity(false).execute();
  });
  return database.read.manager.findOneByOrFail(Account, { id });
}
