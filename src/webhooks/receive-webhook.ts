import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { Log, WallClock } from '../ports.js';
import { subjectKey, subjectOf } from '../sync/subject.js';
import { isHandled } from './handlers.js';
import type { Inbox } from './inbox.js';
import { type SignatureProblem, verifySignature } from './signature.js';
import { toStripeEvent } from './stripe-event.js';

export interface WebhookAnswer {
  status: 200 | 400 | 429 | 503;
  body: string;
  retryAfterSeconds?: number;
}

export interface WebhookMeta {
  remoteAddress: string | undefined;
  requestId: string;
}

export interface ReceiveWebhookNeeds {
  inbox: Inbox;
  wall: WallClock;
  log: Log;
  secrets: readonly string[];
  /** Whether our key is a live one; events of the other mode are refused. */
  livemode: boolean;
  /** True while stopping: nothing new is taken in. */
  draining: () => boolean;
  /** Called after the answer is decided; asks the sync to look. */
  knock: (subject: string) => void;
  metrics?: Metrics;
  /** Counts a delivery with a bad signature; false when its address has sent too many. */
  takeBadSignature?: (address: string) => Promise<boolean>;
}

type Refusal = SignatureProblem | 'not_json' | 'no_event' | 'wrong_mode' | 'connected_account';

/** One fixed text for every refusal: a forger learns nothing. */
const REFUSED: WebhookAnswer = { status: 400, body: 'webhook refused' };
/** Only ever for bad signatures: a good one is checked first and always taken in. */
const TOO_MANY: WebhookAnswer = { status: 429, body: 'webhook refused', retryAfterSeconds: 60 };
const LATER: WebhookAnswer = { status: 503, body: 'try again', retryAfterSeconds: 5 };

/**
 * The door Stripe knocks on. Answers 200 only when the event is durably stored, by this delivery or an earlier one.
 */
export function createReceiveWebhook(needs: ReceiveWebhookNeeds) {
  const { metrics = silentMetrics } = needs;
  return async (
    body: Buffer,
    headers: Record<string, string | string[] | undefined>,
    meta: WebhookMeta,
  ): Promise<WebhookAnswer> => {
    if (needs.draining()) return LATER;
    const refuse = async (reason: Refusal): Promise<WebhookAnswer> => {
      metrics.count('billing_webhook_invalid_signature_total', { reason });
      if ((await needs.takeBadSignature?.(meta.remoteAddress ?? '')) === false) return TOO_MANY;
      needs.log.warn({ reason, remoteAddress: meta.remoteAddress, requestId: meta.requestId }, 'webhook refused');
      return REFUSED;
    };
    const header = headers['stripe-signature'];
    const wallNow = needs.wall.now();
    const problem = verifySignature(body, Array.isArray(header) ? header.join(',') : header, needs.secrets, wallNow);
    if (problem) return refuse(problem);
    const json = parseJson(body);
    if (json === undefined) return refuse('not_json');
    const event = toStripeEvent(json);
    if (!event) return refuse('no_event');
    if (event.livemode !== needs.livemode) return refuse('wrong_mode');
    if (event.account !== null) return refuse('connected_account');

    const { type } = event;
    metrics.count('billing_webhook_received_total', { type });
    const handled = isHandled(type);
    const subject = subjectKey(subjectOf(event));
    try {
      const novelty = await needs.inbox.store({
        id: event.id,
        type,
        created: event.created,
        apiVersion: event.apiVersion,
        livemode: event.livemode,
        subject,
        requestKey: event.requestKey,
        body,
        receivedAt: wallNow,
        state: handled ? 'pending' : 'ignored',
      });
      if (novelty === 'known') metrics.count('billing_webhook_duplicate_total');
      else metrics.count(handled ? 'billing_webhook_queued_total' : 'billing_webhook_ignored_total', { type });
    } catch (thrown) {
      needs.log.error({ err: thrown, event: event.id, requestId: meta.requestId }, 'webhook could not be stored');
      return LATER;
    }
    if (handled) needs.knock(subject);
    return { status: 200, body: 'stored' };
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
