import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

export interface StoredRow {
  table: string;
  id: string;
  sequence: number;
  /** JSON, or null where the row is to be removed. */
  body: string | null;
}

/** How long a sandbox that ends may keep its file. */
const OLD_SANDBOX_MS = 10_000;

/** The file in which a sandbox keeps its rows. A commit is in the file before it is answered or delivered. */
export class StateFile {
  private readonly database: Database.Database;

  constructor(
    readonly path: string,
    waitMs = OLD_SANDBOX_MS,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.database = open(path, waitMs);
    this.database.exec(
      'CREATE TABLE IF NOT EXISTS rows (name TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID',
    );
  }

  load(): { table: string; id: string; sequence: number; body: string }[] {
    const rows = this.database.prepare('SELECT name, id, sequence, body FROM rows ORDER BY sequence').all() as {
      name: string;
      id: string;
      sequence: number;
      body: string;
    }[];
    return rows.map(({ name, ...row }) => ({ table: name, ...row }));
  }

  write(rows: StoredRow[]): void {
    const put = this.database.prepare('INSERT OR REPLACE INTO rows (name, id, sequence, body) VALUES (?, ?, ?, ?)');
    const remove = this.database.prepare('DELETE FROM rows WHERE name = ? AND id = ?');
    this.database.exec('BEGIN IMMEDIATE');
    try {
      for (const { table, id, sequence, body } of rows) {
        if (body === null) remove.run(table, id);
        else put.run(table, id, sequence, body);
      }
      this.database.exec('COMMIT');
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    // A closed connection lives on until its statements are collected, and would keep the file from this very process.
    this.database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT COUNT(*) FROM rows');
    this.database.close();
  }
}

/** For this process alone, until it ends: two sandboxes would give one id to two objects. */
function open(path: string, timeout: number): Database.Database {
  const database = new Database(path, { timeout });
  try {
    // Handed to the operating system at each commit: survives a killed process, without waiting for the disk.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    throw new Error(`Another sandbox works with ${path}. Stop that one, or keep this one's state in another file.`, {
      cause: error,
    });
  }
}
