import type { StateFile, StoredRow } from './state-file.js';
import { Shelf } from './shelf.js';
import type { TableName, Tables } from './tables.js';

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
    return this.shelf(table).get(id) as Tables[T] | undefined;
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
    return this.shelf(table).all() as Tables[T][];
  }

  count(table: TableName): number {
    return this.shelf(table).size;
  }

  /** Rows whose indexed field has the value, the longest so first. */
  where<T extends TableName>(table: T, index: string, value: string): Tables[T][] {
    return [...this.each(table, index, value)];
  }

  /** The same rows one by one, for those who stop early. */
  *each<T extends TableName>(table: T, index: string, value: string): Generator<Tables[T]> {
    const shelf = this.shelf(table);
    for (const id of shelf.idsOf(index, value)) yield shelf.get(id) as Tables[T];
  }

  /** How many rows have the value. */
  countWhere(table: TableName, index: string, value: string): number {
    return this.shelf(table).countWhere(index, value);
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
    return this.markedTransaction((takeBack) => {
      this.rehearsals += 1;
      try {
        return work();
      } finally {
        this.rehearsals -= 1;
        takeBack();
      }
    });
  }

  /** All of `work` or nothing of it, within a transaction that goes on. */
  attempt<R>(work: () => R): R {
    return this.markedTransaction((takeBack) => {
      try {
        return work();
      } catch (error) {
        takeBack();
        throw error;
      }
    });
  }

  private markedTransaction<R>(work: (takeBack: () => void) => R): R {
    return this.transaction(() => {
      const undo = this.undo ?? [];
      const mark = undo.length;
      return work(() => {
        for (const step of undo.splice(mark).reverse()) step();
      });
    });
  }

  /** Called after each commit that changed something. */
  onCommit(listener: () => void): void {
    this.committed.push(listener);
  }

  snapshotTo(file: StateFile): void {
    for (const [table, shelf] of this.shelves) file.write(this.written(table, shelf.ids()));
  }

  /** Removes every row. */
  clear(): void {
    for (const [table, shelf] of this.shelves) for (const id of shelf.ids()) this.remove(table, id);
  }

  private commit(): void {
    if (this.dirty.size === 0) return;
    this.file?.write([...this.dirty].flatMap(([table, ids]) => this.written(table, [...ids])));
    for (const listener of this.committed) listener();
  }

  /** Rows as the state file keeps them; without a body, those that are gone. */
  private written(table: TableName, ids: string[]): StoredRow[] {
    const shelf = this.shelf(table);
    return ids.map((id) => {
      const row = shelf.get(id);
      return { table, id, sequence: shelf.sequenceOf(id) ?? 0, body: row ? JSON.stringify(row) : null };
    });
  }

  private replace(table: TableName, id: string, row: { id: string } | undefined): void {
    if (!this.undo) throw new Error(`A row of ${table} was written outside of a transaction.`);
    const shelf = this.shelf(table);
    const before = shelf.get(id);
    const sequence = shelf.sequenceOf(id);
    if (row) this.place(table, row, sequence ?? this.lastSequence + 1);
    else shelf.take(id);
    let dirty = this.dirty.get(table);
    if (!dirty) this.dirty.set(table, (dirty = new Set()));
    dirty.add(id);
    this.undo.push(() => {
      if (!before) return shelf.take(id);
      shelf.putBack(before, sequence ?? 0);
      this.watchers.get(table)?.(before as never);
    });
  }

  private place(table: TableName, row: { id: string }, sequence: number): void {
    this.shelf(table).place(row, sequence);
    if (sequence > this.lastSequence) this.lastSequence = sequence;
  }

  private shelf(table: TableName): Shelf {
    let shelf = this.shelves.get(table);
    if (!shelf) this.shelves.set(table, (shelf = new Shelf(table)));
    return shelf;
  }
}

function keepsEffects(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'keepsEffects' in error && error.keepsEffects === true;
}
