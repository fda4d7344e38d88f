import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, createTables, dropColumns, dropTables } from './tables.js';

const nullable = { isNullable: true } as const;

function shapes(runner: QueryRunner) {
  const { id, text, longText, integer, boolean } = columnsOf(runner);
  const key = id('id', { isPrimary: true });
  return {
    tables: [
      {
        name: 'add_ons',
        columns: [
          key,
          id('key'),
          id('product_id'),
          text('name'),
          text('description', nullable),
          boolean('archived'),
          longText('for_plans', nullable),
          longText('features'),
          longText('metadata'),
        ],
        indexes: [['key'], ['product_id']],
      },
      {
        name: 'catalogue_problems',
        columns: [
          key,
          id('product_id'),
          id('object_id'),
          text('field', nullable),
          text('reason'),
          text('remedy'),
          boolean('warning'),
          integer('found_at'),
        ],
        indexes: [['product_id']],
      },
    ],
    columns: {
      prices: [
        id('add_on_key', nullable),
        id('found_by', nullable),
        longText('tiers', nullable),
        longText('currency_options', nullable),
      ],
      checkout_sessions: [id('ui', nullable)],
    },
  };
}

export class KeepAllOfAPrice1763730000000 implements MigrationInterface {
  name = 'KeepAllOfAPrice1763730000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner);
    await createTables(runner, tables);
    for (const [table, added] of Object.entries(columns)) await addColumns(runner, table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner);
    for (const [table, added] of Object.entries(columns)) {
      const names = added.map(({ name }) => name);
      await dropColumns(runner, table, names);
    }
    await dropTables(
      runner,
      tables.map(({ name }) => name),
    );
  }
}
