import { createHash } from 'node:crypto';
import type { Database } from '../../src/database/database.js';

interface AuditRow {
  id: string;
  account_id: string;
  revision: number | string;
  at: number | string;
  actor: string;
  causes: string;
  changes: string;
  hash: string;
  previous_hash: string | null;
}

/**
 * Checks an account's audit from its first row to its last: one row for each revision, none left out, every hash over
 * the row and the hash before it. Answers the revisions; throws at the first row that does not fit.
 */
export async function verifyAudit({ read }: Pick<Database, 'read'>, accountId: string): Promise<number[]> {
  const rows = await read.rows<AuditRow>('SELECT * FROM audit WHERE account_id = ? ORDER BY revision', [accountId]);
  let previous: string | null = null;
  for (const [index, row] of rows.entries()) {
    const { id, account_id, actor, causes, changes } = row;
    const values = [id, account_id, Number(row.revision), Number(row.at), actor, causes, changes];
    const hash: string = createHash('sha256')
      .update(JSON.stringify([previous, ...values]))
      .digest('hex');
    if (Number(row.revision) !== index + 1) throw new Error(`Revision ${row.revision} stands in place ${index + 1}.`);
    if (row.previous_hash !== previous || row.hash !== hash) throw new Error(`The chain breaks at ${row.revision}.`);
    if ((JSON.parse(changes) as unknown[]).length === 0) throw new Error(`Revision ${row.revision} changes nothing.`);
    previous = row.hash;
  }
  return rows.map(({ revision }) => Number(revision));
}
