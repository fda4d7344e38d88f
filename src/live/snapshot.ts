import { Account } from '../accounts/account.entity.js';
import type { Database } from '../database/database.js';
import { createLoaders, type Loaders } from '../graphql/loaders.js';
import { type AuditEntry, readHashAt } from '../history/audit.js';
import { markOf, type Stand } from './cursor.js';

/** One account at one revision, loaded once and shared by every socket that watches it. Never changed. */
export interface AccountSnapshot {
  account: Account;
  revision: number;
  /** Of its history up to here. */
  mark: string;
  /** When it came to this revision, in billing time. */
  at: number;
  loaders: Loaders;
  /** Whether the account has stood there: false for what was seen of another account, or of another database. */
  hasPassed(stand: Stand): Promise<boolean>;
  /** What happened after that revision, newest first, at most 20, and how many more there are. */
  entriesSince(revision: number): Promise<{ entries: AuditEntry[]; skipped: number }>;
}

interface Standing {
  revision: number | string;
  /** Of its newest step; null before the first. */
  hash: string | null;
  at: number | string | null;
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
    const [again] = await database.read.rows<Standing>(
      'SELECT a.revision, h.hash, h.at FROM accounts a LEFT JOIN audit h ON h.account_id = a.id AND h.revision = a.revision WHERE a.id = ?',
      [accountId],
    );
    if (!again || Number(again.revision) !== account.revision) continue;
    const mark = markOf(accountId, again.hash);
    return {
      account,
      revision: account.revision,
      mark,
      at: again.at === null ? account.createdAt : Number(again.at),
      loaders,
      async hasPassed({ revision, mark: held }) {
        if (revision >= account.revision) return revision === account.revision && held === mark;
        return held === markOf(accountId, await readHashAt(database.read, accountId, revision));
      },
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
