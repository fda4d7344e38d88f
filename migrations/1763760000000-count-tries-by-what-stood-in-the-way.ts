import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

function columns(runner: QueryRunner) {
  const { text, integer } = columnsOf(runner);
  const nullable = { isNullable: true } as const;
  return {
    stripe_events: [text('tries', nullable), integer('late_by', nullable)],
    subjects: [integer('newest_created', nullable)],
  };
}

export class CountTriesByWhatStoodInTheWay1763760000000 implements MigrationInterface {
  name = 'CountTriesByWhatStoodInTheWay1763760000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner))) await addColumns(runner, table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner)))
      await dropColumns(
        runner,
        table,
        added.map(({ name }) => name),
      );
  }
}
