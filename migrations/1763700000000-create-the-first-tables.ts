import {
  type MigrationInterface,
  type QueryRunner,
  Table,
  TableIndex,
  TableUnique,
  type TableColumnOptions,
} from 'typeorm';
import { mysql, sqlite } from '../src/database/dialect.js';

interface Shape {
  name: string;
  columns: TableColumnOptions[];
  unique?: string[][];
  indexes?: string[][];
}

const nullable = { isNullable: true } as const;

function shapes(type: string): Shape[] {
  const { id, externalId, text, longText, bytes, integer, boolean } = (type === 'better-sqlite3' ? sqlite : mysql)
    .column;
  const key = (name = 'id') => id(name, { isPrimary: true });
  return [
    {
      name: 'accounts',
      columns: [
        key(),
        externalId('external_id'),
        text('name', nullable),
        text('email', nullable),
        id('currency', nullable),
        integer('revision'),
        id('plan_key'),
        text('announced_access', nullable),
        integer('created_at'),
        integer('synced_at', nullable),
      ],
      unique: [['external_id']],
    },
    {
      name: 'stripe_customers',
      columns: [key(), id('account_id', nullable), id('live_for', nullable), integer('deleted_at', nullable)],
      unique: [['live_for']],
      indexes: [['account_id']],
    },
    {
      name: 'catalogue',
      columns: [key(), integer('revision'), integer('synced_at', nullable)],
    },
    {
      name: 'plans',
      columns: [
        key(),
        id('key'),
        id('product_id', nullable),
        text('name'),
        text('description', nullable),
        integer('rank'),
        text('highlights'),
        boolean('free'),
        boolean('archived'),
        externalId('region', nullable),
        externalId('tenancy', nullable),
        text('features'),
        text('metadata'),
      ],
      unique: [['key']],
      indexes: [['product_id']],
    },
    {
      name: 'prices',
      columns: [
        key(),
        id('product_id'),
        id('plan_key', nullable),
        externalId('lookup_key', nullable),
        boolean('active'),
        id('interval'),
        integer('interval_count'),
        id('model'),
        id('currency'),
        integer('unit_amount', nullable),
        id('unit_decimal', nullable),
        boolean('tax_inclusive', nullable),
        integer('created_at'),
      ],
      indexes: [['product_id'], ['plan_key']],
    },
    {
      name: 'subscriptions',
      columns: [
        key(),
        id('customer_id'),
        id('account_id', nullable),
        id('status'),
        id('status_raw'),
        id('price_id'),
        id('plan_key', nullable),
        boolean('unmapped'),
        integer('seats'),
        id('currency'),
        integer('current_period_start', nullable),
        integer('current_period_end', nullable),
        integer('started_at'),
        integer('ended_at', nullable),
        integer('trial_start', nullable),
        integer('trial_end', nullable),
        integer('cancel_at', nullable),
        boolean('cancel_at_period_end'),
        integer('canceled_at', nullable),
        id('cancellation_reason', nullable),
        id('cancellation_feedback', nullable),
        text('cancellation_comment', nullable),
        id('latest_invoice_id', nullable),
        id('collection'),
        integer('created_at'),
        integer('synced_at'),
        integer('revision'),
      ],
      indexes: [['customer_id'], ['account_id', 'created_at'], ['price_id']],
    },
    {
      name: 'subscription_items',
      columns: [key(), id('subscription_id'), id('price_id'), integer('quantity', nullable)],
      indexes: [['subscription_id']],
    },
    {
      name: 'invoices',
      columns: [
        key(),
        id('customer_id'),
        id('account_id', nullable),
        id('subscription_id', nullable),
        externalId('number', nullable),
        id('status'),
        id('status_raw'),
        id('reason'),
        id('currency'),
        integer('subtotal'),
        integer('discount'),
        integer('tax', nullable),
        integer('total'),
        integer('amount_paid'),
        integer('amount_due'),
        integer('created_at'),
        integer('due_at', nullable),
        integer('finalized_at', nullable),
        integer('paid_at', nullable),
        integer('attempt_count'),
        integer('next_attempt_at', nullable),
        integer('period_start', nullable),
        integer('period_end', nullable),
        text('hosted_url', nullable),
        text('pdf_url', nullable),
        longText('lines'),
        integer('revision'),
      ],
      indexes: [['customer_id'], ['account_id', 'created_at', 'id'], ['subscription_id']],
    },
    {
      name: 'checkout_sessions',
      columns: [
        key(),
        id('customer_id', nullable),
        id('account_id', nullable),
        id('status'),
        id('status_raw'),
        id('mode'),
        text('url', nullable),
        id('price_id', nullable),
        integer('seats'),
        id('subscription_id', nullable),
        integer('created_at'),
        integer('expires_at'),
      ],
      indexes: [['customer_id'], ['account_id', 'status']],
    },
    {
      name: 'stripe_events',
      columns: [
        key(),
        id('type'),
        integer('created'),
        id('api_version', nullable),
        boolean('livemode'),
        id('subject'),
        id('request_key', nullable),
        bytes('body'),
        integer('received_at'),
        id('state'),
        integer('attempts', { default: 0 }),
        integer('pending_at', nullable),
        integer('finished_at', nullable),
        text('error', nullable),
      ],
      indexes: [['pending_at'], ['subject', 'pending_at'], ['type', 'received_at'], ['state', 'received_at']],
    },
    {
      name: 'subjects',
      columns: [
        key('subject'),
        integer('asked'),
        integer('answered'),
        integer('fence'),
        id('lease_owner', nullable),
        integer('lease_until', nullable),
        integer('due_at', nullable),
        integer('wake_at', nullable),
        integer('attempts', { default: 0 }),
        integer('confirmed_at', nullable),
      ],
      indexes: [['due_at'], ['wake_at']],
    },
    {
      name: 'intents',
      columns: [
        key(),
        id('account_id'),
        id('verb'),
        externalId('client_key', nullable),
        id('arguments_hash'),
        id('stripe_key'),
        id('state'),
        id('open_for', nullable),
        integer('step'),
        longText('data'),
        longText('outcome', nullable),
        externalId('actor'),
        integer('attempts', { default: 0 }),
        integer('created_at'),
        integer('due_at', nullable),
        integer('finished_at', nullable),
        id('audit_id', nullable),
      ],
      unique: [['open_for'], ['stripe_key'], ['account_id', 'client_key']],
      indexes: [['due_at'], ['account_id', 'audit_id']],
    },
    {
      name: 'audit',
      columns: [
        key(),
        id('account_id'),
        integer('revision'),
        integer('at'),
        externalId('actor'),
        longText('causes'),
        longText('changes'),
        id('previous_hash', nullable),
        id('hash'),
      ],
      unique: [['account_id', 'revision']],
    },
    {
      name: 'webhook_endpoints',
      columns: [key(), text('url'), text('secret'), integer('created_at')],
    },
  ];
}

export class CreateTheFirstTables1763700000000 implements MigrationInterface {
  name = 'CreateTheFirstTables1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const { name, columns, unique = [], indexes = [] } of shapes(runner.connection.options.type)) {
      const table = new Table({
        name,
        columns,
        uniques: unique.map(
          (columnNames) => new TableUnique({ name: `${name}_${columnNames.join('_')}_key`, columnNames }),
        ),
        indices: indexes.map(
          (columnNames) => new TableIndex({ name: `${name}_${columnNames.join('_')}_index`, columnNames }),
        ),
      });
      await runner.createTable(table, true);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of shapes(runner.connection.options.type).reverse()) await runner.dropTable(name, true);
  }
}
