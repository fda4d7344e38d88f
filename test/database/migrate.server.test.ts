import { loadConfig } from '../../src/config.js';
import { createGateway } from '../../src/gateway.js';
import type { Ports } from '../../src/ports.js';
import { openDatabase } from '../../src/database/open-database.js';
import { MIGRATION, sessionStatements } from '../../src/database/server-pool.js';
import { createFreshDatabase, databasePorts, openFreshDatabase } from '../support/database.js';
import { startProxy } from '../support/proxy.js';
import { createRecordedLog } from '../support/recorded-log.js';
import { readServerSchema } from './read-schema.js';

describe('a migration of a server', () => {
  it.each([
    ['CREATE TABLE `migrations`', 'before anything is noted'],
    ['CREATE TABLE `accounts`', 'at the first table'],
    ['CREATE TABLE `invoices`', 'in the midst of the tables'],
    ['CREATE TABLE `webhook_endpoints`', 'at the last table of the first migration'],
    ['INSERT INTO `migrations`', 'when all is made and it is being noted'],
    ['ALTER TABLE `accounts` ADD', 'while columns are added'],
  ])('whose process dies at %s, %s, is finished by the next run', async (statement) => {
    const whole = await openFreshDatabase();
    const fresh = await createFreshDatabase();
    const url = new URL(fresh.url);
    const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const dying = await openDatabase(url.toString(), databasePorts);
    // TypeORM writes the database's name before the table's in some statements.
    const texts = [statement, statement.replace('`', `\`${url.pathname.slice(1)}\`.\``)];
    const count = proxy.loseAnswersTo(texts, 1);
    await expect(dying.migrate()).rejects.toThrow();
    expect(count()).toBe(1);
    await dying.close();
    await proxy.close();

    const database = await openDatabase(fresh.url, databasePorts);
    await database.migrate();
    expect(await readServerSchema(database.read)).toEqual(await readServerSchema(whole.database.read));
    expect(await database.pendingMigrations()).toEqual([]);
    await database.close();
    await fresh.drop();
    await whole.close();
  });

  it('waits five times a second for a table that a transaction uses, gives up, and is repeated safely', async () => {
    const opened = await openFreshDatabase();
    let slept = 0;
    const timers = {
      ...databasePorts.timers,
      sleep: (ms: number) => databasePorts.timers.sleep(ms).finally(() => (slept += 1)),
    };
    const database = await openDatabase(opened.url, { ...databasePorts, timers });
    await database.run('ALTER TABLE accounts DROP COLUMN phone');
    await database.run("DELETE FROM migrations WHERE name LIKE 'KeepPaymentMethods%'");
    await database.transaction(async ({ rows }) => {
      await rows('SELECT * FROM accounts');
      await expect(database.migrate()).rejects.toThrow(/Lock wait timeout/);
    });
    expect(slept).toBe(4);
    expect(sessionStatements('mariadb', MIGRATION).join()).toMatch(/ lock_wait_timeout = 1$/);

    expect(await database.migrate()).toEqual(['KeepPaymentMethodsAndBillingDetails1763710000000']);
    expect(await database.read.rows('SELECT phone FROM accounts')).toEqual([]);
    await database.close();
    await opened.close();
  });
});

describe('a gateway in production', () => {
  it('refuses a schema that lacks a migration, names it and says what to do', async () => {
    const fresh = await createFreshDatabase();
    const database = await openDatabase(fresh.url, databasePorts);
    const config = { ...loadConfig({ NODE_ENV: 'test', DATABASE_URL: fresh.url }), production: true };
    const ports = { ...databasePorts, database, log: createRecordedLog() } as unknown as Ports;

    await expect(createGateway(config, ports, { port: 0 })).rejects.toThrow(
      /lacks \d+ migration\(s\): CreateTheFirstTables1763700000000.*Run `npx billing migrate` first/,
    );
    expect(await readServerSchema(database.read)).toEqual({});
    await database.close();
    await fresh.drop();
  });
});
