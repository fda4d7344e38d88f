import type { AccessPolicy } from '../access/access.js';
import type { Change } from '../history/change.js';
import { fetchProduct } from '../plans/catalogue.fetch.js';
import type { CatalogueRules } from '../plans/rules.js';
import type { Ports } from '../ports.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import { readStored } from './apply-customer.js';
import { writeProduct } from './apply-product.js';
import { decide } from './decide.js';
import { toFailure } from './fetch.js';
import { findOwner } from './forward.js';
import { fetchCustomer } from './look.js';
import { productChanges, type ProductChange } from './product-changes.js';
import type { PendingEvent, Round } from './queue.js';
import { parseSubject } from './subject.js';
import { judge, type Verdict } from './verdict.js';
import { nothingSeen } from './seen.js';

/** What a round over some events would do now. */
export interface Foresight {
  /** Whom it is about: a customer, or `catalogue:` and a product. */
  subject: string;
  changes: (Change | ProductChange)[];
  /** How each event would end, once Stripe has been asked as often as it is asked at most. */
  ends: Pick<Verdict, 'id' | 'state' | 'error'>[];
}

type Needs = Omit<Ports, 'hints'>;

/** More rounds than any event waits through, so that every verdict is the last one. */
const LAST = 100;

/** Asks Stripe what a round would ask, decides what a round would decide, and writes nothing. */
export async function foresee(
  needs: Needs,
  policy: AccessPolicy,
  rules: CatalogueRules,
  subject: string,
  events: readonly StripeEvent[],
): Promise<Foresight> {
  const now = needs.wall.now();
  const pending = events.map((event): PendingEvent => ({
    id: event.id,
    type: event.type,
    attempts: LAST,
    again: true,
    tries: { transient: 0, permanent: LAST, stale: LAST, parked: LAST, waitedMs: 0 },
    receivedAt: now,
    event,
  }));
  const round = roundOver(subject, pending);
  const { kind, id } = parseSubject(subject);
  if (kind === 'customer') return foreseeCustomer(needs, policy, round, id);
  if (kind === 'catalogue') return foreseeProduct(needs, rules, round, id);
  const owner = await findOwner(needs.stripe, round, id);
  if (owner.customer) return foreseeCustomer(needs, policy, { ...round, subject: owner.customer }, owner.customer);
  const seen = nothingSeen();
  if (owner.failure) for (const { object } of events) seen.failures.set(String(object.id), owner.failure);
  return { subject, changes: [], ends: pending.map((one) => toEnd(judge(one, [], { ...NOTHING_HELD, seen }))) };
}

/** How often it was tried is no news of a look that only foresees. */
const toEnd = ({ id, state, error }: Verdict): Foresight['ends'][number] => ({ id, state, error });

const NOTHING_HELD = { owned: false, resurrected: new Set<string>(), held: () => false, jitter: 0 };

const roundOver = (subject: string, events: PendingEvent[]): Round => ({
  subject,
  ...{ fence: 0, claimedAt: 0, asked: 0, lookWanted: false, attempts: LAST, woken: false, events, whole: true },
  ...{ sinceConfirmed: null, sinceWritten: null, confirming: false },
});

async function foreseeCustomer(
  needs: Needs,
  policy: AccessPolicy,
  round: Round,
  customerId: string,
): Promise<Foresight> {
  const { database, billing, wall } = needs;
  const seen = await fetchCustomer(needs, policy, round, customerId);
  const stored = await readStored(database.read, '', customerId, seen);
  const times = { now: billing.now(), wallNow: wall.now(), jitter: 0 };
  const { changes, verdicts } = decide({ customerId, stored, seen, events: round.events, policy, ...times });
  return { subject: round.subject, changes, ends: verdicts.map(toEnd) };
}

/** Carries out of the transaction what it would have changed; the transaction is rolled back. */
class Foreseen extends Error {
  constructor(readonly changes: ProductChange[]) {
    super('Nothing is written.');
  }
}

/** A product's rows are compared while they are written, so they are written and taken back. */
async function foreseeProduct(
  needs: Needs,
  rules: CatalogueRules,
  round: Round,
  productId: string,
): Promise<Foresight> {
  const { database, stripe, wall } = needs;
  const seen = nothingSeen();
  const product = await fetchProduct(stripe, productId, rules).catch((thrown: unknown) => {
    seen.failures.set(productId, toFailure(thrown));
    return null;
  });
  const context = { seen, owned: true, resurrected: new Set<string>(), held: () => true, now: wall.now(), jitter: 0 };
  const ends = round.events.map((one) => toEnd(judge(one, [], context)));
  if (!product) return { subject: round.subject, changes: [], ends };
  const changes = await database
    .transaction<ProductChange[]>(async (transaction) => {
      const written = await productChanges(transaction, productId, () =>
        writeProduct(transaction, product, wall.now()),
      );
      throw new Foreseen(written.changes);
    })
    .catch((thrown: unknown) => {
      if (thrown instanceof Foreseen) return thrown.changes;
      throw thrown;
    });
  return { subject: round.subject, changes, ends };
}
