import { type Command, Option } from 'commander';
import { systemWall } from '../clock/system-clock.js';
import { EVENT_STATES, type EventState } from '../webhooks/inbox.js';
import type { EventFilter, InboxEntry } from '../webhooks/stored-events.js';
import { type Moment, parseMoment } from './duration.js';
import { CommandFailed, exitCodes } from './exit.js';

/** Which events, as options say it. */
export interface FilterOptions {
  state?: EventState;
  type?: string;
  account?: string;
  from?: Moment;
  to?: Moment;
}

/** The options that choose events, alike for every command. */
export function withFilter(command: Command): Command {
  return command
    .addOption(new Option('--state <state>', 'only those in this state').choices(EVENT_STATES))
    .option('--type <type>', 'only those of this type, such as invoice.paid')
    .option('-a, --account <id>', "only those of this account, by your product's own id")
    .option('--from <when>', 'received since then, such as 6h or 2026-11-20', parseMoment)
    .option('--to <when>', 'received before then', parseMoment);
}

export function toFilter({ state, type, account, from, to }: FilterOptions): EventFilter {
  const now = systemWall.now();
  const span = { from: from?.(now), to: to?.(now) };
  if (span.from !== undefined && span.to !== undefined && span.from >= span.to)
    throw new CommandFailed(
      '--from must come before --to. Of the hour before last: --from 2h --to 1h.',
      exitCodes.usage,
    );
  return { state, type, account, ...span };
}

/** Instants as people and other programs read them. */
export function shown({ created, receivedAt, finishedAt, pendingAt, ...rest }: InboxEntry) {
  const text = (instant: number) => new Date(instant).toISOString();
  return {
    ...rest,
    createdAt: text(created),
    receivedAt: text(receivedAt),
    finishedAt: finishedAt === null ? null : text(finishedAt),
    // What is due at once is stored as the beginning of time.
    nextAttemptAt: pendingAt === null ? null : text(Math.max(pendingAt, receivedAt)),
  };
}
