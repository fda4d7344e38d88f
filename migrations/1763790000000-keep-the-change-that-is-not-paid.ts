import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

export class KeepTheChangeThatIsNotPaid1763790000000 implements MigrationInterface {
  name = 'KeepTheChangeThatIsNotPaid1763790000000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'subscriptions', [columnsOf(runner).id('unpaid_change_id', { isNullable: true })]);
    await runner.query(
      `UPDATE subscriptions SET unpaid_change_id = latest_invoice_id WHERE latest_invoice_id IN
       (SELECT id FROM invoices WHERE status = 'OPEN' AND reason = 'SUBSCRIPTION_CHANGE' AND due_at IS NULL)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumns(runner, 'subscriptions', ['unpaid_change_id']);
  }
}
