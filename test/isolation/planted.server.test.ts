import { createChance } from '../simulation/chance.js';
import { databasePorts } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { appendLists } from './append-lists.js';
import { findAnomalies } from './find-anomalies.js';

describe('the checker of histories, given one that a database has really played', () => {
  it('finds the updates that are lost where nothing is locked', async () => {
    const { database, close } = await openMigratedDatabase();
    const fixed = { chance: createChance(1), random: databasePorts.random };
    const history = await appendLists({ databases: [database], ...fixed, clients: 16, transactions: 300 });
    await close();

    expect(findAnomalies(history).map(({ kind }) => kind)).toContain('lost update');
  });
});
