import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, columnsOf, dropColumns } from './tables.js';

const tables = ['plans', 'add_ons'];

export class KeepWhenAProductWasMade1763812000000 implements MigrationInterface {
  name = 'KeepWhenAProductWasMade1763812000000';

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsOf(runner).integer('product_created_at', { isNullable: true });
    for (const table of tables) await addColumns(runner, table, [column]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await dropColumns(runner, table, ['product_created_at']);
  }
}
