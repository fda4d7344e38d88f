import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

function columns(runner: QueryRunner) {
  const { id, longText, integer } = columnsOf(runner);
  const nullable = { isNullable: true } as const;
  return {
    invoices: [
      id('payment_method_id', nullable),
      longText('payment_attempts', nullable),
      id('payment_action', nullable),
    ],
    subscriptions: [
      integer('last_payment_at', nullable),
      integer('last_payment_amount', nullable),
      integer('last_payment_attempt_at', nullable),
    ],
  };
}

const PAID = `FROM invoices WHERE invoices.subscription_id = subscriptions.id AND invoices.status = 'PAID' AND invoices.amount_paid > 0`;

export class KeepHowInvoicesWerePaid1763770000000 implements MigrationInterface {
  name = 'KeepHowInvoicesWerePaid1763770000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner))) await addColumns(runner, table, added);
    await runner.query(
      `UPDATE subscriptions SET last_payment_at = (SELECT MAX(invoices.paid_at) ${PAID}) WHERE last_payment_at IS NULL`,
    );
    await runner.query(
      `UPDATE subscriptions SET last_payment_attempt_at = last_payment_at,
       last_payment_amount = (SELECT MAX(invoices.amount_paid) ${PAID} AND invoices.paid_at = subscriptions.last_payment_at)
       WHERE last_payment_amount IS NULL AND last_payment_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner))) {
      const names = added.map(({ name }) => name);
      await dropColumns(runner, table, names);
    }
  }
}
