import { CheckoutSession } from '../checkout/checkout-session.entity.js';
import { isSettled } from '../checkout/checkout-session.js';
import { appliedSubscription, mayKnowSession } from '../checkout/checkout-session.resolver.js';
import { notFound } from '../errors.js';
import type { Context } from '../graphql/context.js';
import type { Loaders } from '../graphql/loaders.js';
import { stoppable } from './conflating-stream.js';
import { StreamKind } from './hub.js';

/** One message of a checkout's stream; `loaders` come with it, as with an account's. */
export interface CheckoutPush {
  kind: StreamKind;
  session: CheckoutSession;
  loaders: Loaders;
}

/**
 * A checkout from now to its end. A session changes only with its account, so its stream is the account's, thinned out
 * to what a page after checkout shows. Throws NOT_FOUND for one that the caller may not know.
 */
export async function watchCheckout(context: Context, id: string): Promise<AsyncIterableIterator<CheckoutPush>> {
  const { database, hub } = context.parts;
  const session = await database.read.manager.findOneBy(CheckoutSession, { id });
  if (!session?.accountId || !mayKnowSession(context, session)) throw notFound('checkout', id);
  const account = hub.watchAccount(session.accountId);
  return stoppable(pushes(context, id, account), { close: () => void account.return?.() });
}

async function* pushes(
  { parts }: Context,
  id: string,
  account: ReturnType<Context['parts']['hub']['watchAccount']>,
): AsyncGenerator<CheckoutPush, void> {
  let sent: string | null = null;
  for await (const { loaders } of account) {
    const session = await parts.database.read.manager.findOneByOrFail(CheckoutSession, { id });
    const subscription = await appliedSubscription({ loaders }, session);
    const shown = `${session.status} ${subscription?.id ?? ''}`;
    if (shown !== sent) yield { kind: sent === null ? StreamKind.SNAPSHOT : StreamKind.CHANGED, session, loaders };
    sent = shown;
    if (isSettled(session, subscription !== null)) return;
  }
}
