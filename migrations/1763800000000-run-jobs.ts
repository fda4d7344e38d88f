import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTables, dropTables, type TableShape } from './tables.js';

const nullable = { isNullable: true } as const;

function jobs(runner: QueryRunner): TableShape {
  const { id, externalId, text, longText, integer, boolean } = columnsOf(runner);
  return {
    name: 'jobs',
    columns: [
      id('id', { isPrimary: true }),
      id('kind'),
      longText('input'),
      id('asked'),
      boolean('dry_run'),
      externalId('started_by'),
      text('reason', nullable),
      id('client_key', nullable),
      id('state'),
      integer('done'),
      integer('total', nullable),
      longText('kept', nullable),
      longText('log'),
      text('summary', nullable),
      text('error', nullable),
      externalId('cancel_asked_by', nullable),
      integer('takes'),
      integer('revision'),
      integer('created_at'),
      integer('started_at', nullable),
      integer('updated_at'),
      integer('finished_at', nullable),
    ],
    indexes: [['state', 'created_at'], ['client_key']],
  };
}

export class RunJobs1763800000000 implements MigrationInterface {
  name = 'RunJobs1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, [jobs(runner)]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, ['jobs']);
  }
}
