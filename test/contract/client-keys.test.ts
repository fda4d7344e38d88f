import { openIntent } from '../../src/intents/intent-store.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

describe('the key by which a caller repeats a mutation', () => {
  let opened: OpenedDatabase;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
  });
  afterAll(() => opened.close());

  let count = 0;
  const open = (clientKey: string | null) => {
    const id = `int_${++count}`;
    const wanted = {
      ...{ id, accountId: `acc_${count}`, verb: 'cancel', clientKey, argumentsHash: 'hash', stripeKey: `key_${count}` },
      ...{ data: {}, actor: 'user', createdAt: 1 },
    };
    return opened.database.transaction((transaction) => openIntent(transaction, opened.database, wanted, { dueAt: 2 }));
  };

  it.each([null, 'k', 'a-b_c:d/e~!', 'x'.repeat(255)])('may be %j', async (key) => {
    expect((await open(key)).isNew).toBe(true);
  });

  it.each(['', ' ', 'key ', ' key', 'a key', 'ключ', 'x'.repeat(256), 'key\n'])(
    'is not %j, which the databases would keep or compare differently',
    async (key) => {
      await expect(open(key)).rejects.toThrow('1 to 255 printable ASCII characters');
    },
  );
});
