import { createSystemRandom, systemTimers } from '../../src/clock/system-clock.js';
import { createInbox, oldestPendingAt } from '../../src/webhooks/inbox.js';
import { replayEvents } from '../../src/webhooks/replay-events.js';
import { readEvent } from '../../src/webhooks/stored-events.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

/** Long ago. */
const AT = 1_700_000_000_000;

describe('how long the oldest event waits', () => {
  let opened: OpenedDatabase;
  beforeEach(async () => {
    opened = await openMigratedDatabase();
    await createInbox(opened.database, systemTimers).store({
      ...{ id: 'evt_1', type: 'customer.updated', created: AT / 1_000, apiVersion: null, livemode: false },
      ...{ subject: 'cus_1', requestKey: null, body: Buffer.from('{}'), receivedAt: AT, state: 'pending' },
    });
  });
  afterEach(() => opened.close());

  const waitsUntil = (pendingAt: number | null) =>
    opened.database.run('UPDATE stripe_events SET pending_at = ? WHERE id = ?', [pendingAt, 'evt_1']);

  it('is told since it was delivered', async () => {
    expect(await oldestPendingAt(opened.database)).toBe(AT);
  });

  it('is told since somebody replayed it, however old it is', async () => {
    await waitsUntil(null);
    const before = await opened.database.now();
    const needs = { database: opened.database, random: createSystemRandom() };
    await replayEvents(needs, [{ id: 'evt_1', subject: 'cus_1' }], { actor: 'cli', reason: null });

    expect(await oldestPendingAt(opened.database)).toBeGreaterThanOrEqual(before);
    expect((await readEvent(opened.database, 'evt_1'))?.pendingAt).toBeGreaterThanOrEqual(before);
  });

  it('is nothing while it waits for its next try, and is told since the time of that', async () => {
    await waitsUntil((await opened.database.now()) + 600_000);
    expect(await oldestPendingAt(opened.database)).toBeNull();
    await waitsUntil(AT + 5_000);
    expect(await oldestPendingAt(opened.database)).toBe(AT + 5_000);
  });
});
