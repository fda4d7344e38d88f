import { Role } from '../../src/auth/roles.js';
import type { Database } from '../../src/database/database.js';
import { eventually } from './eventually.js';
import type { Person, World } from './world.js';

const JOB =
  'id kind state done total percent etaSeconds dryRun startedBy reason log summary error startedAt finishedAt';
const PAYLOAD = `{ job { ${JOB} } userErrors { code message field hint } }`;
export const REPLAY = `mutation ($input: AdminReplayInput!) { adminReplayWebhookEvents(input: $input) ${PAYLOAD} }`;
export const DISCARD = `mutation ($input: AdminDiscardInput!) { adminDiscardWebhookEvents(input: $input) ${PAYLOAD} }`;
export const SYNC = `mutation ($input: AdminSyncCatalogInput!) { adminSyncCatalog(input: $input) ${PAYLOAD} }`;
export const CANCEL = `mutation ($input: AdminCancelJobInput!) { adminCancelJob(input: $input) ${PAYLOAD} }`;
export const JOBS = `query ($states: [JobState!], $first: Int) { admin { jobs(states: $states, first: $first) { ${JOB} } } }`;
export const ONE = `query ($id: ID!) { admin { job(id: $id) { ${JOB} } } node(id: $id) { __typename id } }`;
export const LIVE = `subscription ($job: ID!) { jobUpdated(job: $job) { kind job { ${JOB} } } }`;

export interface Told {
  id: string;
  state: string;
  done: number;
  total: number | null;
  log: string[];
  summary: string | null;
  error: string | null;
}
export interface Message {
  jobUpdated: { kind: string; job: Told };
}

/** Dead events, which a replay makes pending, and which are dead again after it; nobody asks Stripe for them. */
export async function storeDeadEvents(database: Database, type: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, at) => `evt_${type.replace('.', '')}${String(at).padStart(5, '0')}`);
  await database.insertIfAbsent(
    'stripe_events',
    ['id', 'type', 'created', 'livemode', 'subject', 'body', 'received_at', 'state', 'attempts', 'source'],
    ids.map((id) => [id, type, 1, false, id, Buffer.from('{}'), 1, 'dead', 0, 'delivery']),
  );
  return ids;
}

/** How often each of them was taken up or laid aside by hand: the numbers that occur. */
export async function timesByHand({ read }: Database, ids: readonly string[]): Promise<number[]> {
  const rows = await read.rows<{ event_id: string; times: number | string }>(
    'SELECT event_id, COUNT(*) AS times FROM event_actions GROUP BY event_id',
  );
  const times = new Map(rows.map((row) => [row.event_id, Number(row.times)]));
  return [...new Set(ids.map((id) => times.get(id) ?? 0))];
}

/** What an operator does with jobs, in a world that need not be there yet. */
export function jobStory(world: () => World) {
  const operator = () => world().staff(Role.OPERATOR);
  const database = () => world().gateway.parts.database;

  async function ask(query: string, input: object, person: Person = operator()) {
    const { data, errors } = await person.ask<Record<string, { job: Told; userErrors: { code: string }[] }>>(query, {
      input,
    });
    const [payload] = Object.values(data ?? {});
    if (!payload) throw new Error(JSON.stringify(errors));
    return payload;
  }
  /** The job as its stream shows it last. */
  async function ended(id: string): Promise<Told> {
    const live = operator().watch<Message>(LIVE, { job: id });
    const { jobUpdated } = await live.until(({ jobUpdated: { job } }) => !['QUEUED', 'RUNNING'].includes(job.state));
    await live.ended();
    live.close();
    return jobUpdated.job;
  }
  const replayOf = (type: string) => ({ filter: { types: [type] }, reason: 'a test' });

  return {
    ask,
    ended,
    replayOf,
    storeEvents: (type: string, count: number) => storeDeadEvents(database(), type, count),
    timesOf: (ids: readonly string[]) => timesByHand(database(), ids),
    /** Asks for a replay, and resolves when `act` is done: after its first part is written, before the next one begins. */
    async afterItsFirstPart(type: string, act: (id: string) => Promise<void>): Promise<Told> {
      const { timers } = world().gateway.parts;
      const goOn = timers.turn.bind(timers);
      let answered: (id: string) => void = () => {};
      const asked = new Promise<string>((resolve) => (answered = resolve));
      let acted: Promise<void> | undefined;
      // Between two parts whoever runs the job lets others have their turn; so do some who run none.
      const turn = jest.spyOn(timers, 'turn').mockImplementation(() => {
        if (acted || !new Error().stack?.includes('run-jobs')) return goOn();
        return (acted = asked.then(act));
      });
      const { job } = await ask(REPLAY, replayOf(type));
      answered(job.id);
      await eventually(
        () => Promise.resolve(acted !== undefined),
        (begun) => begun,
      );
      await acted;
      turn.mockRestore();
      return job;
    },
  };
}
