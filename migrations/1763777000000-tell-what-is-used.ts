import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

export class TellWhatIsUsed1763777000000 implements MigrationInterface {
  name = 'TellWhatIsUsed1763777000000';

  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner, 'usage_counters', [columnsOf(runner).integer('revision', { default: 0 })]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumns(runner, 'usage_counters', ['revision']);
  }
}
