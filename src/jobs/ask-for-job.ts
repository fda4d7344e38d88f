import type { Database } from '../database/database.js';
import type { TailFilter } from '../live/webhook-stream.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { pickEvents } from '../webhooks/stored-events.js';
import type { NewJob } from './job-store.js';
import type { ReplayInput } from './replay-work.js';

/** What is to be done, whoever asks and why. */
export type JobRequest = Pick<NewJob, 'kind' | 'input' | 'dryRun'>;

const MOST_IDS = 500;
const EVENT_TYPE = /^[a-z0-9_.]{1,120}$/;
const EVENT_ID = /^evt_[A-Za-z0-9_]{1,200}$/;

interface ReplayAsked {
  ids?: readonly string[] | null;
  filter?: TailFilter | null;
  dryRun: boolean;
}

/** Throws Refusal: INVALID unless it says in one way which events. */
export function askReplay({ ids, filter, dryRun }: ReplayAsked): JobRequest {
  const wanted = Object.entries(filter ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (Boolean(ids) === wanted.length > 0)
    throw new Refusal(
      UserErrorCode.INVALID,
      ids ? 'ids and a filter were given together.' : 'Neither ids nor a filter were given.',
      { field: ['input', ids ? 'filter' : 'ids'], hint: 'Give ids, or a filter such as `{ states: [DEAD] }`.' },
    );
  if (filter) checkFilter(filter);
  const input: ReplayInput = {
    ids: ids ? checkIds(ids) : null,
    filter: ids ? null : Object.fromEntries(wanted.sort()),
  };
  return { kind: 'replayWebhookEvents', input, dryRun };
}

function checkFilter({ states, types, from, to }: TailFilter): void {
  const refuse = (name: keyof TailFilter, message: string, hint: string) => {
    throw new Refusal(UserErrorCode.INVALID, message, { field: ['input', 'filter', name], hint });
  };
  for (const [name, list] of Object.entries({ states, types }))
    if (list?.length === 0)
      refuse(name as keyof TailFilter, `${name} is empty.`, 'Name at least one, or leave it out for all.');
  const type = types?.find((type) => !EVENT_TYPE.test(type));
  if (type !== undefined)
    refuse('types', `'${type}' is no type of an event.`, "Give Stripe's own names, such as invoice.paid.");
  if (typeof from === 'number' && typeof to === 'number' && from >= to)
    refuse(
      'to',
      `No event came in from ${new Date(from).toISOString()} on and before ${new Date(to).toISOString()}.`,
      'Give a `to` that is later than `from`.',
    );
}

/** Throws Refusal: INVALID, or NOT_FOUND when the inbox lacks one of them. */
export async function askDiscard(database: Database, asked: { ids: readonly string[] }): Promise<JobRequest> {
  const ids = checkIds(asked.ids);
  const held = new Set((await pickEvents(database, { ids })).map(({ id }) => id));
  const absent = ids.filter((id) => !held.has(id));
  if (absent.length > 0)
    throw new Refusal(UserErrorCode.NOT_FOUND, `The inbox has no event ${absent.slice(0, 5).join(', ')}.`, {
      field: ['input', 'ids'],
      hint: '`admin.webhookEvents` lists those there are. Nothing was discarded.',
    });
  return { kind: 'discardWebhookEvents', input: { ids }, dryRun: false };
}

/** Each once. */
function checkIds(ids: readonly string[]): string[] {
  const field = ['input', 'ids'];
  const wrong = ids.find((id) => !EVENT_ID.test(id));
  if (wrong !== undefined)
    throw new Refusal(UserErrorCode.INVALID, `'${wrong}' is no id of an event.`, {
      field,
      hint: "Stripe's ids of events begin with evt_.",
    });
  const once = [...new Set(ids)];
  if (once.length > 0 && once.length <= MOST_IDS) return once;
  throw new Refusal(UserErrorCode.INVALID, `ids may name 1 to ${MOST_IDS} events, found ${once.length}.`, {
    field,
    hint: 'Ask in parts, or by a filter.',
  });
}
