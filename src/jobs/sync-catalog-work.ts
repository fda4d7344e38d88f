import { everyProduct, keepHowListEnded, lookAtProduct, readProblems } from '../plans/sync-catalogue.js';
import { foresee } from '../sync/foresee.js';
import { subjectKey } from '../sync/subject.js';
import { describeForesight } from './foresee-replay.js';
import type { Job } from './job.entity.js';
import { nothingToWrite, type Work, type WorkNeeds, type Write } from './work.js';

interface Kept {
  /** Products at Stripe and those that are stored. */
  ids: string[];
  /** Why Stripe's list could not be read to its end; null when it was. */
  cutShort: string | null;
  /** Products that were not looked at in time; the sync goes on with them by itself. */
  waiting: number;
  /** Products that would change, in a dry run. */
  changed: number;
}

/** Looks at every product of Stripe's through the sync, or tells what a look would change. */
export const syncCatalogWork: Work = async (needs, job) => {
  if (job.kept === null) return list(needs, job);
  const kept = job.kept as Kept;
  const id = kept.ids[job.done];
  if (id === undefined) return nothingToWrite({ done: job.done, kept, ...(await endOf(needs, job, kept)) });
  const done = job.done + 1;
  if (job.dryRun) {
    const subject = subjectKey({ kind: 'catalogue', id });
    const foresight = await foresee(needs, needs.config, needs.catalogueRules, subject, []);
    const changed = kept.changed + (foresight.changes.length > 0 ? 1 : 0);
    return nothingToWrite({ done, kept: { ...kept, changed }, lines: describeForesight(foresight) });
  }
  if (await lookAtProduct(needs, id)) return nothingToWrite({ done, kept });
  const lines = [`${id} was not looked at in time; the gateway goes on with it by itself.`];
  return nothingToWrite({ done, kept: { ...kept, waiting: kept.waiting + 1 }, lines });
};

async function list(needs: WorkNeeds, { dryRun }: Job): Promise<Write> {
  const kept: Kept = { ...(await everyProduct(needs)), waiting: 0, changed: 0 };
  if (!dryRun) await keepHowListEnded(needs.database, kept.cutShort);
  return nothingToWrite({ done: 0, total: kept.ids.length, kept });
}

async function endOf({ database }: WorkNeeds, { done, dryRun }: Job, { cutShort, waiting, changed }: Kept) {
  const problems = dryRun ? [] : await readProblems({ read: database.read });
  const broken = new Set(problems.filter(({ warning }) => !warning).map(({ objectId }) => objectId)).size;
  const lines = problems.map(
    ({ objectId, reason, remedy, warning }) =>
      `${warning ? 'Warning' : 'Problem'} with ${objectId}: ${reason}. ${remedy}`,
  );
  const failed =
    cutShort !== null
      ? `Stripe's list of products ended early (${cutShort}); nothing was archived. Ask for it again when Stripe answers.`
      : broken > 0
        ? `${broken} product(s) or price(s) cannot be sold; what was known of them stays. The log says what to correct.`
        : undefined;
  const summary = dryRun
    ? `${changed} of ${done} product(s) would change; nothing was written.`
    : `Looked at ${done} product(s)${waiting > 0 ? `, ${waiting} of them still to come` : ''}.`;
  return { lines, end: { summary, ...(failed !== undefined && { error: failed }) } };
}
