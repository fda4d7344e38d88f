import { createInbox } from '../webhooks/inbox.js';
import { askStripeFor, replayIn, storeEvent } from '../webhooks/replay-events.js';
import { countFitting, type EventFilter, type EventPlace, pickEvents, walkEvents } from '../webhooks/stored-events.js';
import { foreseeReplay } from './foresee-replay.js';
import type { Job } from './job.entity.js';
import type { Step, Work, WorkNeeds, Write } from './work.js';

const AT_ONCE = 100;

/** Which events: by their ids, or all that fit. */
export interface ReplayInput {
  ids: string[] | null;
  filter: Pick<EventFilter, 'states' | 'types' | 'account' | 'from' | 'to'> | null;
}

/** What came in after the job was asked for is not its matter; without that it might never end. */
export function filterOf({ input, createdAt }: Job): EventFilter {
  const { filter } = input as ReplayInput;
  return { ...filter, to: Math.min(filter?.to ?? Infinity, createdAt + 1) };
}

/** Makes events pending again. A dry run tells what that would change. */
export const replayWork: Work = (needs, job) => {
  if (job.dryRun) return foreseeReplay(needs, job);
  const { ids } = job.input as ReplayInput;
  return ids === null ? replayFitting(needs, job) : replayNamed(needs, job, ids);
};

interface Picked {
  id: string;
  subject: string;
}

/** The write of one part: the events, and what the job is then. */
function replaying({ random, sync }: WorkNeeds, { startedBy, reason }: Job, events: Picked[], step: Step): Write {
  return async (transaction, at) => {
    const ids = events.map(({ id }) => id);
    await replayIn(transaction, random, ids, { actor: startedBy, reason, at });
    return { ...step, after: () => events.forEach(({ subject }) => sync.knock(subject)) };
  };
}

const replayed = (count: number, none: string) =>
  count === 0 ? none : `${count} event(s) are pending again and applied within seconds.`;

async function replayFitting(needs: WorkNeeds, job: Job): Promise<Write> {
  const { database } = needs;
  const filter = filterOf(job);
  const total = job.total ?? (await countFitting(database, filter)).events;
  const found = await walkEvents(database, filter, job.kept as EventPlace | null, AT_ONCE);
  const last = found.at(-1);
  const done = job.done + found.length;
  return replaying(needs, job, found, {
    ...{ done, total: Math.max(total, done), kept: last ? { id: last.id, receivedAt: last.receivedAt } : job.kept },
    ...(found.length < AT_ONCE && {
      total: done,
      end: { summary: replayed(done, 'No event fits, so none was replayed.') },
    }),
  });
}

interface Kept {
  fetched: number;
  /** Ids that neither the inbox nor Stripe knows. */
  unknown: string[];
}

async function replayNamed(needs: WorkNeeds, job: Job, ids: readonly string[]): Promise<Write> {
  const { database, stripe, timers } = needs;
  const kept = (job.kept as Kept | null) ?? { fetched: 0, unknown: [] };
  const ahead = ids.slice(job.done, job.done + AT_ONCE);
  const found: Picked[] = await pickEvents(database, { ids: ahead });
  // A part waits for one call to Stripe at most, so that its lease lasts.
  const absent = ahead.findIndex((id) => !found.some((event) => event.id === id));
  const part = absent < 0 ? ahead : ahead.slice(0, absent + 1);
  const events = found.filter(({ id }) => part.includes(id));
  const lines: string[] = [];
  const next = { ...kept };
  const id = part[absent];
  if (id !== undefined) {
    const event = await askStripeFor(stripe, id);
    if (event) events.push(await storeEvent(needs, createInbox(database, timers), event));
    if (event) next.fetched += 1;
    else next.unknown = [...kept.unknown, id];
    if (!event) lines.push(`${id} is neither here nor at Stripe.`);
  }
  const done = job.done + part.length;
  return replaying(needs, job, events, {
    ...{ done, total: ids.length, kept: next, lines },
    ...(done >= ids.length && { end: endOf(ids.length, next) }),
  });
}

function endOf(count: number, { fetched, unknown }: Kept): { summary: string; error?: string } {
  const summary = `${replayed(count - unknown.length, 'None was replayed.')}${fetched > 0 ? ` ${fetched} of them came from Stripe.` : ''}`;
  if (unknown.length === 0) return { summary };
  const some = `${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ', …' : ''}`;
  return {
    summary,
    error: `${unknown.length} of ${count} ids are neither here nor at Stripe, which keeps events for thirty days: ${some}. Correct those ids; the others are done.`,
  };
}
