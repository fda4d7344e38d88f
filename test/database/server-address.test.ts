import { openDatabase } from '../../src/database/open-database.js';
import { explainRefusal, parseServerUrl } from '../../src/database/server-address.js';
import { databasePorts } from '../support/database.js';
import { createServer, type AddressInfo } from 'node:net';

describe('the address of a database server', () => {
  it.each([
    [
      'mariadb://root@127.0.0.1:3306/billing',
      { host: '127.0.0.1', port: 3306, user: 'root', password: '', database: 'billing' },
    ],
    ['mysql://a:p%40ss%2Fword@db.example.com/billing', { host: 'db.example.com', port: 3306, password: 'p@ss/word' }],
    ['mysql://a@[::1]:3307/b', { host: '::1', port: 3307, database: 'b' }],
    ['mysql://a@localhost/b?socketPath=/run/db.sock', { socketPath: '/run/db.sock', ssl: false }],
    ['mysql://a@db/b?ssl=true', { ssl: true }],
  ])('%s is read', (url, parts) => {
    expect(parseServerUrl(url)).toMatchObject(parts);
  });

  it.each([
    ['mysql://a@db', 'names no database'],
    ['mysql://a@db/b?sslmode=on', 'has the option sslmode'],
  ])('%s is refused because it %s', (url, reason) => {
    expect(() => parseServerUrl(url)).toThrow(reason);
  });
});

describe('a server that cannot be used', () => {
  const address = parseServerUrl('mariadb://shop:s3cret@db.example.com/billing');

  it.each([
    ['ER_ACCESS_DENIED_ERROR', "refused the user 'shop'", 'percent-encoded'],
    ['ER_DBACCESS_DENIED_ERROR', "may not use the database 'billing'", 'Grant SELECT'],
    ['ER_BAD_DB_ERROR', "has no database 'billing'", 'CREATE DATABASE'],
    ['ER_CON_COUNT_ERROR', 'has no connection left', 'max_connections'],
    ['ECONNREFUSED', 'No database server answers at db.example.com:3306', 'correct DATABASE_URL'],
  ])('says at %s what was found and what to do, and never the password', (code, found, advice) => {
    const error = explainRefusal(address, Object.assign(new Error('driver'), { code }));

    expect(error.message).toContain(found);
    expect(error.message).toContain(advice);
    expect(error.message).not.toContain('s3cret');
    expect(error.cause).toMatchObject({ code });
  });

  it('is told at the start when nobody listens there', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));

    await expect(openDatabase(`mariadb://root@127.0.0.1:${port}/billing`, databasePorts)).rejects.toThrow(
      `No database server answers at 127.0.0.1:${port} (ECONNREFUSED). Start it, or correct DATABASE_URL.`,
    );
  });

  it('is told at the start when it accepts and says nothing', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;

    await expect(openDatabase(`mysql://root@127.0.0.1:${port}/billing`, databasePorts)).rejects.toThrow('(ETIMEDOUT)');
    await new Promise((resolve) => silent.close(resolve));
  });
});
