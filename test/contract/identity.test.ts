import { Account } from '../../src/accounts/account.entity.js';
import { accountIdOf, newAccount } from '../../src/accounts/account.js';
import { putCustomer } from '../../src/accounts/put-customer.js';
import { StripeCustomer } from '../../src/accounts/stripe-customer.entity.js';
import { isExternalId } from '../../src/auth/external-id.js';
import { isDuplicate } from '../../src/database/retry.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

describe('what makes two ids the same', () => {
  let opened: OpenedDatabase;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
  });
  afterAll(() => opened.close());

  const insertAccount = (externalId: string) =>
    opened.database.transaction(({ manager }) =>
      manager.insert(Account, { ...newAccount(externalId, 1), id: accountIdOf(externalId), announcedAccess: null }),
    );

  it.each([
    ['case', 'Acme', 'acme'],
    ['accent', 'cafe', 'café'],
    ['composition of the same letter', 'é', 'e\u0301'],
    ['width', 'A1', 'Ａ１'],
    ['a sharp s', 'strasse', 'straße'],
    ['a character outside the basic plane', 'team-😀', 'team-😁'],
  ])('external ids that differ in %s are two accounts', async (_difference, one, other) => {
    await insertAccount(one);
    await insertAccount(other);

    for (const externalId of [one, other]) {
      const found = await opened.database.read.manager.findBy(Account, { externalId });
      expect(found.map((account) => account.externalId)).toEqual([externalId]);
    }
  });

  it('an external id is taken once', async () => {
    await insertAccount('once');
    const again = opened.database.transaction(({ manager }) =>
      manager.insert(Account, { ...newAccount('once', 1), id: 'acc_another', announcedAccess: null }),
    );

    expect(await again.then(() => false, isDuplicate)).toBe(true);
  });

  it.each([' acme', 'acme ', '\tacme', 'acme\u00a0'])(
    '%j names no account: databases disagree about outer blanks',
    (id) => {
      expect(isExternalId(id)).toBe(false);
    },
  );

  it("a gateway's account id names no other account, though what only begins like one may", () => {
    expect(isExternalId(accountIdOf('acme'))).toBe(false);
    expect(['acc_acme', `${accountIdOf('acme')}0`, accountIdOf('acme').toLowerCase()].every(isExternalId)).toBe(true);
  });

  it("Stripe's ids that differ in case are two rows, for rows and for objects", async () => {
    const { database } = opened;
    const ids = ['cus_1aBc', 'cus_1AbC', 'cus_1ABC'];
    for (const id of ids) {
      await database.transaction(({ manager }) =>
        manager.upsert(StripeCustomer, { id, accountId: null, liveFor: null, deletedAt: null }, ['id']),
      );
    }

    expect(await database.read.manager.countBy(StripeCustomer, { id: 'cus_1abc' })).toBe(0);
    for (const id of ids) {
      expect(await database.read.rows('SELECT id FROM stripe_customers WHERE id = ?', [id])).toEqual([{ id }]);
    }
  });

  it('a second live customer of an account is refused and changes nothing of the first', async () => {
    const { database } = opened;
    const live = (id: string) => ({ id, accountId: 'acc_1', liveFor: 'acc_1', deletedAt: null });
    const put = (id: string) => database.transaction(({ manager }) => putCustomer(manager, live(id)));
    await put('cus_first');
    await put('cus_first');

    expect(await put('cus_second').then(() => false, isDuplicate)).toBe(true);
    const found = await database.read.manager.findBy(StripeCustomer, { accountId: 'acc_1' });
    expect(found).toEqual([live('cus_first')]);
  });

  it('a blank at the end of an id finds nothing', async () => {
    const { database } = opened;
    await database.run('INSERT INTO stripe_customers (id) VALUES (?)', ['cus_blank']);
    const row = await database.read.rows<{ id: string }>('SELECT id FROM stripe_customers WHERE id = ?', [
      'cus_blank ',
    ]);

    // A server pads when it compares, so what comes back is looked at as well wherever an id comes from outside.
    expect(row.filter(({ id }) => id === 'cus_blank ')).toEqual([]);
  });

  it('ids are sorted by their bytes', async () => {
    const { database } = opened;
    const ids = ['sort_B', 'sort_a', 'sort_A', 'sort_b', 'sort__'];
    for (const id of ids) await database.run('INSERT INTO stripe_customers (id) VALUES (?)', [id]);
    const rows = await database.read.rows<{ id: string }>(
      "SELECT id FROM stripe_customers WHERE id LIKE 'sort%' ORDER BY id",
    );

    expect(rows.map(({ id }) => id)).toEqual([...ids].sort());
  });

  it.each([
    ['nothing', undefined],
    ['a nothing among others', { externalId: 'acme', id: undefined }],
  ])('asking for %s throws and finds no first row', async (_what, where) => {
    const { manager } = opened.database.read;
    await insertAccount(`someone-${String(_what)}`);

    await expect((async () => manager.findOneBy(Account, (where ?? { id: undefined }) as object))()).rejects.toThrow(
      /undefined/i,
    );
  });
});
