import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { Log, WallClock } from '../ports.js';
import { STRIPE_API_VERSION } from '../stripe/client.js';
import type { DoorWatch } from './door-watch.js';
import type { Inbox } from './inbox.js';
import { toInboxRow } from './inbox-row.js';
import { type SignatureProblem, signatureProblems, verifySignature } from './signature.js';
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
  /** Sees what is refused, and in which version events come. */
  watch?: DoorWatch;
  /** Counts a delivery with a bad signature; false when its address has sent too many. */
  takeBadSignature?: (address: string) => Promise<boolean>;
}

/** What is wrong with a delivery that was signed with our secret; its sender may know, since it is no forger. */
const misfits = {
  not_json: 'the body is no JSON',
  no_event: 'the body is no event of Stripe; this address takes snapshot events',
  wrong_mode: 'the event is of the other mode (live or test) than the key of this gateway',
  connected_account: 'the event is of a connected account, which this gateway does not serve',
};
type Misfit = keyof typeof misfits;

/** One fixed text for every bad signature: a forger learns nothing. */
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
    const note = (reason: SignatureProblem | Misfit, told: string) => {
      metrics.count('billing_webhook_invalid_signature_total', { reason });
      needs.watch?.refused({ reason, told, ...meta });
    };
    const refuse = async (reason: SignatureProblem): Promise<WebhookAnswer> => {
      note(reason, signatureProblems[reason]);
      const mayGoOn = (await needs.takeBadSignature?.(meta.remoteAddress ?? '')) ?? true;
      return mayGoOn ? REFUSED : TOO_MANY;
    };
    const misfit = (reason: Misfit): WebhookAnswer => {
      const told = `the signature is right, but ${misfits[reason]}`;
      note(reason, told);
      return { status: 400, body: `webhook refused: ${told}` };
    };
    const header = headers['stripe-signature'];
    const wallNow = needs.wall.now();
    const problem = verifySignature(body, Array.isArray(header) ? header.join(',') : header, needs.secrets, wallNow);
    if (problem) return refuse(problem);
    const json = parseJson(body);
    needs.watch?.accepted();
    if (json === undefined) return misfit('not_json');
    const event = toStripeEvent(json);
    if (!event) return misfit('no_event');
    if (event.livemode !== needs.livemode) return misfit('wrong_mode');
    if (event.account !== null) return misfit('connected_account');
    if (event.apiVersion !== null && event.apiVersion !== STRIPE_API_VERSION)
      needs.watch?.otherVersion(event.apiVersion);

    const { type } = event;
    metrics.count('billing_webhook_received_total', { type });
    const row = toInboxRow(event, body, wallNow);
    try {
      const novelty = await needs.inbox.store(row);
      // Of a copy there is nothing new to tell; where its first ended before it could, the sweep does.
      if (novelty === 'new' && row.state === 'pending') needs.knock(row.subject);
      if (novelty === 'known') metrics.count('billing_webhook_duplicate_total');
      else
        metrics.count(row.state === 'pending' ? 'billing_webhook_queued_total' : 'billing_webhook_ignored_total', {
          type,
        });
    } catch (thrown) {
      needs.log.error({ err: thrown, event: event.id, requestId: meta.requestId }, 'webhook could not be stored');
      return LATER;
    }
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
