import type { Account } from '../accounts/account.entity.js';
import type { Context } from '../graphql/context.js';
import type { Asker, Click } from '../operations/rate-limits.js';
import { Refusal, UserErrorCode } from '../refusal.js';

/** Refused before Stripe was asked: a typing error must not keep a customer from buying. */
const NEVER_BEGUN = [
  UserErrorCode.CONFLICT,
  UserErrorCode.INVALID,
  UserErrorCode.PLAN_NOT_AVAILABLE,
  UserErrorCode.QUANTITY_OUT_OF_RANGE,
  UserErrorCode.RETURN_URL_NOT_ALLOWED,
];

/** What is begun by a click, so that a second one on the same button gets it as well. */
export interface Clicked<Answer extends object> {
  /** Two clicks on one button are alike in it. */
  click: string;
  /** Tells an answer that was there already. */
  isFound(answer: Answer): boolean;
  /** Finds what was begun by it, where no more may begin. */
  standing(): Promise<Answer | null>;
}

const WAIT_LIMIT_MS = 2_000;
const WAIT_POLL_MS = 50;

/** Counts what an account begins, and only that: what is there already is handed back. Throws RATE_LIMITED. */
export async function visitTill<Answer extends object>(
  context: Context,
  { externalId }: Pick<Account, 'externalId'>,
  begin: () => Promise<Answer>,
  clicked?: Clicked<Answer>,
): Promise<Answer> {
  const { rateLimits } = context.parts;
  const asker = askerOf(context, externalId);
  const visit = clicked && { account: externalId, click: clicked.click };
  let limited: unknown;
  // She enters before she is counted, so that the second of two clicks, when it is one too many, sees the first.
  if (visit) await rateLimits.enterTill(visit);
  try {
    limited = await rateLimits.takeCheckout(asker).catch((thrown: unknown) => thrown);
    if (limited === undefined) return await counted(context, asker, begin, clicked);
  } finally {
    if (visit) await rateLimits.leaveTill(visit);
  }
  const held = clicked && visit && (await handedBack(context, visit, clicked));
  if (!held) throw limited;
  return held;
}

const askerOf = ({ caller, address }: Context, account: string): Asker => ({
  subject: caller?.subject ?? null,
  account,
  // All customers of a backend share its address.
  address: caller?.accounts.length ? (address ?? null) : null,
});

async function counted<Answer extends object>(
  { parts: { rateLimits } }: Context,
  asker: Asker,
  begin: () => Promise<Answer>,
  clicked: Clicked<Answer> | undefined,
): Promise<Answer> {
  let counts = true;
  try {
    const answer = await begin();
    counts = !clicked?.isFound(answer);
    return answer;
  } catch (thrown) {
    counts = !(thrown instanceof Refusal && NEVER_BEGUN.includes(thrown.code));
    throw thrown;
  } finally {
    if (!counts) await rateLimits.giveBackCheckout(asker);
  }
}

/** What the same click has begun; waits while it is at it, also in another gateway. Null when it has begun nothing. */
async function handedBack<Answer extends object>(
  { parts: { rateLimits, timers, wall } }: Context,
  visit: Click,
  { standing }: Clicked<Answer>,
): Promise<Answer | null> {
  const until = wall.now() + WAIT_LIMIT_MS;
  for (;;) {
    // Asked before the look: whoever has left by then has left what she began.
    const isAtIt = await rateLimits.isAtTill(visit);
    const held = await standing();
    if (held || !isAtIt || wall.now() >= until) return held;
    await timers.sleep(WAIT_POLL_MS);
  }
}
