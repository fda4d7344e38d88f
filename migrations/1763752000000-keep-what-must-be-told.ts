import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsOf, createTables, dropTables } from './tables.js';

const nullable = { isNullable: true } as const;

function shapes(runner: QueryRunner) {
  const { id, text, longText, integer } = columnsOf(runner);
  const key = id('id', { isPrimary: true });
  return [
    {
      name: 'outbox',
      columns: [
        key,
        id('kind'),
        id('account_id'),
        longText('about'),
        id('state'),
        integer('attempts'),
        integer('fence'),
        id('lease_owner', nullable),
        integer('lease_until', nullable),
        integer('due_at', nullable),
        integer('created_at'),
        integer('finished_at', nullable),
        text('error', nullable),
      ],
      indexes: [['due_at'], ['account_id'], ['created_at']],
    },
    {
      name: 'mailbox',
      columns: [
        key,
        id('mail_id'),
        text('recipient'),
        text('subject'),
        longText('text'),
        longText('html'),
        integer('received_at'),
      ],
      indexes: [['mail_id'], ['received_at']],
    },
  ];
}

export class KeepWhatMustBeTold1763752000000 implements MigrationInterface {
  name = 'KeepWhatMustBeTold1763752000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, shapes(runner));
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(
      runner,
      shapes(runner).map(({ name }) => name),
    );
  }
}
