import { createHash } from 'node:crypto';
import type { Transaction } from '../database/database.js';
import type { Parts } from '../parts.js';
import { Refusal } from '../refusal.js';
import { checkClientKey, CLIENT_KEY_LIFE_MS, keyReused } from './intent-store.js';

export interface Asked {
  accountId: string;
  /** The token's subject. */
  actor: string;
  /** Name of the mutation: the same input means something else to another one. */
  mutation: string;
  input: object;
  /** Null when the caller gave none: then nothing is remembered. */
  clientKey: string | null;
}

/** How the caller names herself and what she expects is not what she asks for. */
const NOT_ASKED = ['idempotencyKey', 'expectedRevision', 'account'];

interface StoredAnswer {
  asked: string;
  answer: object;
}

type Needs = Pick<Parts, 'database' | 'random' | 'underWay' | 'intents'>;

/** What this gateway is doing for a key just now, by account and key. */
export type UnderWay = Map<string, { asked: string; answer: Promise<object> }>;

export const nameOf = (accountId: string, clientKey: string) => `${accountId} ${clientKey}`;

/**
 * Gives a repeated key the answer of the first time, before anything is looked at that may have moved on since; one that
 * comes while the first is under way waits for it. What was refused before it began is not remembered. Where the first died
 * before it could answer, the intent that it left tells what it would have.
 * Throws Refusal: IDEMPOTENCY_KEY_REUSED, INVALID.
 */
export async function once<Answer extends object>(
  parts: Needs,
  request: Asked,
  act: () => Promise<Answer>,
): Promise<Answer> {
  const { accountId, clientKey } = request;
  if (clientKey === null) return act();
  checkClientKey(clientKey);
  const [name, asked] = [nameOf(accountId, clientKey), hashOf(request)];
  const first = parts.underWay.get(name);
  if (first && first.asked !== asked) throw keyReused();
  return together(parts, name, asked, () => answerOf(parts, request, clientKey, asked, act));
}

/** Who asks by the same name while it is under way in this gateway gets the answer of the first. */
export function together<Answer extends object>(
  { underWay }: Pick<Needs, 'underWay'>,
  name: string,
  asked: string,
  act: () => Promise<Answer>,
): Promise<Answer> {
  const first = underWay.get(name);
  if (first) return first.answer as Promise<Answer>;
  const answer = act().finally(() => underWay.delete(name));
  underWay.set(name, { asked, answer });
  return answer;
}

async function answerOf<Answer extends object>(
  parts: Needs,
  request: Asked,
  clientKey: string,
  asked: string,
  act: () => Promise<Answer>,
): Promise<Answer> {
  const { accountId } = request;
  const held = async () => {
    const since = (await parts.database.now()) - CLIENT_KEY_LIFE_MS;
    const [row] = await parts.database.read.rows<{ answer: string | null }>(
      'SELECT answer FROM intents WHERE account_id = ? AND client_key = ? AND created_at >= ?',
      [accountId, clientKey, since],
    );
    return row;
  };
  const told = (stored: string): Answer => {
    const earlier = JSON.parse(stored) as StoredAnswer;
    if (earlier.asked !== asked) throw keyReused();
    return earlier.answer as Answer;
  };
  const recall = async (goesOn: boolean) =>
    (await parts.intents.recall(accountId, clientKey, asked, goesOn)) as Answer | null;
  const first = await held();
  if (first?.answer) return told(first.answer);
  const answer =
    (first ? await recall(true) : null) ??
    (await act().catch(async (thrown: unknown) => {
      if (!(thrown instanceof Refusal)) throw thrown;
      // Another process may have done it meanwhile, so that nothing is there to be done any more; what was left unfinished
      // may still be done.
      const other = await held();
      const done = other?.answer ? told(other.answer) : await recall(false);
      if (done) return done;
      throw thrown;
    }));
  await remember(parts, request, { asked, answer });
  return answer;
}

function hashOf({ mutation, input }: Asked): string {
  const fields = Object.entries(input).filter(([name, value]) => value !== undefined && !NOT_ASKED.includes(name));
  return createHash('sha256')
    .update(JSON.stringify([mutation, fields.sort(([one], [other]) => (one < other ? -1 : 1))]))
    .digest('hex');
}

/** Beside the intent that did it, or in a row of its own when nothing had to be done. */
async function remember({ database, random }: Needs, asked: Asked, stored: StoredAnswer) {
  const { accountId, clientKey, actor, mutation } = asked;
  const [id, stripeKey, now] = [`int_${random.ulid()}`, random.uuid(), await database.now()];
  await database.transaction(async (transaction: Transaction) => {
    await transaction.rows(`SELECT id FROM accounts WHERE id = ?${database.dialect.forUpdate}`, [accountId]);
    const [held] = await transaction.rows<{ id: string; answer: string | null }>(
      'SELECT id, answer FROM intents WHERE account_id = ? AND client_key = ?',
      [accountId, clientKey],
    );
    const answer = JSON.stringify(stored);
    if (held?.answer) return;
    if (held) await transaction.run('UPDATE intents SET answer = ? WHERE id = ?', [answer, held.id]);
    else {
      await transaction.run(
        `INSERT INTO intents (id, account_id, verb, client_key, arguments_hash, stripe_key, state, step, data, answer, actor, attempts, created_at, finished_at)
         VALUES (?, ?, ?, ?, ?, ?, 'idle', 0, '{}', ?, ?, 0, ?, ?)`,
        [id, accountId, mutation, clientKey, stored.asked, stripeKey, answer, actor, now, now],
      );
    }
  });
}
