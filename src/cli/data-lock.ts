import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import libsql from 'libsql';
import type { Config } from '../config.js';
import { CommandFailed } from './exit.js';
import { cannotOpen } from './open-configured-database.js';
import { embeddedFile, sandboxStateFile } from './reset-data.js';

/**
 * Keeps a second gateway off the files of this one, and returns what lets them go. Each has a lock file beside it, which
 * the operating system frees when the process ends, however it ends. A database server's data is for any number of
 * gateways. Throws when another one holds them. Commands beside the gateway take no lock.
 */
export function lockData({ databaseUrl, stripe }: Pick<Config, 'databaseUrl' | 'stripe'>): () => void {
  const sandbox = stripe.startSandbox ? sandboxStateFile(databaseUrl) : undefined;
  const locks = [embeddedFile(databaseUrl), sandbox].flatMap((file) => (file === undefined ? [] : [lock(file)]));
  return () => locks.forEach((held) => held.close());
}

function lock(file: string): libsql.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new libsql(`${file}.lock`, { timeout: 0 });
    // The lock of this mode outlives the transaction, in which the process leaves its id for whoever is refused.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY');
    database.exec(`BEGIN EXCLUSIVE; PRAGMA user_version = ${process.pid}; COMMIT`);
    return database;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw cannotOpen(`${file}.lock`, error);
    throw new CommandFailed(
      `Another gateway${processNamed(`${file}.lock`)} runs with ${file}. Stop that one, or set DATABASE_URL to a file in another folder.`,
    );
  }
}

/** Where the header of a SQLite file holds `user_version`. */
const USER_VERSION_AT = 60;

/** The process that holds a lock, in words; nothing when it cannot be told. A locked file can still be read as bytes. */
function processNamed(lockFile: string): string {
  const header = readFileSync(lockFile).subarray(USER_VERSION_AT, USER_VERSION_AT + 4);
  const pid = header.length === 4 ? header.readUInt32BE() : 0;
  return pid === 0 ? '' : ` (process ${pid})`;
}
