import type { Command } from 'commander';
import { type Config, loadConfig } from '../config.js';
import { readCatalogueRules } from '../plans/plans-file.js';
import type { Ports } from '../ports.js';
import { asJob } from '../stripe/patience.js';
import { foresee, type Foresight } from '../sync/foresee.js';
import { subjectKey, subjectOf } from '../sync/subject.js';
import { createInbox } from '../webhooks/inbox.js';
import type { Handling } from '../webhooks/event-actions.js';
import { askStripeFor, replayEvents, storeEvent } from '../webhooks/replay-events.js';
import { pickEvents, readEvent } from '../webhooks/stored-events.js';
import { type StripeEvent, toStripeEvent } from '../webhooks/stripe-event.js';
import { confirm } from './confirm.js';
import { type FilterOptions, toFilter, withFilter } from './event-options.js';
import { CommandFailed, exitCodes } from './exit.js';
import { createLog } from './log.js';
import { reachStripe } from './reach-stripe.js';
import { operator } from './operator.js';
import { parseReason } from './reason.js';
import { closeSystemPorts, openStripe, openSystemPorts } from './system-ports.js';
import { renderChanges, wrap } from './table.js';

interface ReplayOptions extends FilterOptions {
  dryRun?: boolean;
  reason?: string;
  yes?: boolean;
  json?: boolean;
}

/** So many given by their ids are replayed without a question. */
const FEW = 10;

export function addEventsReplayCommand(events: Command): void {
  withFilter(
    events
      .command('replay [id...]')
      .description('Apply events once more: those with these ids, or all that fit. Safe at any time.'),
  )
    .option('--dry-run', 'ask Stripe and tell what applying them would change; write nothing')
    .option(
      '--reason <text>',
      'who replays them and why; it is kept with each event and logged with their ids',
      parseReason,
    )
    .option('-y, --yes', `do not ask before all that fit, or more than ${FEW}, are replayed`)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
An event that never arrived is fetched from Stripe by its id. Replayed events are pending again; a
running gateway applies them within seconds.

Examples:
  billing events replay evt_1QwErTy --dry-run
  billing events replay --state dead --from 24h
  billing events replay --account acme --type invoice.paid --yes`,
    )
    .action((ids: string[], options: ReplayOptions) => asJob(() => runReplay(ids, options)));
}

async function runReplay(ids: string[], { dryRun, reason, yes, json, ...options }: ReplayOptions): Promise<void> {
  const given = Object.values(options).some((value) => value !== undefined);
  if (ids.length > 0 === given)
    throw new CommandFailed('Give ids, or options that say which events, such as --state dead.', exitCodes.usage);
  // Only what asks Stripe needs it to answer.
  const config = dryRun ? await reachStripe(loadConfig()) : loadConfig();
  const log = createLog({ ...config, logLevel: 'warn' });
  const ports = await openSystemPorts(config, log);
  try {
    const filter = ids.length > 0 ? { ids } : toFilter(options);
    const found = await pickEvents(ports.database, filter);
    const absent = ids.filter((id) => !found.some((event) => event.id === id));
    if (dryRun) return await tell(config, ports, found, absent, json ?? false);
    const count = found.length + absent.length;
    if (count === 0 && !json) return void process.stdout.write('There are no such events; nothing was replayed.\n');
    const plan = `Replays ${count} event(s)${absent.length > 0 ? `, ${absent.length} of them fetched from Stripe` : ''}.`;
    if (count > 0 && (ids.length === 0 || count > FEW) && !yes)
      await confirm({ text: `${plan} Go on?`, asker: 'replay', refused: 'Nothing was replayed.' });
    const fetchable = await fetchAbsent(config, absent);
    if (!json) process.stdout.write(`${plan}\n`);
    const handling = { actor: operator(), reason: reason ?? null };
    const fetched = await storeFetched(ports, fetchable, handling);
    await replayEvents(ports, found, handling);
    const events = [...found.map(({ id }) => id), ...absent];
    if (count > 0) log.warn({ ...handling, events }, 'events were replayed by hand');
    const replayed = found.length + fetched;
    process.stdout.write(
      json
        ? `${JSON.stringify({ replayed, fetched })}\n`
        : `${replayed} event(s) are pending again; a running gateway applies them within seconds.\n`,
    );
  } finally {
    await closeSystemPorts(ports);
  }
}

type Fetched = NonNullable<Awaited<ReturnType<typeof askStripeFor>>>;

/** Those that the inbox lacks. Throws, before anything is written, when Stripe lacks one too. */
async function fetchAbsent(config: Config, ids: readonly string[]): Promise<Fetched[]> {
  if (ids.length === 0) return [];
  const stripe = openStripe(await reachStripe(config));
  const events = [];
  for (const id of ids) events.push(await fetchOne(stripe, id));
  return events;
}

async function storeFetched(ports: Ports, events: readonly Fetched[], handling: Handling): Promise<number> {
  const inbox = createInbox(ports.database, ports.timers);
  const stored = [];
  for (const event of events) stored.push(await storeEvent(ports, inbox, event));
  await replayEvents(ports, stored, handling);
  return stored.length;
}

async function fetchOne(stripe: Ports['stripe'], id: string): Promise<Fetched> {
  const found = await askStripeFor(stripe, id);
  if (found) return found;
  throw new CommandFailed(
    `There is no event '${id}', neither here nor at Stripe, which keeps them for thirty days. Nothing was replayed.`,
  );
}

/** Prints what applying the events would change, subject by subject. */
async function tell(
  config: Config,
  ports: Ports,
  found: readonly { id: string; subject: string }[],
  absent: readonly string[],
  json: boolean,
): Promise<void> {
  const subjects = new Map<string, StripeEvent[]>();
  const add = (subject: string, event: StripeEvent) => subjects.set(subject, [...(subjects.get(subject) ?? []), event]);
  for (const { id, subject } of found) {
    const event = toStripeEvent((await readEvent(ports.database, id))?.payload);
    if (!event) throw new CommandFailed(`What is stored of '${id}' can no longer be read; a replay cannot apply it.`);
    add(subject, event);
  }
  for (const id of absent) {
    const { event } = await fetchOne(ports.stripe, id);
    add(subjectKey(subjectOf(event)), event);
  }
  if (subjects.size === 0) process.stdout.write(json ? '' : 'There are no such events.\n');
  for (const [subject, group] of subjects) {
    const foresight = await foresee(ports, config, readCatalogueRules(config), subject, group);
    process.stdout.write(json ? `${JSON.stringify(foresight)}\n` : describe(foresight));
  }
}

function describe({ subject, changes, ends }: Foresight): string {
  const lines = [
    `${subject}: ${changes.length === 0 ? 'nothing would change' : `${changes.length} thing(s) would change`}`,
    ...(changes.length > 0 ? [renderChanges(changes)] : []),
    ...ends.map(({ id, state, error }) => wrap(`${id} would be ${state}${error ? `: ${error}` : '.'}`, '  ')),
  ];
  return `${lines.join('\n')}\n`;
}
