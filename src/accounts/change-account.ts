import type { Database, Transaction } from '../database/database.js';
import { appendAudit } from '../history/audit.js';
import { type Change, changeOf } from '../history/change.js';
import { Account } from './account.entity.js';

/** What the gateway may write of an account by itself: what no customer at Stripe holds. */
export type OwnDetails = Partial<
  Pick<Account, 'name' | 'email' | 'phone' | 'locale' | 'address' | 'currency' | 'timeZone' | 'metadata'>
>;

export interface OwnChange {
  accountId: string;
  actor: string;
  verb: string;
  details: OwnDetails;
  /** What the verb has changed at Stripe, to be told in the same entry. */
  besides?: readonly Change[];
  /** Of the entry in the history. */
  auditId: string;
  /** Billing time. */
  at: number;
}

/**
 * Writes details with their entry in the history, in one transaction that locks the account. Answers the new revision;
 * null when nothing differs and nothing was changed besides.
 */
export async function changeAccount(
  transaction: Transaction,
  { dialect }: Pick<Database, 'dialect'>,
  { accountId, actor, verb, details, besides = [], auditId, at }: OwnChange,
): Promise<number | null> {
  await transaction.rows(`SELECT id FROM accounts WHERE id = ?${dialect.forUpdate}`, [accountId]);
  const before = await transaction.manager.findOneByOrFail(Account, { id: accountId });
  const change = changeOf('account', accountId, before, details);
  const changes = [...(change ? [change] : []), ...besides];
  if (changes.length === 0) return null;
  const revision = before.revision + 1;
  await transaction.manager.update(Account, { id: accountId }, { ...details, revision } as object);
  const causes = [{ kind: 'call' as const, id: auditId, name: verb }];
  await appendAudit(transaction, { id: auditId, accountId, revision, at, actor, causes, changes });
  return revision;
}
