import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAccount } from '../../src/accounts/ensure-account.js';
import { StripeCustomer } from '../../src/accounts/stripe-customer.entity.js';
import { createSystemRandom, systemTimers, systemWall } from '../../src/clock/system-clock.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { Timers } from '../../src/ports.js';

const KEPT = /^(sqlite_|migrations$)/;
const CATALOGUE = /^(plans$|prices$|features$|add_ons$|catalogue)/;

/** One real database file for many runs, and the clock that it lives by. */
export interface Store {
  database: Database;
  /** Gives the file to the next run: nothing in it but the catalogue, if one was kept, and a clock of the run's own. */
  reset(clock: { now: number; timers: Timers }, known: 'catalogue' | 'nothing'): Promise<void>;
  /** From now on runs begin with the catalogue that is there now. */
  keepCatalogue(): Promise<void>;
  ensureAccount(externalId: string): Promise<string>;
  /** As a verb leaves it that made the customer. */
  link(customer: string, accountId: string): Promise<void>;
  close(): Promise<void>;
}

export async function openStore(): Promise<Store> {
  // In memory where the system has such a place: runs are bound by the engine and not by a disk.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'billing-simulation-'));
  let clock = { now: systemWall.now(), timers: systemTimers };
  const ports = {
    wall: { now: () => clock.now },
    random: createSystemRandom(),
    timers: {
      after: (ms: number, task: () => void) => clock.timers.after(ms, task),
      sleep: (ms: number) => clock.timers.sleep(ms),
      turn: () => clock.timers.turn(),
    },
  };
  const database = await openDatabase(`file:${join(folder, 'billing.db')}`, ports);
  await database.migrate();
  const tables = await database.read.rows<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`);
  const emptied = tables.filter(({ name }) => !KEPT.test(name));
  const kept: { name: string; row: Record<string, unknown> }[] = [];
  return {
    database,
    async reset(next, known) {
      clock = next;
      await database.transaction(async ({ run }) => {
        for (const { name } of emptied) await run(`DELETE FROM ${name}`);
        for (const { name, row } of known === 'catalogue' ? kept : []) {
          const columns = Object.keys(row).map((column) => `"${column}"`);
          const values = columns.map(() => '?').join(', ');
          await run(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values})`, Object.values(row));
        }
      });
    },
    async keepCatalogue() {
      for (const { name } of tables.filter((table) => CATALOGUE.test(table.name)))
        kept.push(
          ...(await database.read.rows<Record<string, unknown>>(`SELECT * FROM ${name}`)).map((row) => ({ name, row })),
        );
    },
    async ensureAccount(externalId) {
      const billing = { now: () => clock.now, onJump: () => () => {}, close() {} };
      return (await ensureAccount({ database, billing }, externalId)).id;
    },
    async link(id, accountId) {
      const row = { id, accountId, liveFor: accountId, deletedAt: null };
      await database.transaction(({ manager }) => manager.insert(StripeCustomer, row));
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
