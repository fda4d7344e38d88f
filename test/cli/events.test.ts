import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program';
import { createSystemRandom, systemTimers, systemWall } from '../../src/clock/system-clock';
import { openDatabase } from '../../src/database/open-database';
import type { Database } from '../../src/database/database';
import { createInbox } from '../../src/webhooks/inbox';

const before = { ...process.env };
let folder: string;
let database: Database;
let output: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'billing-events-'));
  process.env.DATABASE_URL = `file:${join(folder, 'billing.db')}`;
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  database = await openDatabase(process.env.DATABASE_URL, ports);
  await database.migrate();
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await database.close();
  rmSync(folder, { recursive: true });
});

describe('billing events list', () => {
  it('shows whole ids in lines of at most 100 columns, with the error below', async () => {
    const id = `evt_${'1AbC'.repeat(6)}`;
    const type = 'customer.subscription.pending_update_applied';
    const receivedAt = Date.parse('2027-01-15T12:00:00.000Z');
    const body = Buffer.from('{}');
    const row = {
      id,
      type,
      created: 1,
      apiVersion: null,
      livemode: false,
      subject: 'cus_1',
      requestKey: null,
      body,
      receivedAt,
    };
    await createInbox(database, systemTimers).store({ ...row, state: 'pending' });
    await database.run(`UPDATE stripe_events SET state = 'dead', attempts = 3, error = ? WHERE id = ?`, [
      'no such price '.repeat(12),
      id,
    ]);

    expect(await runProgram(['node', 'billing', 'events', 'list', '--state', 'dead'])).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines[1]).toMatch(new RegExp(`^01-15 12:00:00 +dead +3 +${id}  customer\\.subscription`));
    expect(lines[2]).toMatch(/^ {4}no such price/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
