import { indexes, type TableName } from './tables.js';

interface Row {
  id: string;
}
type Index = [name: string, valueOf: (row: unknown) => string | null | undefined];

const indexesByTable = new Map<string, Index[]>(
  Object.entries(indexes).map(([table, byName]) => [table, Object.entries(byName) as Index[]]),
);
const none: Index[] = [];

/** The rows of one table in the order in which they were first put, and its indexes in the same order. */
export class Shelf {
  private readonly rows = new Map<string, Row>();
  private readonly sequence = new Map<string, number>();
  private readonly byIndex = new Map<string, Map<string, Set<string>>>();
  private readonly indexes: Index[];
  /** The rows, and entries of an index, that were put back behind others that came later. */
  private readonly shuffled = new WeakSet<object>();

  constructor(table: TableName) {
    this.indexes = indexesByTable.get(table) ?? none;
  }

  get size(): number {
    return this.rows.size;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  ids(): string[] {
    return [...this.rows.keys()];
  }

  sequenceOf(id: string): number | undefined {
    return this.sequence.get(id);
  }

  all(): Row[] {
    if (this.shuffled.delete(this.rows)) {
      const ordered = this.inOrder([...this.rows.keys()]).map((id) => [id, this.rows.get(id) as Row] as const);
      this.rows.clear();
      for (const [id, row] of ordered) this.rows.set(id, row);
    }
    return [...this.rows.values()];
  }

  idsOf(index: string, value: string): Iterable<string> {
    const ids = this.byIndex.get(index)?.get(value);
    if (ids && this.shuffled.delete(ids)) {
      const ordered = this.inOrder([...ids]);
      ids.clear();
      for (const id of ordered) ids.add(id);
    }
    return ids ?? [];
  }

  countWhere(index: string, value: string): number {
    return this.byIndex.get(index)?.get(value)?.size ?? 0;
  }

  /** Answers the entries of its indexes that the row was added to. */
  place(row: Row, sequence: number): object[] {
    const added: object[] = [];
    const before = this.rows.get(row.id);
    this.rows.set(row.id, row);
    this.sequence.set(row.id, sequence);
    for (const [index, valueOf] of this.indexes) {
      const value = valueOf(row);
      const old = before ? valueOf(before) : undefined;
      // Left where it is while the value stays, so that an entry keeps its place in the order.
      if (value === old) continue;
      if (old) this.unindex(index, old, row.id);
      if (!value) continue;
      const entries = this.byIndex.get(index) ?? new Map<string, Set<string>>();
      this.byIndex.set(index, entries);
      const ids = entries.get(value) ?? new Set();
      entries.set(value, ids);
      ids.add(row.id);
      added.push(ids);
    }
    return added;
  }

  /** The row as it was before a change that is taken back. */
  putBack(row: Row, sequence: number): void {
    if (!this.rows.has(row.id)) this.shuffled.add(this.rows);
    for (const ids of this.place(row, sequence)) this.shuffled.add(ids);
  }

  take(id: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    for (const [index, valueOf] of this.indexes) {
      const value = valueOf(row);
      if (value) this.unindex(index, value, id);
    }
    this.rows.delete(id);
    this.sequence.delete(id);
  }

  private unindex(index: string, value: string, id: string): void {
    const entries = this.byIndex.get(index);
    const ids = entries?.get(value);
    ids?.delete(id);
    if (ids?.size === 0) entries?.delete(value);
  }

  private inOrder(ids: string[]): string[] {
    return ids.sort((one, other) => (this.sequence.get(one) ?? 0) - (this.sequence.get(other) ?? 0));
  }
}
