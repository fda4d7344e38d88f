import { type Command, Option } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import type { Database } from '../database/database.js';
import type { Job } from '../jobs/job.entity.js';
import { JobState } from '../jobs/job.js';
import { cancelJob, listJobs, readJob } from '../jobs/job-store.js';
import { silentMetrics } from '../operations/figures.js';
import { Refusal } from '../refusal.js';
import { CommandFailed } from './exit.js';
import { parseLimit } from './limit.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { operator } from './operator.js';
import { renderTable, wrap } from './table.js';

interface JsonOption {
  json?: boolean;
}
interface ListOptions extends JsonOption {
  state?: string;
  limit: number;
}

export function addJobsCommand(program: Command): void {
  const jobs = program
    .command('jobs')
    .description('Long work that staff have asked for over GraphQL.')
    .helpCommand(false);
  jobs
    .command('list')
    .description('List jobs, newest first.')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(
        Object.values(JobState).map((state) => state.toLowerCase()),
      ),
    )
    .option('-n, --limit <count>', 'at most so many', parseLimit, 20)
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExamples:\n  billing jobs list\n  billing jobs list --state failed --json')
    .action((options: ListOptions) => withDatabase((database) => runList(database, options)));
  jobs
    .command('show <id>')
    .description('Show how far a job is, what it has told, and why it failed.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  billing jobs show job_01K9ZB2T3V4W5X6Y7Z8A9B0C1D')
    .action((id: string, options: JsonOption) => withDatabase((database) => runShow(database, id, options)));
  jobs
    .command('cancel <id>')
    .description('Stop a job: at once while it waits, after its present part where it runs. What it did stays.')
    .option('--json', 'print the job as one JSON object')
    .addHelpText('after', '\nExamples:\n  billing jobs cancel job_01K9ZB2T3V4W5X6Y7Z8A9B0C1D')
    .action((id: string, options: JsonOption) => withDatabase((database) => runCancel(database, id, options)));
}

async function withDatabase(work: (database: Database) => Promise<string>): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(loadConfig(), ports);
  try {
    process.stdout.write(await work(database));
  } finally {
    await database.close();
  }
}

async function runList(database: Database, { state, limit, json }: ListOptions): Promise<string> {
  const states = state === undefined ? null : [state.toUpperCase() as JobState];
  const found = await listJobs(database, { states, first: limit });
  if (json) return found.map((job) => `${JSON.stringify(shown(job))}\n`).join('');
  if (found.length === 0) return 'There are no such jobs.\n';
  const rows = found.map((job) => [
    shown(job).createdAt.slice(5, 19).replace('T', ' '),
    job.state.toLowerCase(),
    far(job),
    job.id,
    `${job.kind}${job.dryRun ? ' (dry run)' : ''}`,
  ]);
  return `${renderTable(['ASKED FOR (UTC)', 'STATE', 'DONE', 'ID', 'KIND'], rows)}\n`;
}

async function runShow(database: Database, id: string, { json }: JsonOption): Promise<string> {
  const job = await readJob(database, id);
  if (!job) throw new CommandFailed(`There is no job '${id}'; \`billing jobs list\` shows those there are.`);
  return json ? `${JSON.stringify(shown(job))}\n` : describe(job);
}

async function runCancel(database: Database, id: string, { json }: JsonOption): Promise<string> {
  const job = await cancelJob({ database, metrics: silentMetrics }, id, operator()).catch((thrown: unknown) => {
    throw thrown instanceof Refusal ? new CommandFailed(`${thrown.message} ${thrown.details.hint}`) : thrown;
  });
  if (json) return `${JSON.stringify(shown(job))}\n`;
  return job.state === JobState.CANCELED ? `${job.summary}\n` : `${job.id} ends after its present part.\n`;
}

const far = ({ done, total }: Job) => (total === null ? String(done) : `${done} of ${total}`);

/** As people and other programs read it. */
function shown(job: Job) {
  const text = (instant: number | null) => (instant === null ? null : new Date(instant).toISOString());
  const { id, kind, state, dryRun, done, total, percent, etaSeconds, startedBy, reason, summary, error, log } = job;
  return {
    ...{ id, kind, state: state.toLowerCase(), dryRun, done, total, percent, etaSeconds, startedBy, reason },
    ...{ summary, error, log, createdAt: new Date(job.createdAt).toISOString() },
    ...{ startedAt: text(job.startedAt), finishedAt: text(job.finishedAt) },
  };
}

function describe(job: Job): string {
  const { createdAt, startedAt, finishedAt, etaSeconds, ...rest } = shown(job);
  const rows: [string, string | null][] = [
    ['id', rest.id],
    ['kind', `${rest.kind}${rest.dryRun ? ', only told what it would do' : ''}`],
    ['state', rest.state],
    ['done', far(job)],
    ['left', etaSeconds === null ? null : `about ${etaSeconds} s`],
    ['asked by', rest.startedBy],
    ['reason', rest.reason],
    ['asked for', createdAt],
    ['begun', startedAt],
    ['ended', finishedAt],
  ];
  const lines = rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(11)}${value}`]));
  for (const [name, text] of [['summary', rest.summary] as const, ['cause', rest.error] as const])
    if (text !== null) lines.push('', name, wrap(text, '  '));
  if (rest.log.length > 0) lines.push('', 'log', ...rest.log.map((line) => wrap(line, '  ')));
  return `${lines.join('\n')}\n`;
}
