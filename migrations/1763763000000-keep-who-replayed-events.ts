import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTables, dropTables, type TableShape } from './tables.js';

function eventActions(runner: QueryRunner): TableShape {
  const { id, text, externalId, integer } = columnsOf(runner);
  return {
    name: 'event_actions',
    columns: [
      id('id', { isPrimary: true }),
      id('event_id'),
      id('action'),
      externalId('actor'),
      text('reason', { isNullable: true }),
      integer('at'),
    ],
    indexes: [['event_id']],
  };
}

export class KeepWhoReplayedEvents1763763000000 implements MigrationInterface {
  name = 'KeepWhoReplayedEvents1763763000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, [eventActions(runner)]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, ['event_actions']);
  }
}
