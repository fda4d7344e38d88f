import { type MigrationInterface, type QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';
import { mysql, sqlite } from '../src/database/dialect.js';

const nullable = { isNullable: true } as const;

function shapes(type: string) {
  const { id, externalId, text, integer } = (type === 'better-sqlite3' ? sqlite : mysql).column;
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
        text('address', nullable),
        id('default_payment_method_id', nullable),
      ],
      subscriptions: [id('default_payment_method_id', nullable)],
    },
  };
}

export class KeepPaymentMethodsAndBillingDetails1763710000000 implements MigrationInterface {
  name = 'KeepPaymentMethodsAndBillingDetails1763710000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner.connection.options.type);
    for (const { name, columns, indexes } of tables) {
      const indices = indexes.map(
        (columnNames) => new TableIndex({ name: `${name}_${columnNames.join('_')}_index`, columnNames }),
      );
      await runner.createTable(new Table({ name, columns, indices }), true);
    }
    for (const [table, added] of Object.entries(columns)) {
      await runner.addColumns(
        table,
        added.map((column) => new TableColumn(column)),
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tables, columns } = shapes(runner.connection.options.type);
    for (const [table, added] of Object.entries(columns)) {
      await runner.dropColumns(
        table,
        added.map(({ name }) => name),
      );
    }
    for (const { name } of tables) await runner.dropTable(name, true);
  }
}
