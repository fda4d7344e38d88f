import { BillingError } from '../errors.js';
import { isConflict, type RetryPorts, withRetry } from './retry.js';
import { nameOf, type ServerAddress } from './server-address.js';
import { MIGRATION, type ServerKind } from './server-pool.js';
import { serverSource } from './server-source.js';

const OTHER_MIGRATION_SECONDS = 30;

/**
 * Runs the missing migrations over a connection of their own, one process at a time. MySQL and MariaDB commit every change
 * of the schema by itself, so each migration must be able to run again after it was killed half-way.
 */
export async function migrateServer(
  address: ServerAddress,
  kind: ServerKind,
  ports: RetryPorts,
  connectMs = MIGRATION.connectMs,
): Promise<string[]> {
  const source = serverSource(address, kind, {
    limits: { ...MIGRATION, connectMs },
    connections: 2,
    timers: ports.timers,
  });
  await source.initialize();
  // The lock belongs to its connection, so it ends with this process, however that ends.
  const holder = source.createQueryRunner();
  try {
    const lock = `billing migrate ${address.database}`.slice(0, 64);
    const [row] = (await holder.query('SELECT GET_LOCK(?, ?) AS held', [lock, OTHER_MIGRATION_SECONDS])) as {
      held: number | string | null;
    }[];
    if (Number(row?.held) !== 1) throw migrationUnderWay(address);
    const done = await withRetry(ports, isConflict, () => source.runMigrations({ transaction: 'each' }));
    return done.map(({ name }) => name);
  } finally {
    await holder.release();
    await source.destroy();
  }
}

function migrationUnderWay(address: ServerAddress): BillingError {
  const hint = 'Wait until it has ended, then run `npx billing migrate` again.';
  return new BillingError(
    'INTERNAL',
    `Another process is migrating '${address.database}' at ${nameOf(address)}. ${hint}`,
    {
      hint,
      retryable: true,
    },
  );
}
