import mysql from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { Timers } from '../ports.js';
import { entities } from './entities.js';
import { SnakeCaseNames } from './names.js';
import { explainRefusal, type ServerAddress } from './server-address.js';
import { IDLE_MS, poolDriver, type PoolLimits, RUN_TIME, type ServerKind } from './server-pool.js';

export const POOL_SIZE = 10;
/** A connection keeps the statements it has prepared, and the server counts them over all clients. */
const PREPARED_PER_CONNECTION = 128;

const reach = ({ host, port, socketPath, user, password, database, ssl }: ServerAddress) => ({
  ...(socketPath ? { socketPath } : { host, port }),
  user,
  password,
  database,
  ...(ssl ? { ssl: {} } : {}),
});

/** Asks the server what it is: many write `mysql://` for a MariaDB. Throws an explained BillingError when it cannot be used. */
export async function askServerKind(address: ServerAddress, connectMs = RUN_TIME.connectMs): Promise<ServerKind> {
  try {
    const connection = await mysql.createConnection({ ...reach(address), connectTimeout: connectMs });
    try {
      const [rows] = await connection.query({ sql: 'SELECT VERSION() AS version', timeout: connectMs });
      const [row] = rows as { version: string }[];
      return /mariadb/i.test(String(row?.version)) ? 'mariadb' : 'mysql';
    } finally {
      connection.destroy();
    }
  } catch (thrown) {
    throw explainRefusal(address, thrown);
  }
}

/** TypeORM's view of a server, with the entities and migrations of this version; not yet connected. */
export function serverSource(
  address: ServerAddress,
  kind: ServerKind,
  { limits, connections, timers }: { limits: PoolLimits; connections: number; timers: Timers },
): DataSource {
  const { user, ...rest } = reach(address);
  return new DataSource({
    ...rest,
    // With `mysql` TypeORM never finishes comparing a MariaDB's schema with the entities.
    type: kind,
    username: user,
    driver: poolDriver(kind, limits, timers),
    entities,
    migrations,
    namingStrategy: new SnakeCaseNames(),
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    supportBigNumbers: true,
    bigNumberStrings: false,
    connectTimeout: limits.connectMs,
    invalidWhereValuesBehavior: { null: 'sql-null', undefined: 'throw' },
    extra: {
      connectionLimit: connections,
      maxIdle: connections - 1,
      idleTimeout: IDLE_MS,
      maxPreparedStatements: PREPARED_PER_CONNECTION,
    },
  });
}
