import { type DataSource, type QueryRunner, QueryFailedError } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';

interface Statement {
  /** Whether it answers rows. */
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number };
}

interface Connection {
  prepare(sql: string): Statement;
}

const KEPT = 500;

/** SQLite takes no booleans. */
const bound = (parameters: readonly unknown[]): unknown[] =>
  parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));

/** Prepared statements on the connection of a data source, without TypeORM's way to them, which takes longer than they do. */
export class EmbeddedStatements {
  private readonly connection: Connection;
  private readonly prepared = new Map<string, { statement: Statement; reads: boolean }>();

  constructor(
    private readonly source: DataSource,
    private readonly runner: QueryRunner,
  ) {
    this.connection = (source.driver as BetterSqlite3Driver).databaseConnection as Connection;
  }

  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.execute(sql, parameters, ({ statement, reads }, values) => {
      if (reads) return statement.all(...values) as Row[];
      statement.run(...values);
      return [];
    });
  }

  /** Answers how many rows were changed. */
  async run(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.execute(sql, parameters, ({ statement, reads }, values) =>
      reads ? statement.all(...values).length : statement.run(...values).changes,
    );
  }

  private execute<Result>(
    sql: string,
    parameters: readonly unknown[],
    work: (prepared: { statement: Statement; reads: boolean }, values: unknown[]) => Result,
  ): Result {
    this.source.logger.logQuery(sql, [...parameters], this.runner);
    try {
      return work(this.prepare(sql), bound(parameters));
    } catch (thrown) {
      throw new QueryFailedError(sql, [...parameters], thrown as Error);
    }
  }

  private prepare(sql: string) {
    const known = this.prepared.get(sql);
    if (known) return known;
    const statement = this.connection.prepare(sql);
    const made = { statement, reads: statement.reader };
    this.prepared.set(sql, made);
    const [oldest] = this.prepared.keys();
    if (this.prepared.size > KEPT && oldest !== undefined) this.prepared.delete(oldest);
    return made;
  }
}
