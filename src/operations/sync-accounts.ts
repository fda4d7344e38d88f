import type { Parts } from '../parts.js';
import { ask } from '../sync/queue.js';
import { subjectKey } from '../sync/subject.js';

export interface AccountsReport {
  /** Stripe customers that were looked at. */
  customers: number;
  /** Customers that were not looked at in time; the sync goes on with them by itself. */
  waiting: string[];
}

/**
 * Looks at Stripe for every linked customer, or for those of one account, one after the other through the sync.
 * The account is named by the product's own id.
 */
export async function syncAccounts(
  { database, sync }: Pick<Parts, 'database' | 'sync'>,
  externalId: string | undefined,
  onCustomer: (done: number) => void = () => {},
): Promise<AccountsReport> {
  const report: AccountsReport = { customers: 0, waiting: [] };
  for (const { id } of await linkedCustomers(database, externalId)) {
    const subject = subjectKey({ kind: 'customer', id });
    const now = await database.now();
    const asked = await database.transaction((transaction) => ask(transaction, database.dialect, subject, now));
    if (!(await sync.refreshNow(subject, asked))) report.waiting.push(id);
    report.customers += 1;
    onCustomer(report.customers);
  }
  return report;
}

function linkedCustomers({ read }: Parts['database'], externalId: string | undefined): Promise<{ id: string }[]> {
  return externalId === undefined
    ? read.rows('SELECT id FROM stripe_customers WHERE account_id IS NOT NULL AND deleted_at IS NULL ORDER BY id')
    : read.rows(
        `SELECT c.id FROM stripe_customers c JOIN accounts a ON a.id = c.account_id
         WHERE a.external_id = ? AND c.deleted_at IS NULL ORDER BY c.id`,
        [externalId],
      );
}
