import { type Command, Option } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import type { Database } from '../database/database.js';
import { readMailbox } from '../notifications/mailbox.js';
import { listMails, mailStates, type MailState, type OutboxEntry, sendAgain } from '../notifications/outbox.js';
import { mailIdOf } from '../notifications/relay.js';
import { CommandFailed } from './exit.js';
import { parseLimit } from './limit.js';
import { openConfiguredDatabase } from './open-configured-database.js';
import { renderTable, wrap } from './table.js';

interface ListOptions {
  state?: MailState;
  limit: number;
  json?: boolean;
}

export function addMailsCommand(program: Command): void {
  const mails = program
    .command('mails')
    .description('What the gateway has mailed, and what it could not.')
    .helpCommand(false);
  mails
    .command('list')
    .description('List mails, newest first.')
    .addOption(new Option('--state <state>', 'only those in this state').choices(mailStates))
    .option('-n, --limit <count>', 'at most so many', parseLimit, 20)
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExamples:\n  billing mails list\n  billing mails list --state unclear --json')
    .action((options: ListOptions) => withDatabase((database) => runList(database, options)));
  mails
    .command('show <id>')
    .description('Show one mail; its text where the development mailbox has it.')
    .option('--html', 'print its HTML instead of its text')
    .option('--json', 'print all of it as one JSON object')
    .addHelpText('after', '\nExamples:\n  billing mails show payment_failed:in_123:1')
    .action((id: string, options: { html?: boolean; json?: boolean }) =>
      withDatabase((database) => runShow(database, id, options)),
    );
  mails
    .command('resend <id>')
    .description('Queue a mail again that is unclear, dead or dropped. One that was accepted after all arrives twice.')
    .addHelpText('after', '\nExamples:\n  billing mails resend payment_failed:in_123:1')
    .action((id: string) => withDatabase((database) => runResend(database, id)));
}

async function withDatabase(work: (database: Database) => Promise<string>): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openConfiguredDatabase(loadConfig(), ports);
  try {
    process.stdout.write(await work(database));
  } finally {
    await database.close();
  }
}

async function runList(database: Database, { state, limit, json }: ListOptions): Promise<string> {
  const entries = await listMails(database.read, { state, limit });
  return json ? entries.map((entry) => `${JSON.stringify(shown(entry))}\n`).join('') : toTable(entries);
}

async function runShow(
  database: Database,
  id: string,
  { html, json }: { html?: boolean; json?: boolean },
): Promise<string> {
  const [entry] = await listMails(database.read, { id, limit: 1 });
  if (!entry) throw noSuchMail(id);
  const received = await readMailbox(database.read, mailIdOf(id));
  if (json) return `${JSON.stringify({ ...shown(entry), received })}\n`;
  const letters = received.map(
    (mail) => `\nTo: ${mail.recipient}\nSubject: ${mail.subject}\n\n${html ? mail.html : mail.text}`,
  );
  return toTable([entry]) + letters.join('');
}

async function runResend(database: Database, id: string): Promise<string> {
  if (await sendAgain(database, id)) return `${id} is queued again; a running gateway sends it within seconds.\n`;
  const [entry] = await listMails(database.read, { id, limit: 1 });
  if (!entry) throw noSuchMail(id);
  throw new CommandFailed(`${id} is ${entry.state}; only what is unclear, dead or dropped can be queued again.`);
}

const noSuchMail = (id: string) =>
  new CommandFailed(`There is no mail '${id}'; \`billing mails list\` shows those there are.`);

function toTable(entries: OutboxEntry[]): string {
  if (entries.length === 0) return 'There are no such mails.\n';
  const rows = entries.map((entry) => {
    const { id, state, attempts, createdAt, account, accountId } = shown(entry);
    return [createdAt.slice(5, 19).replace('T', ' '), state, String(attempts), id, account ?? accountId];
  });
  const [head, ...lines] = renderTable(['QUEUED (UTC)', 'STATE', 'TRIES', 'ID', 'ACCOUNT'], rows).split('\n');
  const explained = lines.flatMap((line, row) => {
    const error = entries[row]?.error;
    return error ? [line, wrap(error, '    ')] : [line];
  });
  return `${[head, ...explained].join('\n')}\n`;
}

/** Instants as people and other programs read them. */
function shown({ createdAt, finishedAt, ...rest }: OutboxEntry) {
  const text = (instant: number) => new Date(instant).toISOString();
  return { ...rest, createdAt: text(createdAt), finishedAt: finishedAt === null ? null : text(finishedAt) };
}
