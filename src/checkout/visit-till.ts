import type { Account } from '../accounts/account.entity.js';
import type { Context } from '../graphql/context.js';
import { Refusal, UserErrorCode } from '../refusal.js';

/** Refused before Stripe was asked: a typing error must not keep a customer from buying. */
const NEVER_BEGUN = [
  UserErrorCode.CONFLICT,
  UserErrorCode.INVALID,
  UserErrorCode.PLAN_NOT_AVAILABLE,
  UserErrorCode.QUANTITY_OUT_OF_RANGE,
  UserErrorCode.RETURN_URL_NOT_ALLOWED,
];

/**
 * Counts what an account begins, and only that: `isFound` tells an answer that was there already, and `standing` finds one
 * where no more may begin. Throws RATE_LIMITED.
 */
export async function visitTill<Answer>(
  { caller, address, parts: { rateLimits } }: Context,
  { externalId }: Pick<Account, 'externalId'>,
  begin: () => Promise<Answer>,
  isFound: (answer: Answer) => boolean = () => false,
  standing: () => Promise<Answer | null> = () => Promise.resolve(null),
): Promise<Answer> {
  const asker = {
    subject: caller?.subject ?? null,
    account: externalId,
    // All customers of a backend share its address.
    address: caller?.accounts.length ? (address ?? null) : null,
  };
  try {
    await rateLimits.takeCheckout(asker);
  } catch (limited) {
    const held = await standing();
    if (held === null) throw limited;
    return held;
  }
  let counts = true;
  try {
    const answer = await begin();
    counts = !isFound(answer);
    return answer;
  } catch (thrown) {
    counts = !(thrown instanceof Refusal && NEVER_BEGUN.includes(thrown.code));
    throw thrown;
  } finally {
    if (!counts) await rateLimits.giveBackCheckout(asker);
  }
}
