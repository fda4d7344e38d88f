import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTables, dropTables, type TableShape } from './tables.js';

function shapes(runner: QueryRunner): TableShape[] {
  const { id, externalId, integer } = columnsOf(runner);
  const whose = [id('id', { isPrimary: true }), id('account_id'), externalId('feature')];
  return [
    {
      name: 'usage_counters',
      columns: [...whose, integer('used'), integer('window_start')],
      indexes: [['account_id']],
    },
    {
      name: 'usage_records',
      columns: [...whose, id('client_key'), integer('quantity'), externalId('actor'), integer('at')],
    },
  ];
}

export class CountUsage1763775000000 implements MigrationInterface {
  name = 'CountUsage1763775000000';

  up(runner: QueryRunner): Promise<void> {
    return createTables(runner, shapes(runner));
  }

  down(runner: QueryRunner): Promise<void> {
    return dropTables(
      runner,
      shapes(runner).map(({ name }) => name),
    );
  }
}
