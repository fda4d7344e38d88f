import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, createTables, dropColumns, dropTables } from './tables.js';

const nullable = { isNullable: true } as const;

function shapes(runner: QueryRunner) {
  const { id, text, longText, integer } = columnsOf(runner);
  return {
    tables: [{ name: 'secrets', columns: [id('id', { isPrimary: true }), text('value'), integer('created_at')] }],
    subscriptions: [
      id('billing_mode', nullable),
      longText('schedule', nullable),
      longText('pending_change', nullable),
      longText('pause', nullable),
      id('trial_end_behavior', nullable),
    ],
  };
}

export class KeepPendingChangesAndPauses1763720000000 implements MigrationInterface {
  name = 'KeepPendingChangesAndPauses1763720000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tables, subscriptions } = shapes(runner);
    await createTables(runner, tables);
    await addColumns(runner, 'subscriptions', subscriptions);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tables, subscriptions } = shapes(runner);
    await dropColumns(
      runner,
      'subscriptions',
      subscriptions.map(({ name }) => name),
    );
    await dropTables(
      runner,
      tables.map(({ name }) => name),
    );
  }
}
