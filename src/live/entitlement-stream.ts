import { decideEntitlement, type EntitlementState } from '../access/entitlement.js';
import { readStanding } from '../access/standing.js';
import { notFound } from '../errors.js';
import { createLoaders, type Loaders } from '../graphql/loaders.js';
import type { Parts } from '../parts.js';
import type { Plan } from '../plans/plan.entity.js';
import { type ConflatingStream, stoppable } from './conflating-stream.js';
import { cursorAt, markOf, type Stand, standOf } from './cursor.js';
import { StreamKind } from './hub.js';

/** One message of an entitlement's stream; `loaders` come with it, as with an account's. */
export interface EntitlementPush {
  kind: StreamKind;
  cursor: string;
  revision: number;
  entitlement: EntitlementState<Plan>;
  loaders: Loaders;
}

/**
 * What an account has of one feature, from now on: every newer state that differs; states between may be skipped. Throws
 * NOT_FOUND for an account that does not exist.
 */
export function watchEntitlement(
  parts: Parts,
  accountId: string,
  feature: string,
  after: string | null,
): AsyncIterableIterator<EntitlementPush> {
  // Registered first and read after, so that no commit can fall between.
  const rings = parts.useWatch.watch(accountId);
  return stoppable(pushes(parts, accountId, feature, after, rings), rings);
}

async function* pushes(
  parts: Parts,
  accountId: string,
  feature: string,
  after: string | null,
  rings: ConflatingStream<true>,
): AsyncGenerator<EntitlementPush, void> {
  try {
    const first = await read(parts, accountId, feature);
    const known = after === null ? null : standOf(after);
    if (known?.mark !== first.stand.mark) yield push(first, kindOf(after, known, first.stand));
    let sent = first.stand.mark;
    while (!(await rings.next()).done) {
      const now = await read(parts, accountId, feature);
      if (now.stand.mark === sent) continue;
      yield push(now, StreamKind.CHANGED);
      sent = now.stand.mark;
    }
  } finally {
    rings.close();
  }
}

function kindOf(after: string | null, known: Stand | null, now: Stand): StreamKind {
  if (after === null) return StreamKind.SNAPSHOT;
  return known && known.revision <= now.revision ? StreamKind.CHANGED : StreamKind.RESYNC;
}

interface Seen {
  stand: Stand;
  entitlement: EntitlementState<Plan>;
  loaders: Loaders;
}

async function read(parts: Parts, accountId: string, feature: string): Promise<Seen> {
  const loaders = createLoaders(parts.database);
  const account = await loaders.account.load(accountId);
  if (!account) throw notFound('account', accountId);
  const entitlement = decideEntitlement(await readStanding(parts, loaders, account), feature);
  const counter = (await loaders.usageOf.load(accountId)).find((one) => one.feature === feature);
  const shown = JSON.stringify({ ...entitlement, unlockedBy: entitlement.unlockedBy?.key });
  const stand = {
    revision: account.revision + (counter?.revision ?? 0),
    mark: markOf(`${accountId} ${feature}`, shown),
  };
  return { stand, entitlement, loaders };
}

const push = ({ stand, entitlement, loaders }: Seen, kind: StreamKind): EntitlementPush => ({
  kind,
  cursor: cursorAt(stand),
  revision: stand.revision,
  entitlement,
  loaders,
});
