import type { Metrics } from '../operations/figures.js';
import type { Log, WallClock } from '../ports.js';

/** What is seen of the deliveries at the door: refused ones, and events of another API version. */
export interface DoorWatch {
  /** A delivery whose signature was right. */
  accepted(): void;
  /** One that was refused, and what is wrong with it; writes its line, and an alert when there are many. */
  refused(line: { reason: string; told: string; remoteAddress: string | undefined; requestId: string }): void;
  /** An event in the form of another version of the API than the one that is pinned. */
  otherVersion(version: string): void;
  /** What is wrong and what to do; undefined when all is well. */
  signatureProblem(): string | undefined;
  versionProblem(): string | undefined;
}

const WINDOW_MS = 300_000;
/** So long after the last event of another version one is told of it. */
const VERSION_WINDOW_MS = 3_600_000;
/** More refusals than this in five minutes are an alert. */
const ALERT_ABOVE = 10;
/** A flood does not fill the disk; what is not written is counted. */
const MOST_LINES = 100;
const BAD_AT_FIRST = 3;
const LONGEST_WORD = 64;

const capped = (text: string | undefined) => text?.slice(0, LONGEST_WORD);

export function createDoorWatch(needs: { wall: WallClock; log: Log; metrics: Metrics; apiVersion: string }): DoorWatch {
  const { wall, log, metrics, apiVersion } = needs;
  let goodAt: number | undefined;
  let bad = 0;
  let recent: number[] = [];
  let alerted = false;
  let other: { version: string; at: number } | undefined;
  const within = (at: number) => wall.now() - at < WINDOW_MS && at <= wall.now();

  return {
    accepted: () => void (goodAt = wall.now()),
    refused({ reason, told, remoteAddress, requestId }) {
      bad += 1;
      // Beyond the cap only the newest matter for when it ends.
      recent = [...recent.filter(within), wall.now()].slice(-(MOST_LINES + 1));
      if (recent.length <= MOST_LINES)
        log.warn(
          { reason, remoteAddress: capped(remoteAddress), requestId: capped(requestId) },
          `webhook refused: ${told}`,
        );
      if (recent.length <= ALERT_ABOVE) alerted = false;
      else if (!alerted) {
        alerted = true;
        metrics.count('billing_webhook_refusal_alerts_total');
        log.error(
          { refused: recent.length, withinMs: WINDOW_MS },
          'many webhooks are refused; each `webhook refused` says why. For no_match compare STRIPE_WEBHOOK_SECRETS with ' +
            "the endpoint's secret at Stripe, by `billing doctor`",
        );
      }
    },
    otherVersion(found) {
      metrics.count('billing_webhook_other_version_total', { version: found });
      if (other?.version !== found)
        log.warn({ version: found, pinned: apiVersion }, 'webhooks come in another API version');
      other = { version: found, at: wall.now() };
    },
    signatureProblem() {
      const remedy = 'Copy the signing secret of the endpoint at Stripe into STRIPE_WEBHOOK_SECRETS.';
      if (goodAt === undefined)
        return bad < BAD_AT_FIRST
          ? undefined
          : `${bad} webhooks were refused since the start and none had a good signature. ${remedy}`;
      const refused = recent.filter(within).length;
      // Forged ones come beside genuine ones, and say nothing about the secret.
      if (refused <= ALERT_ABOVE || within(goodAt)) return undefined;
      return `${refused > MOST_LINES ? `More than ${MOST_LINES}` : refused} webhooks were refused within five minutes and none had a good signature. ${remedy}`;
    },
    versionProblem() {
      if (!other || wall.now() - other.at >= VERSION_WINDOW_MS) return undefined;
      return (
        `Webhooks come in API version ${other.version}; the gateway works with ${apiVersion}. They are taken in all the ` +
        'same. `billing webhooks rotate` makes an endpoint that is pinned to it.'
      );
    },
  };
}
