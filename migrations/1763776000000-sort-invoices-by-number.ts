import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';
import { replaceIndex } from './tables.js';

const byId = new TableIndex({ columnNames: ['account_id', 'created_at', 'id'] });
const byNumber = new TableIndex({ columnNames: ['account_id', 'created_at', 'number', 'id'] });

export class SortInvoicesByNumber1763776000000 implements MigrationInterface {
  name = 'SortInvoicesByNumber1763776000000';

  up(runner: QueryRunner): Promise<void> {
    return replaceIndex(runner, 'invoices', byId, byNumber);
  }

  down(runner: QueryRunner): Promise<void> {
    return replaceIndex(runner, 'invoices', byNumber, byId);
  }
}
