import { openDatabase } from '../../src/database/open-database.js';
import { administer, createOnMariadb, databasePorts, type FreshDatabase } from '../support/database.js';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.js';
import { startWorld } from '../support/world.js';

describe('a user that may only read and write rows', () => {
  let server: MariadbServer;
  let fresh: FreshDatabase;
  let name: string;
  beforeAll(async () => {
    server = await startMariadb();
    fresh = await createOnMariadb(server.url);
    name = new URL(fresh.url).pathname.slice(1);
    const owner = await openDatabase(fresh.url, databasePorts);
    await owner.migrate();
    await owner.close();
    await administer(
      server.url,
      "CREATE USER billing IDENTIFIED BY 'p@ss/w:rd'",
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO billing`,
    );
  });
  afterAll(() => server.remove());

  const urlOf = (user: string, password: string, database = name) => {
    const url = new URL(server.url);
    Object.assign(url, { username: user, pathname: `/${database}` });
    return url.toString().replace('@', `:${encodeURIComponent(password)}@`);
  };

  it('is enough to run the whole gateway', async () => {
    const world = await startWorld({ DATABASE_URL: urlOf('billing', 'p@ss/w:rd') });
    const { data } = await world.as('acme').ask('{ viewer { account { plan { key } } } }');
    await world.stop();

    expect(data.viewer.account.plan.key).toBe('free');
  });

  it('can see that no migration is missing, and can change no table', async () => {
    const database = await openDatabase(urlOf('billing', 'p@ss/w:rd'), databasePorts);

    expect(await database.pendingMigrations()).toEqual([]);
    await expect(database.run('ALTER TABLE accounts ADD more INT')).rejects.toThrow(/denied/);
    await database.close();
  });

  it.each([
    ['a wrong password', () => urlOf('billing', 'wrong'), "refused the user 'billing'"],
    [
      'a database that is not granted',
      () => urlOf('billing', 'p@ss/w:rd', 'mysql'),
      "may not use the database 'mysql'",
    ],
    ['a database that does not exist', () => urlOf('root', '', 'nowhere'), "has no database 'nowhere'"],
  ])('is told about %s', async (_what, url, reason) => {
    await expect(openDatabase(url(), databasePorts)).rejects.toThrow(reason);
  });
});
