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

/** The file in which a sandbox keeps its rows. A commit is in the file before it is answered or delivered. */
export class StateFile {
  private readonly database: Database.Database;

  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.database = new Database(path);
    // Handed to the operating system at each commit: survives a killed process, without waiting for the disk.
    this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
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
    this.database.close();
  }
}
