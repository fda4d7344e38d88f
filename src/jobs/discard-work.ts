import { discardIn } from '../webhooks/replay-events.js';
import type { Work } from './work.js';

const AT_ONCE = 100;

export interface DiscardInput {
  ids: string[];
}

/** Lays events aside that are still open; those that had ended stay as they are. */
export const discardWork: Work = ({ database: { dialect }, random }, job) => {
  const { ids } = job.input as DiscardInput;
  const discarded = (job.kept as { discarded: number } | null)?.discarded ?? 0;
  const part = ids.slice(job.done, job.done + AT_ONCE);
  return Promise.resolve(async (transaction, at) => {
    const handling = { actor: job.startedBy, reason: job.reason ?? '', at };
    const total = discarded + (await discardIn(transaction, { dialect, random }, part, handling));
    const done = job.done + part.length;
    const over = ids.length - total;
    const summary = `Discarded ${total} event(s).${over > 0 ? ` ${over} had ended already and stay as they are.` : ''}`;
    return {
      ...{ done, total: ids.length, kept: { discarded: total } },
      ...(done >= ids.length && { end: { summary } }),
    };
  });
};
