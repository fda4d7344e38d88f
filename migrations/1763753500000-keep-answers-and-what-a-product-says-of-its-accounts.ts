import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

function columns(runner: QueryRunner) {
  const { id, longText } = columnsOf(runner);
  const nullable = { isNullable: true } as const;
  return {
    accounts: [id('time_zone', nullable), longText('metadata', nullable)],
    intents: [longText('answer', nullable)],
  };
}

export class KeepAnswersAndWhatAProductSaysOfItsAccounts1763753500000 implements MigrationInterface {
  name = 'KeepAnswersAndWhatAProductSaysOfItsAccounts1763753500000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner))) await addColumns(runner, table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, added] of Object.entries(columns(runner))) {
      const names = added.map(({ name }) => name);
      await dropColumns(runner, table, names);
    }
  }
}
