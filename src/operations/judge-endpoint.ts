import type { Instant } from '../ports.js';
import { isHandled } from '../webhooks/handlers.js';
import { type Endpoint, type FoundEndpoints, planProvision, type WantedEndpoint } from '../webhooks/endpoint-plan.js';
import type { Sources } from '../webhooks/inbox-tail.js';
import type { Finding } from './checks.js';

const DAY_MS = 86_400_000;
const OLDEST_SECRET_DAYS = 180;
const MOST_NAMED = 3;

/** Whether Stripe delivers what this version acts on, in the form that it reads; what to do otherwise. */
export function judgeEndpoint(wanted: WantedEndpoint, found: FoundEndpoints): Finding {
  const { used, older } = found;
  const drift = (problem: string): Finding => ({ detail: '', problem, cause: 'drift' });
  if (used === null) {
    const why = found.disabled[0] ? `${found.disabled[0].id} is disabled` : 'there is none';
    return drift(`no endpoint at Stripe delivers to ${wanted.url} (${why}); run \`billing webhooks provision\`.`);
  }
  if (planProvision(wanted, found).kind === 'rotate')
    return drift(
      `${used.id} delivers in API version ${used.api_version ?? "of the account's default"}, this gateway reads ` +
        `${wanted.version}, and Stripe pins it at creation only; \`billing webhooks rotate\` makes one that is pinned.`,
    );
  const all = used.enabled_events.includes('*');
  const missing = all ? [] : wanted.events.filter((type) => !used.enabled_events.includes(type));
  if (missing.length > 0)
    return drift(`${used.id} does not deliver ${named(missing)}; run \`billing webhooks provision\`.`);
  const detail = `${used.id} delivers ${all ? 'every type' : `${used.enabled_events.length} types`} to ${used.url}`;
  const surplus = all ? [] : used.enabled_events.filter((type) => !isHandled(type));
  if (older.length > 0)
    return {
      detail,
      warning: `${named(older.map(({ id }) => id))} deliver${older.length > 1 ? '' : 's'} too, so each event comes more than once; run \`billing webhooks rotate --retire\`.`,
    };
  if (surplus.length > 0)
    return {
      detail,
      warning: `${used.id} delivers ${named(surplus)}, on which nobody acts; run \`billing webhooks provision\`.`,
    };
  return { detail };
}

/** So many events of Stripe's list in a row, without a delivery, do not come by chance. */
const MANY_LISTED = 3;

/**
 * Whether what the endpoint delivers can be verified, and its secret is young enough. What the inbox holds says more than the
 * fingerprint that was kept as the endpoint was made: the secret may have been rolled at Stripe since.
 */
export function judgeSecret(
  { used, secret }: { used: Endpoint; secret: FoundEndpoints['secret'] },
  now: Instant,
  { delivered, listedSince }: Pick<Sources, 'delivered' | 'listedSince'> = { delivered: 0, listedSince: 0 },
): Finding {
  const days = Math.max(0, Math.floor((now - used.created * 1_000) / DAY_MS));
  const told = secret === 'unknown' ? '; whether the settings hold it cannot be told' : '';
  const detail = `of ${used.id}, ${days} days old${told}`;
  if (secret === 'missing' && delivered > 0 && listedSince === 0)
    return { detail: `of ${used.id}; it was rolled since, for the settings hold another and deliveries arrive` };
  if (secret === 'missing')
    return {
      detail,
      problem:
        `STRIPE_WEBHOOK_SECRETS does not hold the secret of ${used.id}, so what it delivers is refused. Add it; where it was rolled at Stripe and is set already, its first delivery proves it; ` +
        'if it is lost, `billing webhooks rotate --yes` makes another.',
      cause: 'settings',
    };
  if (listedSince >= MANY_LISTED)
    return {
      detail,
      warning:
        `${listedSince} events were found in Stripe's list since the last delivery came. If the secret of ${used.id} was ` +
        "rolled at Stripe, copy the new one into STRIPE_WEBHOOK_SECRETS; if not, see its deliveries in Stripe's dashboard.",
    };
  if (days <= OLDEST_SECRET_DAYS) return { detail };
  const warning = `the signing secret of ${used.id} is ${days} days old; run \`billing webhooks rotate\`.`;
  return { detail, warning };
}

function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Beyond it Stripe's signatures would be refused as of the future. */
const MOST_AHEAD_MS = 60_000;
const WORTH_A_LOOK_MS = 5_000;

/** This machine's clock beside Stripe's, as its answer tells; to the second. */
export function judgeClock(date: string | undefined, wallNow: Instant): Finding {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return { detail: 'Stripe did not tell its time' };
  // The header has no milliseconds.
  const apart = wallNow - theirs;
  const off = apart < 0 ? -apart : Math.max(0, apart - 1_000);
  const text = `${Math.round(off / 1_000)} s ${apart < 0 ? 'behind' : 'ahead of'} Stripe's`;
  if (off > MOST_AHEAD_MS)
    return { detail: text, problem: `this machine's clock is ${text}: signatures are refused. Set it, by NTP.` };
  if (off > WORTH_A_LOOK_MS) return { detail: text, warning: `this machine's clock is ${text}. Set it, by NTP.` };
  return { detail: off < 1_000 ? "as Stripe's" : text };
}
