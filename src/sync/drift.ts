import type { Change } from '../history/change.js';
import { demandsOf } from '../webhooks/handlers.js';
import type { StripeEvent } from '../webhooks/stripe-event.js';
import type { ProductChange } from './product-changes.js';
import type { Round } from './queue.js';

/** What a round found changed at Stripe although no event had said so. The round has repaired it. */
export interface DriftState {
  id: string;
  /** Customer, or `catalogue:` and a product. */
  subject: string;
  accountId: string | null;
  object: string;
  objectId: string;
  /** Null when it was not there before; then `after` is all of it. */
  before: Record<string, unknown> | null;
  /** Null when it is gone. */
  after: Record<string, unknown> | null;
  /** What made the round look: somebody's question or the sweep, the clock, or a second look at a change. */
  cause: 'look' | 'wake' | 'confirm';
  /** Store time. */
  detectedAt: number;
  /** When it was certain that no event would come any more; null until then. */
  confirmedAt: number | null;
}

/** Follows from the rest, or from our own catalogue, or differs each time Stripe is asked, or never at Stripe. */
const DERIVED = ['plan', 'access'];
const DERIVED_FIELDS = [
  ...['planKey', 'unmapped', 'accountId', 'hostedUrl', 'pdfUrl', 'url'],
  ...['lastPaymentAt', 'lastPaymentAmount', 'lastPaymentAttemptAt', 'unpaidChangeId'],
  'productCreatedAt',
];
const PAYMENT_FIELDS = ['paymentMethodId', 'paymentAttempts', 'paymentAction'];

/** How an invoice was paid cannot have drifted before it was looked at for the first time. */
const counts = (field: string, before: object): boolean =>
  !DERIVED_FIELDS.includes(field) &&
  !(PAYMENT_FIELDS.includes(field) && 'paymentAttempts' in before && before.paymentAttempts === null);

/** Drift, as far as a round can tell; an event that is still on its way explains it later. */
export function driftsOf(
  round: Pick<Round, 'subject' | 'fence' | 'events' | 'woken' | 'confirming'>,
  changes: readonly (Change | ProductChange)[],
  accountId: string | null,
  detectedAt: number,
): DriftState[] {
  // What nobody has looked at before cannot have drifted.
  if (round.events.length > 0 || round.fence === 1) return [];
  const ofCatalogue = round.subject.startsWith('catalogue:');
  const counting = changes.filter(
    ({ object, before, after }) =>
      (ofCatalogue || !DERIVED.includes(object)) &&
      (!before || !after || Object.keys(after).some((field) => counts(field, before))),
  );
  return counting.map(({ object, id, before, after }, at) => ({
    id: `${round.subject}:${round.fence}:${at}`,
    subject: round.subject,
    accountId,
    // Name and e-mail of an account are its customer's.
    ...(object === 'account' ? { object: 'customer', objectId: round.subject } : { object, objectId: id }),
    before,
    after,
    cause: round.confirming ? 'confirm' : round.woken ? 'wake' : 'look',
    detectedAt,
    confirmedAt: null,
  }));
}

/** Whether an event names what has drifted; of the catalogue, the product is enough. */
export const explains = (
  event: StripeEvent,
  { subject, objectId }: Pick<DriftState, 'subject' | 'objectId'>,
): boolean =>
  subject.startsWith('catalogue:') ||
  event.object.id === objectId ||
  demandsOf(event).some(({ id }) => id === objectId);
