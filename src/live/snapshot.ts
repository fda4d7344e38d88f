import { Account } from '../accounts/account.entity.js';
import type { Database } from '../database/database.js';
import { createLoaders, type Loaders } from '../graphql/loaders.js';
import type { AuditEntry } from '../history/audit.js';

/** One account at one revision, loaded once and shared by every socket that watches it. Never changed. */
export interface AccountSnapshot {
  account: Account;
  revision: number;
  loaders: Loaders;
  /** What happened after that revision, newest first, at most 20, and how many more there are. */
  entriesSince(revision: number): Promise<{ entries: AuditEntry[]; skipped: number }>;
}

export const ENTRIES_SHOWN = 20;

/** Loads an account with what most screens ask for. Null when there is no such account. */
export async function loadSnapshot(database: Database, accountId: string): Promise<AccountSnapshot | null> {
  for (;;) {
    const loaders = createLoaders(database);
    const account = await loaders.account.load(accountId);
    if (!account) return null;
    const subscriptions = await loaders.subscriptionsOf.load(accountId);
    await Promise.all([loaders.catalogue(), loaders.itemsOf.loadMany(subscriptions.map(({ id }) => id))]);
    // Statements are not one transaction: when the account moved meanwhile, what was read may be of two revisions.
    const again = await createLoaders(database).account.load(accountId);
    if (again?.revision !== account.revision) continue;
    return {
      account,
      revision: account.revision,
      loaders,
      entriesSince: async (revision) => ({
        entries: await loaders.auditPage.load({
          accountId,
          after: revision,
          before: account.revision + 1,
          limit: ENTRIES_SHOWN,
        }),
        skipped: Math.max(0, account.revision - revision - ENTRIES_SHOWN),
      }),
    };
  }
}
