import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, createTables, dropColumns, dropTables, type TableShape } from './tables.js';

const nullable = { isNullable: true } as const;

function upkeep(runner: QueryRunner): TableShape {
  const { id, longText, integer } = columnsOf(runner);
  return {
    name: 'upkeep',
    columns: [
      id('id', { isPrimary: true }),
      id('lease_owner', nullable),
      integer('lease_until', nullable),
      integer('fence'),
      integer('due_at'),
      longText('state', nullable),
      integer('finished_at', nullable),
    ],
  };
}

export class ReadTheListOfEvents1763753000000 implements MigrationInterface {
  name = 'ReadTheListOfEvents1763753000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, [upkeep(runner)]);
    await addColumns(runner, 'stripe_events', [columnsOf(runner).id('source', { default: "'delivery'" })]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropColumns(runner, 'stripe_events', ['source']);
    await dropTables(runner, ['upkeep']);
  }
}
