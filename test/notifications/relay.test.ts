import { createManualTime, type ManualTime } from '../support/manual-time.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.js';
import { createSystemRandom } from '../../src/clock/system-clock.js';
import { createMetrics } from '../../src/operations/metrics.js';
import { claimMail, listMails, queueMails, sendAgain } from '../../src/notifications/outbox.js';
import { createRelay, mailIdOf, type Relay } from '../../src/notifications/relay.js';
import type { KindOfMail } from '../../src/notifications/write-mail.js';
import type { Mail, MailOutcome } from '../../src/ports.js';

const ID = 'payment_failed:in_1:1';
const due = {
  id: ID,
  kind: 'payment_failed' as const,
  accountId: 'acc_1',
  about: { invoice: 'in_1', attempt: 1 },
};
const letter = { language: 'en', subject: 'Hello', paragraphs: ['Hello'], action: null, closing: 'Bye' };
const random = createSystemRandom();

describe('the relay', () => {
  let opened: OpenedDatabase;
  let time: ManualTime;
  let log: RecordedLog;
  let sent: Mail[];
  let relays: Relay[];
  let answer: (mail: Mail, signal: AbortSignal) => Promise<MailOutcome> | MailOutcome;
  beforeAll(async () => {
    opened = await openMigratedDatabase();
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await opened.database.run('DELETE FROM outbox');
    [time, log, sent, relays] = [createManualTime(), createRecordedLog(), [], []];
    answer = () => ({ is: 'accepted' });
    await queue();
  });
  afterEach(async () => {
    for (const relay of relays) await relay.stop();
  });

  const queue = () =>
    opened.database.transaction(async (transaction) =>
      queueMails(transaction, opened.database.dialect, [due], await opened.database.now()),
    );
  const metrics = createMetrics();
  function relay(kind: Partial<KindOfMail> = {}): Relay {
    const { database } = opened;
    const mail = {
      destination: 'a test',
      async send(one: Mail, signal: AbortSignal): Promise<MailOutcome> {
        const outcome = await answer(one, signal);
        if (outcome.is === 'accepted') sent.push(one);
        return outcome;
      },
    };
    const write = () => Promise.resolve({ to: 'ada@example.com', letter });
    const made = createRelay(
      { database, mail, random, log, timers: time.timers },
      { kinds: ['payment_failed'], writers: { payment_failed: { write, whenUnclear: 'leave', ...kind } }, metrics },
    );
    relays.push(made);
    made.start();
    return made;
  }
  const row = async () => (await listMails(opened.database.read, { id: ID, limit: 1 }))[0];
  const set = (assignments: string, ...values: unknown[]) =>
    opened.database.run(`UPDATE outbox SET ${assignments} WHERE id = ?`, [...values, ID]);

  it('sends what is queued once, and counts it', async () => {
    await relay().idle();
    await queue();
    await relay().idle();

    expect(sent).toEqual([expect.objectContaining({ id: mailIdOf(ID), to: 'ada@example.com', subject: 'Hello' })]);
    expect(await row()).toMatchObject({ state: 'sent', attempts: 1, error: null });
    expect(await metrics.render()).toContain('billing_mail_sent_total{kind="payment_failed"} 1');
  });

  it('sends each mail once however many relays there are', async () => {
    await Promise.all([relay(), relay(), relay()].map((one) => one.idle()));

    expect(sent).toHaveLength(1);
  });

  it('queues nothing of a transaction that is rolled back', async () => {
    const other = { ...due, id: 'payment_failed:in_2:1' };
    const rolledBack = opened.database.transaction(async (transaction) => {
      await queueMails(transaction, opened.database.dialect, [other], await opened.database.now());
      throw new Error('this round lost its fence');
    });
    await expect(rolledBack).rejects.toThrow('fence');

    expect(await listMails(opened.database.read, { id: other.id, limit: 1 })).toEqual([]);
  });

  it('tries again later what is refused for now', async () => {
    answer = () => ({ is: 'refused', permanent: false, reason: '451 later' });
    await relay().idle();
    expect(await row()).toMatchObject({ state: 'waiting', attempts: 1, error: '451 later' });

    answer = () => ({ is: 'accepted' });
    await set('due_at = 0');
    await relay().idle();
    expect(await row()).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it('gives up what is refused for good, and what was refused for three days, with an error in the log', async () => {
    answer = () => ({ is: 'refused', permanent: true, reason: '550 nobody here' });
    await relay().idle();
    expect(await row()).toMatchObject({ state: 'dead', error: '550 nobody here' });

    await sendAgain(opened.database, ID);
    await set('created_at = created_at - ?', 73 * 3_600_000);
    answer = () => ({ is: 'refused', permanent: false, reason: '451 later' });
    await relay().idle();
    expect(await row()).toMatchObject({ state: 'dead', error: '451 later' });
    expect(log.lines.filter(({ message }) => message === 'a mail is dead')).toHaveLength(2);
  });

  it('leaves alone whatever may have been accepted: nobody is mailed twice', async () => {
    answer = () => ({ is: 'unclear', reason: 'the connection broke' });
    await relay().idle();
    answer = () => ({ is: 'accepted' });
    await relay().idle();

    expect(await row()).toMatchObject({ state: 'unclear', error: 'the connection broke' });
    expect(sent).toEqual([]);
  });

  it('sends it when an operator says so', async () => {
    answer = () => ({ is: 'unclear', reason: 'the connection broke' });
    await relay().idle();
    answer = () => ({ is: 'accepted' });
    expect(await sendAgain(opened.database, ID)).toBe(true);
    await relay().idle();

    expect(sent).toHaveLength(1);
    expect(await sendAgain(opened.database, ID)).toBe(false);
  });

  describe('after a process that died', () => {
    /** What a relay leaves behind that ends at this point of its work. */
    async function died(state: 'waiting' | 'sending'): Promise<void> {
      await claimMail(opened.database, random, { owner: 'dead', leaseMs: 60_000, kinds: ['payment_failed'] });
      await set('state = ?', state);
    }
    const leaseRunsOut = () => set('lease_until = 0');

    it('waits for its lease', async () => {
      await died('waiting');
      await relay().idle();

      expect(sent).toEqual([]);
    });

    it('sends what was not handed over yet', async () => {
      await died('waiting');
      await leaseRunsOut();
      await relay().idle();

      expect(sent).toHaveLength(1);
    });

    it('does not send again what was being handed over: it may have arrived', async () => {
      await died('sending');
      await leaseRunsOut();
      await relay().idle();

      expect(sent).toEqual([]);
      expect(await row()).toMatchObject({ state: 'unclear' });
    });

    it('sends it again where its kind would rather come twice than never, under the same id', async () => {
      await died('sending');
      await leaseRunsOut();
      await relay({ whenUnclear: 'repeat' }).idle();

      expect(sent).toMatchObject([{ id: mailIdOf(ID) }]);
    });
  });

  it('lets a process that was frozen before it handed over find that another has gone on', async () => {
    let goOn = () => {};
    const frozen = new Promise<void>((resolve) => (goOn = resolve));
    const reached = new Promise<void>((resolve) => {
      relay({
        async write() {
          resolve();
          await frozen;
          return { to: 'ada@example.com', letter };
        },
      });
    });
    await reached;
    await set('lease_until = 0');
    await relay().idle();
    goOn();
    await relays[0]?.idle();

    expect(sent).toHaveLength(1);
    expect(await row()).toMatchObject({ state: 'sent', attempts: 1 });
  });

  it('believes a process that was frozen while it handed over when it says that the mail was accepted', async () => {
    let accept = () => {};
    const reached = new Promise<void>((resolve) => {
      answer = () => {
        resolve();
        return new Promise((done) => (accept = () => done({ is: 'accepted' })));
      };
    });
    relay();
    await reached;
    await set('lease_until = 0');
    await relay().idle();
    expect(await row()).toMatchObject({ state: 'unclear' });
    accept();
    await relays[0]?.idle();

    expect(await row()).toMatchObject({ state: 'sent', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it('keeps its lease while a slow server thinks, and gives it up after half a minute', async () => {
    const reached = new Promise<void>((resolve) => {
      answer = (_mail, signal) => {
        resolve();
        return new Promise((done) =>
          signal.addEventListener('abort', () => done({ is: 'refused', permanent: false, reason: 'too slow' })),
        );
      };
    });
    const slow = relay();
    await reached;
    await set('lease_until = 0');
    time.advance(4_000);
    const renewed = async () =>
      Number((await opened.database.read.rows<{ at: number }>('SELECT lease_until AS at FROM outbox'))[0]?.at);
    while ((await renewed()) === 0) await new Promise(setImmediate);
    time.advance(26_000);
    await slow.idle();

    expect(await row()).toMatchObject({ state: 'waiting', error: 'too slow' });
  });

  it('breaks a try off when it stops, and says how far it came', async () => {
    const reached = new Promise<void>((resolve) => {
      answer = (_mail, signal) => {
        resolve();
        return new Promise((done) =>
          signal.addEventListener('abort', () => done({ is: 'unclear', reason: 'broken off' })),
        );
      };
    });
    const stopping = relay();
    await reached;
    const stopped = stopping.stop();
    time.advance(3_000);
    await stopped;

    expect(await row()).toMatchObject({ state: 'unclear', error: 'broken off' });
  });

  it('drops what is no longer true', async () => {
    await relay({ write: () => Promise.resolve({ dropped: 'The invoice is paid by now.' }) }).idle();

    expect(sent).toEqual([]);
    expect(await row()).toMatchObject({ state: 'dropped', error: 'The invoice is paid by now.' });
  });
});
