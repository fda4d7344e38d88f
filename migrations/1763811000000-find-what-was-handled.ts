import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const indexes = {
  event_actions: new TableIndex({ columnNames: ['at', 'event_id'] }),
  stripe_events: new TableIndex({ columnNames: ['state', 'type', 'received_at'] }),
};

export class FindWhatWasHandled1763811000000 implements MigrationInterface {
  name = 'FindWhatWasHandled1763811000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, index] of Object.entries(indexes)) {
      const table = await runner.getTable(name);
      if (!table?.indices.some(({ columnNames }) => columnNames.join() === index.columnNames.join()))
        await runner.createIndex(name, index);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name, index] of Object.entries(indexes)) await runner.dropIndex(name, index);
  }
}
