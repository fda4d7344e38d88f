import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

function columns(runner: QueryRunner) {
  const { id, longText, integer } = columnsOf(runner);
  const nullable = { isNullable: true } as const;
  return {
    accounts: [
      integer('credit', { default: 0 }),
      id('tax_exempt', nullable),
      id('tax_location', nullable),
      longText('discounts', nullable),
    ],
    subscriptions: [longText('discounts', nullable)],
  };
}

export class KeepDiscountsAndCredit1763751000000 implements MigrationInterface {
  name = 'KeepDiscountsAndCredit1763751000000';

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
