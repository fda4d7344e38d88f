import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { confirm } from './confirm.js';
import { CommandFailed, exitCodes } from './exit.js';

/** Where the embedded database keeps its file; undefined for a database server. */
export function embeddedFile(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith('file:') ? resolve(databaseUrl.slice('file:'.length)) : undefined;
}

/** Where the sandbox that the gateway starts keeps its state: beside the embedded database. */
export function sandboxStateFile(databaseUrl: string): string {
  return join(dirname(embeddedFile(databaseUrl) ?? resolve('data', 'billing.db')), 'sandbox.db');
}

/**
 * Deletes the embedded database and the sandbox's state after asking. Throws when the answer is no, and when nobody can
 * be asked and `confirmed` is false.
 */
export async function resetData(databaseUrl: string, confirmed: boolean, terminal = process.stdin): Promise<void> {
  const database = embeddedFile(databaseUrl);
  if (database === undefined) {
    throw new CommandFailed(
      '--reset deletes the embedded database only, and DATABASE_URL names a server.',
      exitCodes.usage,
    );
  }
  const files = [database, sandboxStateFile(databaseUrl)].flatMap(filesOf);
  if (files.length === 0) return;
  if (!confirmed) {
    const list = files.map((file) => `  ${file}\n`).join('');
    const text = `This deletes all billing data of this folder:\n${list}Delete?`;
    await confirm({ text, asker: '--reset', refused: 'Nothing was deleted.' }, terminal);
  }
  for (const file of files) rmSync(file);
  process.stdout.write(`Deleted ${files.length} files in ${dirname(database)}.\n`);
}

/** A SQLite file with its write-ahead log. */
function filesOf(file: string): string[] {
  if (!existsSync(dirname(file))) return [];
  const names = ['', '-wal', '-shm', '-journal'].map((end) => basename(file) + end);
  return readdirSync(dirname(file))
    .filter((name) => names.includes(name))
    .map((name) => join(dirname(file), name));
}
