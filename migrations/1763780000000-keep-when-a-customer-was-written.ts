import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

export class KeepWhenACustomerWasWritten1763780000000 implements MigrationInterface {
  name = 'KeepWhenACustomerWasWritten1763780000000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'subjects', [columnsOf(runner).integer('written_at', { isNullable: true })]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumns(runner, 'subjects', ['written_at']);
  }
}
