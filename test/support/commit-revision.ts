import { appendAudit } from '../../src/history/audit.js';
import { ACCOUNT, type Bench } from './bench.js';

/** A new revision of the account, as a round commits it. */
export async function commitRevision(bench: Bench): Promise<number> {
  const revision = (await bench.revision()) + 1;
  await bench.database.transaction(async (transaction) => {
    await transaction.run('UPDATE accounts SET revision = ? WHERE id = ?', [revision, ACCOUNT]);
    const changes = [{ object: 'account' as const, id: ACCOUNT, before: {}, after: { name: `A${revision}` } }];
    const step = { id: `aud_${revision}`, accountId: ACCOUNT, revision, at: revision * 1_000 };
    await appendAudit(transaction, { ...step, actor: 'stripe', causes: [], changes });
  });
  return revision;
}
