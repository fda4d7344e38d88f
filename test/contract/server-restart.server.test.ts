import { createInbox } from '../../src/webhooks/inbox.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createOnMariadb, databasePorts } from '../support/database.js';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.js';

const { timers } = databasePorts;

describe('a database server that is killed and comes back', () => {
  let server: MariadbServer;
  let database: Database;
  let slept = 0;
  const watched = { ...timers, sleep: (ms: number) => timers.sleep(ms).finally(() => (slept += 1)) };
  beforeAll(async () => {
    server = await startMariadb();
    const { url } = await createOnMariadb(server.url);
    database = await openDatabase(url, { ...databasePorts, timers: watched });
    await database.migrate();
  });
  afterAll(async () => {
    await database.close();
    await server.remove();
  });

  const event = (id: string) => ({
    id,
    type: 'invoice.paid',
    created: 1,
    apiVersion: null,
    livemode: false,
    subject: 'cus_1',
    requestKey: null,
    body: Buffer.from('{}'),
    receivedAt: 1,
    state: 'pending' as const,
  });

  it('is met again by the first statement, and every event that was accepted is there', async () => {
    const inbox = createInbox(database, timers);
    const accepted: string[] = [];
    for (let round = 0; round < 5; round++) {
      let sending = true;
      let sent = 0;
      const senders = Array.from({ length: 8 }, async () => {
        while (sending) {
          const id = `evt_${round}_${sent++}`;
          await inbox.store(event(id)).then(
            () => accepted.push(id),
            () => timers.sleep(5),
          );
        }
      });
      const before = accepted.length;
      while (accepted.length < before + 50) await timers.sleep(5);
      await server.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await expect(inbox.store(event(`evt_${round}_away`))).rejects.toThrow();
      sending = false;
      await Promise.all(senders);
      await server.start();

      expect(await database.read.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await inbox.store(event(`evt_${round}_back`));
      accepted.push(`evt_${round}_back`);
    }

    const stored = await database.read.rows<{ id: string }>('SELECT id FROM stripe_events');
    const there = new Set(stored.map(({ id }) => id));
    expect(accepted.filter((id) => !there.has(id))).toEqual([]);
  });

  it('refuses at once while it is away, and transactions work when it is back', async () => {
    await server.kill('SIGKILL');
    slept = 0;
    await expect(database.transaction(({ rows }) => rows('SELECT 1'))).rejects.toThrow('ECONNREFUSED');
    expect(slept).toBe(0);
    await server.start();

    const committed = await database.transaction(({ run }) =>
      run("INSERT INTO webhook_endpoints (id, url, secret, created_at) VALUES ('we_1', '', '', 1)"),
    );
    expect(committed).toBe(1);
  });
});
