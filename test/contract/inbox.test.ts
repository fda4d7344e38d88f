import { createInbox, type Inbox, type NewInboxRow } from '../../src/webhooks/inbox.js';
import { databasePorts, type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

const { timers } = databasePorts;

function row(id: string, changes: Partial<NewInboxRow> = {}): NewInboxRow {
  return {
    id,
    type: 'invoice.paid',
    created: 1_800_000_000,
    apiVersion: '2026-10-28.endive',
    livemode: false,
    subject: 'cus_1',
    requestKey: null,
    body: Buffer.from(`{"id":"${id}"}`),
    receivedAt: 1_800_000_000_000,
    state: 'pending',
    ...changes,
  };
}

describe('the inbox', () => {
  let opened: OpenedDatabase;
  let inboxes: Inbox[];
  beforeAll(async () => {
    opened = await openMigratedDatabase();
    inboxes = [createInbox(opened.database, timers), createInbox(await opened.openAnother(), timers)];
  });
  afterAll(() => opened.close());

  const inbox = () => inboxes[0] as Inbox;
  const stored = (prefix: string) =>
    opened.database.read.rows<{ id: string; body: Buffer }>(
      'SELECT id, body FROM stripe_events WHERE id LIKE ? ORDER BY id',
      [`${prefix}%`],
    );

  it('keeps a delivery byte by byte', async () => {
    const body = Buffer.from([0, 1, 2, 255, 254, 0x27, 0x5c, 0x22, 0xc3, 0x28, ...Buffer.from('😀')]);
    await inbox().store(row('evt_bytes', { body }));

    const [found] = await stored('evt_bytes');
    expect(Buffer.from(found?.body ?? [])).toEqual(body);
  });

  it('keeps a body of half a megabyte', async () => {
    const body = Buffer.alloc(512 * 1024, 'x');
    await inbox().store(row('evt_large', { body }));

    expect(Buffer.from((await stored('evt_large'))[0]?.body ?? [])).toHaveLength(body.length);
  });

  it('stores an event once however often and wherever it is delivered at the same time', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `evt_copies_${at}`);
    const deliveries = Array.from({ length: 20 }, (_, copy) =>
      ids.map((id) => (inboxes[copy % 2] as Inbox).store(row(id))),
    ).flat();
    await Promise.all(deliveries);

    expect((await stored('evt_copies_')).map(({ id }) => id)).toEqual([...ids].sort());
  });

  it('takes a batch in which some are new and some are not', async () => {
    await Promise.all(['a', 'c', 'e'].map((letter) => inbox().store(row(`evt_mixed_${letter}`))));
    await Promise.all(['e', 'd', 'c', 'b', 'a'].map((letter) => inbox().store(row(`evt_mixed_${letter}`))));

    expect((await stored('evt_mixed_')).map(({ id }) => id.slice(-1))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('takes ids that differ in case for different events', async () => {
    await Promise.all(['evt_case_1aBc', 'evt_case_1AbC'].map((id) => inbox().store(row(id))));

    expect(await stored('evt_case_')).toHaveLength(2);
  });

  it('keeps the first body of an event that comes again with another', async () => {
    await inbox().store(row('evt_first', { body: Buffer.from('first') }));
    await inbox().store(row('evt_first', { body: Buffer.from('second') }));

    expect(Buffer.from((await stored('evt_first'))[0]?.body ?? []).toString()).toBe('first');
  });

  it('takes a request key in any script, since whoever calls Stripe chooses it', async () => {
    await inbox().store(row('evt_key', { requestKey: 'bestellung-ü-注文-😀' }));

    expect(await opened.database.read.rows("SELECT request_key FROM stripe_events WHERE id = 'evt_key'")).toEqual([
      { request_key: 'bestellung-ü-注文-😀' },
    ]);
  });

  it.each<[string, Partial<NewInboxRow>]>([
    ['a type that is too long', { type: 'x'.repeat(256) }],
    ['a subject that is too long', { subject: 'x'.repeat(256) }],
    ['a subject that is no ASCII', { subject: 'cüs' }],
    ['a request key that is too long', { requestKey: 'x'.repeat(256) }],
    ['no type', { type: null as unknown as string }],
    ['no subject', { subject: undefined as unknown as string }],
    ['no moment', { created: null as unknown as number }],
    ['a moment that is no whole number', { created: 1.5 }],
    ['no body', { body: null as unknown as Buffer }],
  ])('refuses %s on every database, alone among others', async (_what, wrong) => {
    const [good, bad] = await Promise.allSettled([
      inbox().store(row(`evt_good_${_what.replace(/ /g, '_')}`)),
      inbox().store(row('evt_bad', wrong)),
    ]);

    expect([good?.status, bad?.status]).toEqual(['fulfilled', 'rejected']);
    expect(await stored('evt_bad')).toEqual([]);
  });
});
