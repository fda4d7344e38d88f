import type { Change } from '../history/change.js';
import { foresee, type Foresight } from '../sync/foresee.js';
import type { ProductChange } from '../sync/product-changes.js';
import { subjectKey, subjectOf } from '../sync/subject.js';
import { askStripeFor } from '../webhooks/replay-events.js';
import {
  countFitting,
  type EventFilter,
  nextSubject,
  pickEvents,
  readEvent,
  walkEvents,
} from '../webhooks/stored-events.js';
import { type StripeEvent, toStripeEvent } from '../webhooks/stripe-event.js';
import type { Job } from './job.entity.js';
import { filterOf, type ReplayInput } from './replay-work.js';
import { nothingToWrite, type WorkNeeds, type Write } from './work.js';

/** More of one subject change nothing of what is foreseen: it is Stripe that is looked at. */
const OF_ONE_SUBJECT = 100;

interface Kept {
  /** The stored subject that was looked at last; null once there is none left. */
  subject: string | null;
  /** Ids that only Stripe may know, still to be looked at. */
  absent: string[];
  /** Subjects that would change. */
  changed: number;
}

/** Tells, subject by subject, what a replay would change. */
export async function foreseeReplay(needs: WorkNeeds, job: Job): Promise<Write> {
  const { database, stripe } = needs;
  const { ids } = job.input as ReplayInput;
  const filter = ids === null ? filterOf(job) : { ids };
  const { subject: last, absent, changed } = (job.kept as Kept | null) ?? (await begin(needs, ids));
  const total = job.total ?? (await countFitting(database, filter)).subjects + absent.length;
  const told = async (subject: string, events: readonly StripeEvent[], kept: Omit<Kept, 'changed'>) => {
    const foresight = await foresee(needs, needs.config, needs.catalogueRules, subject, events);
    const lines = describeForesight(foresight);
    const now = changed + (foresight.changes.length > 0 ? 1 : 0);
    return nothingToWrite({ done: job.done + 1, total, kept: { ...kept, changed: now }, lines });
  };
  const subject = last === null ? null : await nextSubject(database, filter, last);
  if (subject !== null) return told(subject, await eventsOf(needs, { ...filter, subject }), { subject, absent });
  const [id, ...left] = absent;
  const kept = { subject: null, absent: left };
  if (id === undefined) {
    const summary = `${changed} of ${job.done} subject(s) would change; nothing was replayed.`;
    return nothingToWrite({ done: job.done, total: job.done, kept: null, end: { summary } });
  }
  const found = await askStripeFor(stripe, id);
  if (found) return told(subjectKey(subjectOf(found.event)), [found.event], kept);
  const lines = [`${id} is neither here nor at Stripe, which keeps events for thirty days.`];
  return nothingToWrite({ done: job.done + 1, total, kept: { ...kept, changed }, lines });
}

async function begin({ database }: WorkNeeds, ids: readonly string[] | null): Promise<Kept> {
  const held = ids === null ? [] : await pickEvents(database, { ids });
  const absent = (ids ?? []).filter((id) => !held.some((event) => event.id === id));
  return { subject: '', absent, changed: 0 };
}

async function eventsOf({ database }: WorkNeeds, filter: EventFilter): Promise<StripeEvent[]> {
  const events: StripeEvent[] = [];
  for (const { id } of await walkEvents(database, filter, null, OF_ONE_SUBJECT)) {
    const event = toStripeEvent((await readEvent(database, id))?.payload);
    if (event) events.push(event);
  }
  return events;
}

/** What would change, by the names of objects and fields alone: what a field holds may be of a person. */
export function describeForesight({ subject, changes, ends }: Foresight): string[] {
  const open = ends.filter(({ state }) => state !== 'done' && state !== 'ignored');
  return [
    `${subject}: ${changes.length === 0 ? 'nothing would change' : changes.map(describeChange).join('; ')}`,
    ...open.map(({ id, state, error }) => `${id} would be ${state}${error ? `: ${error}` : '.'}`),
  ];
}

function describeChange({ object, id, before, after }: Change | ProductChange): string {
  if (before === null) return `${object} ${id} would appear`;
  if (after === null) return `${object} ${id} would be gone`;
  return `${object} ${id} would change in ${Object.keys(after).join(', ')}`;
}
