import Stripe from 'stripe';
import { BillingError } from '../errors.js';
import type { Ports } from '../ports.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isMissing, isSoldNoMore } from '../stripe/errors.js';
import { subscriptionEnded } from '../subscriptions/main-subscription.js';
import { BillingSubscription } from '../subscriptions/subscription.entity.js';
import { isTerminal } from '../subscriptions/subscription.js';
import { ask } from '../sync/queue.js';
import type { Sync } from '../sync/sync.js';

type Needs = Pick<Ports, 'database' | 'log'> & { sync: Sync };

/** What Stripe was asked, as far as others may have changed it meanwhile. */
export interface Attempt {
  verb: string;
  accountId: string;
  /** Null for nobody at Stripe. */
  customerId: string | null;
  /** Null for none. */
  subscriptionId: string | null;
  /** Of the account when it was asked; null where a completer goes on with it. */
  revision: number | null;
}

const MOVED_ON: readonly UserErrorCode[] = [UserErrorCode.CONFLICT, UserErrorCode.SUBSCRIPTION_ENDED];

/**
 * What a caller is told whose call was refused by Stripe, or by the verb because things have moved on: between our look and
 * our call somebody may have changed what it is about. After another look answers SUBSCRIPTION_ENDED, CONFLICT with where
 * the account stands, PROVIDER_UNAVAILABLE where the look told nothing yet, or what was thrown where nothing has changed.
 * PLAN_NOT_AVAILABLE without another look where a price was archived.
 */
export async function seenAnew(
  { database, log, sync }: Needs,
  { verb, accountId, customerId: customer, subscriptionId, revision }: Attempt,
  thrown: unknown,
): Promise<unknown> {
  if (isSoldNoMore(thrown)) return soldNoMore(verb);
  const refusal = thrown instanceof Refusal ? thrown : null;
  const looks = refusal ? MOVED_ON.includes(refusal.code) : thrown instanceof Stripe.errors.StripeInvalidRequestError;
  if (customer === null || !looks) return thrown;
  log.warn(
    { err: thrown, account: accountId, verb },
    'a call was refused; looking whether something has changed meanwhile',
  );
  const now = await database.now();
  const asked = await database.transaction((transaction) => ask(transaction, database.dialect, customer, now));
  const seen = await sync.refreshNow(customer, asked);
  const { manager, rows } = database.read;
  const held = subscriptionId === null ? null : await manager.findOneBy(BillingSubscription, { id: subscriptionId });
  if (held && isTerminal(held)) return subscriptionEnded();
  const [account] = await rows<{ revision: number | string }>('SELECT revision FROM accounts WHERE id = ?', [
    accountId,
  ]);
  const currentRevision = Number(account?.revision ?? 0);
  if (refusal?.code === UserErrorCode.CONFLICT)
    return new Refusal(refusal.code, refusal.message, { ...refusal.details, currentRevision });
  if (refusal) return refusal;
  if (revision !== null && currentRevision !== revision) return changedMeanwhile(verb, currentRevision);
  return seen && !isMissingItself(thrown, [customer, subscriptionId]) ? thrown : unseen(verb, thrown);
}

/** What Stripe does not know any more is believed to be gone only later: an old answer says the same of what is new. */
const isMissingItself = (thrown: unknown, ids: readonly (string | null)[]): boolean =>
  isMissing(thrown) && ids.some((id) => id !== null && (thrown as Error).message.includes(id));

const changedMeanwhile = (verb: string, currentRevision: number) =>
  new Refusal(UserErrorCode.CONFLICT, `Stripe refused to ${words(verb)}, and the account has changed meanwhile.`, {
    currentRevision,
    hint: 'Read the account again and repeat the change if it still makes sense.',
  });

const soldNoMore = (verb: string) =>
  new Refusal(
    UserErrorCode.PLAN_NOT_AVAILABLE,
    `Stripe refused to ${words(verb)}: a price that it needs is not sold any more.`,
    { hint: 'Read `plans` again and offer what it lists.' },
  );

const unseen = (verb: string, cause: unknown) =>
  new BillingError(
    'PROVIDER_UNAVAILABLE',
    `Stripe refused to ${words(verb)}, and why could not be looked up in time.`,
    {
      hint: 'Try again in a moment; nothing is charged twice.',
      retryable: true,
      cause,
    },
  );

/** A verb as a person says it. */
export const words = (verb: string) => verb.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
