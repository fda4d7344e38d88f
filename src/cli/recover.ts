import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { silentMetrics } from '../operations/figures.js';
import type { Ports } from '../ports.js';
import { asJob } from '../stripe/patience.js';
import { catchUp, type CatchUpReport } from '../sync/catch-up.js';
import { askAll } from '../sync/queue.js';
import { type Lease, underLease } from '../sync/upkeep.js';
import { createInbox } from '../webhooks/inbox.js';
import { type Moment, parseMoment } from './duration.js';
import { CommandFailed, exitCodes } from './exit.js';
import { createLog } from './log.js';
import { progressLine } from './progress.js';
import { reachStripe } from './reach-stripe.js';
import { closeSystemPorts, openSystemPorts } from './system-ports.js';

interface RecoverOptions {
  since?: Moment;
  json?: boolean;
}

/** Stripe's own limit. */
const KEPT_MS = 30 * 86_400_000;
/** A gateway reads a few pages and is done; one that died gives its lease back after a minute. */
const TRIES = 90;

export function addRecoverCommand(program: Command): void {
  program
    .command('recover')
    .description("Read Stripe's list of events for those that no delivery has brought. Safe at any time.")
    .option('--since <when>', 'from then on, such as 6h; else from where the last reading ended', parseMoment)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
A running gateway does the same by itself every CATCH_UP_SECONDS. What is found waits in the inbox
like any delivery; a running gateway applies it within seconds.

Examples:
  billing recover
  billing recover --since 6h
  billing recover --since 2026-11-20T08:00Z --json`,
    )
    .action((options: RecoverOptions) => asJob(() => runRecover(options)));
}

async function runRecover({ since, json }: RecoverOptions): Promise<void> {
  const config = await reachStripe(loadConfig());
  const ports = await openSystemPorts(config, createLog({ ...config, logLevel: 'warn' }));
  try {
    const now = ports.billing.now();
    const from = since?.(now);
    if (from !== undefined && from < now - KEPT_MS)
      throw new CommandFailed(
        'Stripe keeps events for thirty days. Give a later time, and run `billing sync` to look at everything.',
        exitCodes.usage,
      );
    if (from !== undefined && from > now)
      throw new CommandFailed('--since lies in the future. Give a time that is past, such as 6h.', exitCodes.usage);
    const report = await readList(ports, config.catchUp, from);
    const missed = `${report.missed} of those that are acted on had not been delivered${report.missed > 0 ? '; a running gateway applies them within seconds' : ''}`;
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : `Read ${report.read} events; ${missed}.\n`);
  } finally {
    await closeSystemPorts(ports);
  }
}

/** Waits for a gateway that is reading just now. */
async function readList(
  ports: Ports,
  { everySeconds, overlapSeconds }: { everySeconds: number; overlapSeconds: number },
  from: number | undefined,
): Promise<CatchUpReport> {
  const { database, timers, random } = ports;
  const needs = {
    ...ports,
    inbox: createInbox(database, timers),
    metrics: silentMetrics,
    knock: (subjects: readonly string[]) =>
      askAll(database, new Map(subjects.map((subject) => [subject, 'events'] as const))),
  };
  const tell = progressLine('events');
  const options = {
    overlapSeconds,
    since: from === undefined ? undefined : Math.max(0, Math.floor(from / 1_000)),
    onPage: ({ read }: CatchUpReport, part: number) => tell(read, part),
  };
  let report: CatchUpReport | undefined;
  const chore = { id: 'catch-up', everyMs: everySeconds * 1_000 } as const;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const work = async (lease: Lease) => {
      if (options.since === undefined && lease.state === null)
        throw new CommandFailed(
          "Stripe's list was never read with this data, so there is nowhere to go on from. Say from when, such as --since 24h.",
          exitCodes.usage,
        );
      report = await catchUp(needs, lease, options);
    };
    if (await underLease(database, chore, random.uuid(), work, { evenIfNotDue: true })) break;
    await timers.sleep(1_000);
  }
  if (!report) throw new CommandFailed('Another process has been reading the list of events all along; try again.');
  return report;
}
