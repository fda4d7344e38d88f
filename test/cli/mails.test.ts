import { runProgram } from '../../src/cli/program';
import { createSystemRandom } from '../../src/clock/system-clock';
import { createMailbox } from '../../src/notifications/mailbox';
import { queueMails } from '../../src/notifications/outbox';
import { mailIdOf } from '../../src/notifications/relay';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

const before = { ...process.env };
let opened: OpenedDatabase;
let output: string;
let errors: string;

beforeEach(async () => {
  opened = await openMigratedDatabase();
  process.env.DATABASE_URL = opened.url;
  const { database } = opened;
  const mail = { kind: 'payment_failed' as const, accountId: 'acc_1', about: { invoice: 'in_1', attempt: 1 } };
  await database.transaction(async (transaction) =>
    queueMails(
      transaction,
      database.dialect,
      ['in_1', 'in_2'].map((invoice) => ({ ...mail, id: `payment_failed:${invoice}:1` })),
      await database.now(),
    ),
  );
  await database.run(`UPDATE outbox SET state = 'unclear', due_at = NULL, error = ? WHERE id = ?`, [
    'The connection broke.',
    'payment_failed:in_2:1',
  ]);
  const letter = { to: 'ada@example.com', subject: 'It failed', text: 'Hello,\n', html: '<p>Hello,</p>\n' };
  await createMailbox(database, createSystemRandom()).send(
    { id: mailIdOf('payment_failed:in_1:1'), ...letter },
    new AbortController().signal,
  );
  [output, errors] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((errors += String(text)), true));
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await opened.close();
});

const billing = (...words: string[]) => runProgram(['node', 'billing', 'mails', ...words]);

describe('billing mails', () => {
  it('lists mails with what went wrong, and by their state', async () => {
    expect(await billing('list')).toBe(0);
    expect(output).toContain('payment_failed:in_1:1');
    expect(output).toMatch(/unclear +0 +payment_failed:in_2:1 +acc_1\n {4}The connection broke\./);

    output = '';
    expect(await billing('list', '--state', 'unclear', '--json')).toBe(0);
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(['payment_failed:in_2:1']);
  });

  it('shows a mail of the development mailbox as text and as HTML', async () => {
    expect(await billing('show', 'payment_failed:in_1:1')).toBe(0);
    expect(output).toContain('To: ada@example.com\nSubject: It failed\n\nHello,\n');

    output = '';
    expect(await billing('show', 'payment_failed:in_1:1', '--html')).toBe(0);
    expect(output).toContain('<p>Hello,</p>');
  });

  it('queues again what is unclear, and nothing else', async () => {
    expect(await billing('resend', 'payment_failed:in_2:1')).toBe(0);
    expect(await billing('resend', 'payment_failed:in_2:1')).toBe(1);
    expect(errors).toContain('payment_failed:in_2:1 is waiting; only what is unclear, dead or dropped');
    expect(await billing('show', 'payment_failed:in_3:1')).toBe(1);
    expect(errors).toContain("There is no mail 'payment_failed:in_3:1'");
  });
});
