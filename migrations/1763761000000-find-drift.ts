import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { addColumns, columnsOf, createTables, dropColumns, dropTables, type TableShape } from './tables.js';

const nullable = { isNullable: true } as const;

function drifts(runner: QueryRunner): TableShape {
  const { id, longText, integer } = columnsOf(runner);
  return {
    name: 'drifts',
    columns: [
      id('id', { isPrimary: true }),
      id('subject'),
      id('account_id', nullable),
      id('object'),
      id('object_id'),
      longText('before', nullable),
      longText('after', nullable),
      id('cause'),
      integer('detected_at'),
      integer('confirmed_at', nullable),
    ],
    indexes: [['confirmed_at', 'detected_at']],
  };
}

const lookedAt = new TableIndex({ columnNames: ['looked_at'] });

export class FindDrift1763761000000 implements MigrationInterface {
  name = 'FindDrift1763761000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, [drifts(runner)]);
    await addColumns(runner, 'subjects', [columnsOf(runner).integer('looked_at', nullable)]);
    const table = await runner.getTable('subjects');
    if (!table?.indices.some(({ columnNames }) => columnNames.includes('looked_at')))
      await runner.createIndex('subjects', lookedAt);
    await runner.query(
      `UPDATE subjects SET looked_at = 0 WHERE looked_at IS NULL AND (subject LIKE 'catalogue:%'
       OR subject IN (SELECT id FROM stripe_customers WHERE account_id IS NOT NULL AND deleted_at IS NULL))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('subjects', lookedAt);
    await dropColumns(runner, 'subjects', ['looked_at']);
    await dropTables(runner, ['drifts']);
  }
}
