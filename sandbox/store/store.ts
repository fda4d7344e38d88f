import type { StateFile } from './state-file.js';
import { indexes, type TableName, type Tables } from './tables.js';

interface Shelf {
  rows: Map<string, { id: string }>;
  sequence: Map<string, number>;
  byIndex: Map<string, Map<string, Set<string>>>;
}

type Undo = () => void;

/**
 * Every row the sandbox knows, in memory, written through to the state file when a transaction commits.
 * Rows are never changed in place: `put` replaces them, so whoever holds a row holds what it was.
 */
export class Store {
  private readonly shelves = new Map<TableName, Shelf>();
  private lastSequence = 0;
  private rehearsals = 0;
  private undo: Undo[] | null = null;
  private readonly dirty = new Map<TableName, Set<string>>();
  private readonly committed: (() => void)[] = [];
  private readonly watchers = new Map<TableName, (row: never) => void>();

  constructor(private readonly file: StateFile | null) {
    if (!file) return;
    for (const { table, id, sequence, body } of file.load()) {
      this.place(table as TableName, JSON.parse(body) as { id: string }, sequence);
      if (!id) throw new Error(`The state file holds a row without an id in ${table}; start with an empty file.`);
    }
  }

  get<T extends TableName>(table: T, id: string): Tables[T] | undefined {
    return this.shelf(table).rows.get(id) as Tables[T] | undefined;
  }

  put<T extends TableName>(table: T, row: Tables[T]): void {
    this.replace(table, row.id, row);
    this.watchers.get(table)?.(row as never);
  }

  /** Called with each row that is put, or put back, in the table; the transaction may fail later. */
  onPut<T extends TableName>(table: T, watcher: (row: Tables[T]) => void): void {
    this.watchers.set(table, watcher);
  }

  remove(table: TableName, id: string): void {
    this.replace(table, id, undefined);
  }

  /** Rows in the order in which they were first put. */
  all<T extends TableName>(table: T): Tables[T][] {
    return [...this.shelf(table).rows.values()] as Tables[T][];
  }

  count(table: TableName): number {
    return this.shelf(table).rows.size;
  }

  /** Rows whose indexed field has the value, the longest so first. */
  where<T extends TableName>(table: T, index: string, value: string): Tables[T][] {
    const shelf = this.shelf(table);
    const ids = [...(shelf.byIndex.get(index)?.get(value) ?? [])];
    return ids.map((id) => shelf.rows.get(id) as Tables[T]);
  }

  /** The same rows one by one, for those who stop early. */
  *each<T extends TableName>(table: T, index: string, value: string): Generator<Tables[T]> {
    const shelf = this.shelf(table);
    for (const id of shelf.byIndex.get(index)?.get(value) ?? []) yield shelf.rows.get(id) as Tables[T];
  }

  /** How many rows have the value. */
  countWhere(table: TableName, index: string, value: string): number {
    return this.shelf(table).byIndex.get(index)?.get(value)?.size ?? 0;
  }

  /** All of `work` or nothing of it; nested calls join the outer one. */
  transaction<R>(work: () => R): R {
    if (this.undo) return work();
    this.undo = [];
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      if (keepsEffects(error)) this.commit();
      else for (const step of this.undo.reverse()) step();
      throw error;
    } finally {
      this.undo = null;
      this.dirty.clear();
    }
  }

  /** Whether what is done now will be taken back. */
  get rehearsing(): boolean {
    return this.rehearsals > 0;
  }

  /** Does `work`, takes its answer, and leaves everything as it was. */
  rehearse<R>(work: () => R): R {
    return this.transaction(() => {
      this.rehearsals += 1;
      const undo = this.undo ?? [];
      const mark = undo.length;
      try {
        return work();
      } finally {
        this.rehearsals -= 1;
        for (const step of undo.splice(mark).reverse()) step();
      }
    });
  }

  /** Called after each commit that changed something. */
  onCommit(listener: () => void): void {
    this.committed.push(listener);
  }

  snapshotTo(file: StateFile): void {
    for (const [table, shelf] of this.shelves) {
      file.write(
        [...shelf.rows].map(([id, row]) => ({
          table,
          id,
          sequence: shelf.sequence.get(id) ?? 0,
          body: JSON.stringify(row),
        })),
      );
    }
  }

  /** Removes every row. */
  clear(): void {
    for (const [table, shelf] of this.shelves) for (const id of [...shelf.rows.keys()]) this.remove(table, id);
  }

  private commit(): void {
    if (this.dirty.size === 0) return;
    if (this.file) {
      this.file.write(
        [...this.dirty].flatMap(([table, ids]) => {
          const { rows, sequence } = this.shelf(table);
          return [...ids].map((id) => {
            const row = rows.get(id);
            return { table, id, sequence: sequence.get(id) ?? 0, body: row ? JSON.stringify(row) : null };
          });
        }),
      );
    }
    for (const listener of this.committed) listener();
  }

  private replace(table: TableName, id: string, row: { id: string } | undefined): void {
    if (!this.undo) throw new Error(`A row of ${table} was written outside of a transaction.`);
    const shelf = this.shelf(table);
    const before = shelf.rows.get(id);
    const sequence = shelf.sequence.get(id);
    if (row) this.place(table, row, sequence ?? ++this.lastSequence);
    else this.take(table, id);
    let dirty = this.dirty.get(table);
    if (!dirty) this.dirty.set(table, (dirty = new Set()));
    dirty.add(id);
    this.undo.push(() => {
      if (!before) return this.take(table, id);
      this.place(table, before, sequence ?? 0);
      this.watchers.get(table)?.(before as never);
    });
  }

  private place(table: TableName, row: { id: string }, sequence: number): void {
    const shelf = this.shelf(table);
    const before = shelf.rows.get(row.id);
    shelf.rows.set(row.id, row);
    shelf.sequence.set(row.id, sequence);
    if (sequence > this.lastSequence) this.lastSequence = sequence;
    for (const [index, valueOf] of indexesOf(table)) {
      const value = valueOf(row);
      const old = before ? valueOf(before) : undefined;
      // Left where it is while the value stays, so that an entry keeps its place in the order.
      if (value === old) continue;
      if (old) this.unindex(shelf, index, old, row.id);
      if (!value) continue;
      const entries = shelf.byIndex.get(index) ?? new Map<string, Set<string>>();
      shelf.byIndex.set(index, entries);
      const ids = entries.get(value) ?? new Set();
      entries.set(value, ids);
      ids.add(row.id);
    }
  }

  private take(table: TableName, id: string): void {
    const shelf = this.shelf(table);
    const row = shelf.rows.get(id);
    if (!row) return;
    for (const [index, valueOf] of indexesOf(table)) {
      const value = valueOf(row);
      if (value) this.unindex(shelf, index, value, id);
    }
    shelf.rows.delete(id);
    shelf.sequence.delete(id);
  }

  private unindex(shelf: Shelf, index: string, value: string, id: string): void {
    const entries = shelf.byIndex.get(index);
    const ids = entries?.get(value);
    ids?.delete(id);
    if (ids?.size === 0) entries?.delete(value);
  }

  private shelf(table: TableName): Shelf {
    let shelf = this.shelves.get(table);
    if (!shelf) {
      shelf = { rows: new Map(), sequence: new Map(), byIndex: new Map() };
      this.shelves.set(table, shelf);
    }
    return shelf;
  }
}

type Entry = [string, (row: unknown) => string | null | undefined];

const entriesOf = new Map<TableName, Entry[]>(
  Object.entries(indexes).map(([table, byName]) => [table as TableName, Object.entries(byName) as Entry[]]),
);
const none: Entry[] = [];

function indexesOf(table: TableName): Entry[] {
  return entriesOf.get(table) ?? none;
}

function keepsEffects(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'keepsEffects' in error && error.keepsEffects === true;
}
