import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

const confirmAt = new TableIndex({ columnNames: ['confirm_at'] });

export class ConfirmApart1763810000000 implements MigrationInterface {
  name = 'ConfirmApart1763810000000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'subjects', [columnsOf(runner).integer('confirm_at', { isNullable: true })]);
    const table = await runner.getTable('subjects');
    if (!table?.indices.some(({ columnNames }) => columnNames.includes('confirm_at')))
      await runner.createIndex('subjects', confirmAt);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('subjects', confirmAt);
    await dropColumns(runner, 'subjects', ['confirm_at']);
  }
}
