import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, createTables, dropColumns, dropTables } from './tables.js';

const nullable = { isNullable: true } as const;

function shapes(runner: QueryRunner) {
  const { id, externalId, text, longText, integer } = columnsOf(runner);
  const key = id('id', { isPrimary: true });
  return {
    tables: [
      {
        name: 'payment_methods',
        columns: [
          key,
          id('customer_id'),
          id('account_id', nullable),
          id('kind'),
          id('kind_raw'),
          externalId('brand', nullable),
          id('last4', nullable),
          integer('exp_month', nullable),
          integer('exp_year', nullable),
          integer('created_at'),
        ],
        indexes: [['customer_id'], ['account_id', 'created_at', 'id']],
      },
      {
        name: 'tax_ids',
        columns: [
          key,
          id('customer_id'),
          id('account_id', nullable),
          id('type'),
          externalId('value'),
          id('verification'),
          id('verification_raw', nullable),
          integer('created_at'),
        ],
        indexes: [['customer_id'], ['account_id', 'created_at', 'id']],
      },
    ],
    columns: {
      accounts: [
        text('phone', nullable),
        id('locale', nullable),
        longText('address', nullable),
        id('default_payment_method_id', nullable),
      ],
      subscriptions: [id('default_payment_method_id', nullable)],
    },
  };
}

export class KeepPaymentMethodsAndBillingDetails1763710000000 implements MigrationInterface {
  name = 'KeepPaymentMethodsAndBillingDetails1763710000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner);
    await createTables(runner, tables);
    for (const [table, added] of Object.entries(columns)) await addColumns(runner, table, added);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner);
    for (const [table, added] of Object.entries(columns)) {
      await dropColumns(
        runner,
        table,
        added.map(({ name }) => name),
      );
    }
    await dropTables(
      runner,
      tables.map(({ name }) => name),
    );
  }
}
