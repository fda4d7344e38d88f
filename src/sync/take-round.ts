import { isAway, isBusy, isConflict, isLost } from '../database/retry.js';
import type { Ports, Random } from '../ports.js';
import type { Metrics } from '../operations/figures.js';
import { demandsOf } from '../webhooks/handlers.js';
import { apply, FenceLost } from './apply.js';
import type { Look } from './look.js';
import { observeRound } from './observe.js';
import { claim, type PendingEvent, putOff, renew, type Round, type Wants } from './queue.js';
import { backOff, judgeFailure, retryAfter } from './verdict.js';

/** Claims and finishes one round, of this subject or of the longest due. False when there was none to take. */
export type TakeRound = (subject?: string) => Promise<boolean>;

type Needs = Pick<Ports, 'database' | 'random' | 'timers' | 'wall' | 'billing' | 'log'>;

interface Options {
  look: Look;
  knock: (subject: string, wants: Wants) => void;
  /** Subjects of rounds under way that were due; whoever took them looks for more when they are done. */
  looking: Set<string>;
  /** Told how many more subjects were due, so that other workers take them. */
  othersDue: (count: number) => void;
  /** Holds the leases. */
  owner: string;
  leaseMs: number;
  metrics: Metrics;
}

export function createTakeRound(needs: Needs, options: Options): TakeRound {
  const { look, knock, looking, othersDue, owner, leaseMs, metrics } = options;
  const { database, random, timers, wall, billing, log } = needs;
  /** Subjects whose objects are looked at one by one. */
  const narrow = new Set<string>();

  /**
   * A round threw where no single object was to blame. When the database was not away, its objects are looked at one by
   * one, so that the one that cannot be written fails alone and its events come to their end.
   */
  async function blame(round: Round, thrown: unknown): Promise<void> {
    const jitter = random.fraction();
    const ofDatabase = [isAway, isBusy, isConflict, isLost].some((is) => is(thrown));
    if (ofDatabase || round.events.length === 0) return putOff(database, round, backOff(round.attempts + 1, jitter));
    if (namedIn(round).length > 1) {
      narrow.add(round.subject);
      return putOff(database, round, 0);
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const failure = { transient: false, message };
    const verdicts = round.events.map((pending) => judgeFailure(pending, failure, jitter));
    const write = async () => ({ verdicts, ...retryAfter([failure], round.attempts, jitter) });
    observeRound(metrics, round, await apply(database, round, write), wall.now());
  }

  /** Renews the lease until the round lets go of it. */
  function keepLease(round: Round): () => void {
    let held = true;
    let cancel = () => {};
    const beat = () => {
      if (!held) return;
      cancel = timers.after(leaseMs / 3, () => void renew(database, round, owner, leaseMs).then(beat, beat));
    };
    beat();
    return () => {
      held = false;
      cancel();
    };
  }

  return async (subject) => {
    const claimed = await claim(database, random, { owner, leaseMs, billingNow: billing.now(), subject });
    if (!claimed) return false;
    if (claimed.others) othersDue(claimed.others);
    if (subject === undefined) looking.add(claimed.subject);
    const round = narrow.has(claimed.subject) ? narrowed(claimed, random) : claimed;
    if (round === claimed) narrow.delete(claimed.subject);
    if (round.stolen) metrics.count('billing_lease_steals_total');
    const letGo = keepLease(round);
    try {
      await look(round, knock);
    } catch (thrown) {
      if (thrown instanceof FenceLost) {
        metrics.count('billing_fence_rejected_total');
        log.warn({ subject: round.subject }, 'a lease was lost; another worker went on');
      } else {
        log.error({ err: thrown, subject: round.subject }, 'a round failed; it is tried again');
        await blame(round, thrown);
      }
    } finally {
      letGo();
      looking.delete(claimed.subject);
    }
    return true;
  };
}

/** What an event asks to look at, as one text. */
const namedBy = ({ event }: PendingEvent): string =>
  event
    ? demandsOf(event)
        .map(({ id }) => id)
        .join()
    : '';
const namedIn = ({ events }: Round): string[] => [...new Set(events.map(namedBy))];

/** The round with only those of its events that name the same objects, which answers no question; itself if all do. */
function narrowed(round: Round, random: Random): Round {
  const named = namedIn(round);
  if (named.length < 2) return round;
  const chosen = named[Math.floor(random.fraction() * named.length)];
  const events = round.events.filter((pending) => namedBy(pending) === chosen);
  return { ...round, events, whole: false, asked: 0, lookWanted: false, confirming: false };
}
