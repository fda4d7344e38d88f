import { ServerResponse } from 'node:http';
import { WebSocket } from 'ws';
import type { Database, Transaction } from '../../../src/database/database.js';
import type { Ports } from '../../../src/ports.js';
import { type Points, room } from './points.js';

/** Ports without an await in them. */
const STILL = new Set(['wall', 'billing', 'random', 'timers', 'log']);
/** What only asks Stripe leaves nothing behind, so nothing lies between before and after. */
const ASKS = /^(list|retrieve|search|createPreview)/;

/** The same ports; each await through one of them is a point. A port that is new is watched like any other. */
export function watchPorts(ports: Ports, points: Points): Ports {
  const watched = Object.entries(ports).map(([name, port]: [string, unknown]) => {
    if (STILL.has(name) || port === undefined) return [name, port];
    if (name === 'database') return [name, watchDatabase(port as Database, points)];
    if (name === 'stripe') return [name, watchStripe(port as object, 'stripe', points)];
    return [name, watchCalls(port as object, name, points)];
  });
  return Object.fromEntries(watched) as Ports;
}

/** The answers to Stripe and to clients, and the pushes, leave through the network of the process. */
export function watchAnswers(points: Points): void {
  const end = ServerResponse.prototype.end as (...given: unknown[]) => ServerResponse;
  ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]): ServerResponse {
    const path = this.req.url?.split('?', 1)[0];
    if (path !== '/webhooks/stripe' && path !== '/graphql') return end.apply(this, given);
    const what = `answering ${this.statusCode} at ${path}`;
    points.pass('http', 'before', what);
    this.once('finish', () => points.pass('http', 'after', what));
    return end.apply(this, given);
  } as never;
  const send = WebSocket.prototype.send as (...given: unknown[]) => void;
  WebSocket.prototype.send = function (this: WebSocket, ...given: unknown[]): void {
    const isPush = String(given[0]).includes('"type":"next"');
    if (isPush) points.pass('live', 'before', 'a push');
    send.apply(this, given);
    if (isPush) points.pass('live', 'after', 'a push');
  } as never;
}

/** Verb and table of a statement: what else it says may change without being another await. */
function wordsOf(sql: string): string {
  const [verb = ''] = /\w+/.exec(sql) ?? [];
  const [, table = ''] = /\b(?:FROM|INTO|UPDATE)\s+(\w+)/.exec(sql) ?? [];
  return `${verb} ${table}`.trim();
}

function watchDatabase(database: Database, points: Points): Database {
  const reads = (what: string) => points.pass(room(), 'before', what);
  const inside = (transaction: Transaction): Transaction => ({
    rows: (sql, parameters) => {
      reads(wordsOf(sql));
      return transaction.rows(sql, parameters);
    },
    run: (sql, parameters) => {
      reads(wordsOf(sql));
      return transaction.run(sql, parameters);
    },
    manager: watchManager(transaction.manager, reads),
  });
  return {
    dialect: database.dialect,
    parallelInserts: database.parallelInserts,
    read: {
      rows: (sql, parameters) => {
        reads(wordsOf(sql));
        return database.read.rows(sql, parameters);
      },
      manager: watchManager(database.read.manager, reads),
    },
    now: () => {
      reads("the store's time");
      return database.now();
    },
    run: (sql, parameters) => points.around(wordsOf(sql), () => database.run(sql, parameters)),
    insertIfAbsent: (table, columns, rows) =>
      points.around(`INSERT ${table} if absent`, () => database.insertIfAbsent(table, columns, rows)),
    transaction: async (work) => {
      const place = room();
      points.pass(place, 'before', 'BEGIN');
      const result = await database.transaction(async (transaction) => {
        const decided = await work(inside(transaction));
        points.pass(place, 'before', 'COMMIT');
        return decided;
      });
      points.pass(place, 'after', 'COMMIT');
      return result;
    },
    migrate: () => database.migrate(),
    pendingMigrations: () => database.pendingMigrations(),
    close: () => database.close(),
  };
}

function watchManager<Manager extends object>(manager: Manager, pass: (what: string) => void): Manager {
  return new Proxy(manager, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        const [entity] = given;
        if (typeof entity === 'function') pass(`${String(name)} ${entity.name}`);
        return value.apply(target, given);
      };
    },
  });
}

function watchStripe<Part extends object>(part: Part, path: string, points: Points): Part {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof name === 'symbol' || name.startsWith('_') || name === 'calls') return value;
      if (typeof value === 'object' && value !== null) return watchStripe(value, `${path}.${name}`, points);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        const call = () => value.apply(target, given) as Promise<unknown>;
        if (path === 'stripe') return call();
        const what = `${path}.${name}`;
        if (!ASKS.test(name)) return points.around(what, call);
        points.pass(room(), 'before', what);
        return call();
      };
    },
  });
}

/** Any other port: `before` each call, and `after` it has returned or its promise has been kept. */
function watchCalls<Port extends object>(port: Port, name: string, points: Points): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        const what = `${name}.${String(key)}`;
        const place = room();
        points.pass(place, 'before', what);
        const result: unknown = value.apply(target, given);
        const after = () => points.pass(place, 'after', what);
        if (result instanceof Promise) void result.then(after, () => undefined);
        else after();
        return result;
      };
    },
  });
}
