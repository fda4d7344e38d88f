import { type Config, NO_SECRET_YET } from '../config.js';
import type { Database } from '../database/database.js';
import type { BillingClock, Instant, SharedRedis, WallClock } from '../ports.js';
import type { StripeClient } from '../stripe/client.js';
import {
  type Endpoint,
  type FoundEndpoints,
  sortEndpoints,
  type WantedEndpoint,
  whyUnreachable,
} from '../webhooks/endpoint-plan.js';
import { countSources, type Sources } from '../webhooks/inbox-tail.js';
import { type Check, check, checkCatalogue, checkDatabase, checkRedis, type Finding } from './checks.js';
import { judgeClock, judgeEndpoint, judgeSecret } from './judge-endpoint.js';

/** Each opens what it names, and rejects with what to do where that fails. */
export interface Patient {
  config: Config;
  wall: WallClock;
  /** The endpoint as it should be. Throws where Stripe could not deliver to it. */
  wanted: () => WantedEndpoint;
  stripe: () => Promise<StripeClient>;
  billing: () => Promise<Pick<BillingClock, 'now'>>;
  database: () => Promise<Database>;
  redis: () => Promise<SharedRedis>;
}

/** Looks at everything that a gateway with these settings needs. Never throws, changes nothing. */
export async function examine(patient: Patient): Promise<Check[]> {
  const { config } = patient;
  const checks = [await check('keys', () => judgeKeys(config)), await check('addresses', () => judgeAddresses(config))];
  const { found, checks: ofStripe } = await examineStripe(patient);
  // What came before the endpoint was made, it could not deliver.
  const { sources, checks: ofDatabase } = await examineDatabase(patient, found?.used?.created ?? 0);
  const { used, secret = 'unknown' } = found ?? {};
  const judge = async (endpoint: Endpoint) =>
    judgeSecret({ used: endpoint, secret }, (await patient.billing()).now(), sources);
  const ofSecret = used && (await check('webhook secret', () => judge(used)));
  checks.push(...ofStripe, ...(ofSecret ? [ofSecret] : []), ...ofDatabase);
  if (config.redisUrl === undefined) return checks;
  const redis = await check('redis', async () => checkRedis({ config, redis: await patient.redis() }));
  return [...checks, redis];
}

const modeOf = (key: string) => /^.k_(test|live)_/.exec(key)?.[1];

function judgeKeys({ production, stripe, publishableKey }: Config): Finding {
  const mode = modeOf(stripe.secretKey);
  const secrets = stripe.webhookSecrets.filter((secret) => secret !== NO_SECRET_YET).length;
  const detail = `a ${mode ?? 'sandbox'} key, ${secrets} signing secret(s), ${publishableKey ? 'a' : 'no'} publishable key`;
  const wrong = (problem: string): Finding => ({ detail, problem, cause: 'settings' });
  if (publishableKey !== undefined && modeOf(publishableKey) !== mode)
    return wrong('STRIPE_PUBLISHABLE_KEY is of another mode (test or live) than STRIPE_SECRET_KEY.');
  if (production && secrets === 0)
    return wrong('STRIPE_WEBHOOK_SECRETS is not set; `billing webhooks provision` makes the endpoint and prints it.');
  return { detail };
}

function judgeAddresses({ publicUrl, returnOrigins, stripe }: Config): Finding {
  const detail = [publicUrl ?? 'PUBLIC_URL is not set', ...returnOrigins].join(', ');
  if (stripe.apiBase !== undefined || stripe.startSandbox) return { detail };
  const why =
    publicUrl === undefined ? 'it is not set' : whyUnreachable(publicUrl, modeOf(stripe.secretKey) === 'live');
  if (why !== null) return { detail, problem: `Stripe cannot deliver to PUBLIC_URL: ${why}.`, cause: 'settings' };
  const open = returnOrigins.filter((origin) => origin.startsWith('http:') && whyUnreachable(origin, false) === null);
  if (open.length === 0) return { detail };
  return { detail, warning: `RETURN_ORIGINS holds ${open.join(', ')}; customers should come back over https.` };
}

async function examineStripe({
  config,
  wall,
  wanted,
  stripe,
}: Patient): Promise<{ checks: Check[]; found?: FoundEndpoints }> {
  let answered: { there: Endpoint[]; date: string | undefined; at: Instant } | undefined;
  const reached = await check('stripe', async () => {
    const client = await stripe();
    const { data, lastResponse } = await client.webhookEndpoints.list({ limit: 100 });
    answered = { there: data, date: lastResponse.headers.date, at: wall.now() };
    return { detail: `${config.stripe.apiBase ?? 'api.stripe.com'} answers` };
  });
  if (!answered) return { checks: [reached] };
  const { there, date, at } = answered;
  let found: FoundEndpoints | undefined;
  const endpoint = await check('webhook endpoint', () => {
    const order = wanted();
    return judgeEndpoint(order, (found = sortEndpoints(order, there)));
  });
  return { checks: [reached, await check('clock', () => judgeClock(date, at)), endpoint], found };
}

async function examineDatabase(
  { config, wall, database }: Patient,
  created: number,
): Promise<{ checks: Check[]; sources?: Sources }> {
  let opened: Database | undefined;
  let sources: Sources | undefined;
  const first = await check('database', async () => checkDatabase({ database: (opened = await database()), config }));
  if (!opened || first.problem !== undefined) return { checks: [first] };
  const there = opened;
  const checks = [
    first,
    await check('catalogue', () => checkCatalogue({ database: there })),
    await check('deliveries', async () =>
      judgeDeliveries((sources = await countSources(there, wall.now() - DAY_MS, created))),
    ),
  ];
  return { checks, sources };
}

const DAY_MS = 86_400_000;
const MOST_UNDELIVERED = 0.01;

/** Of the last day, by what the inbox has: an event that came by Stripe's list had not been delivered in time. */
function judgeDeliveries({ delivered, listed }: Sources): Finding {
  const all = delivered + listed;
  if (all === 0) return { detail: 'no events in the last day' };
  const text = `${delivered} of ${all} events of the last day were delivered (${((100 * delivered) / all).toFixed(1)} %)`;
  if (listed / all <= MOST_UNDELIVERED) return { detail: text };
  return {
    detail: text,
    warning: `${text}, the others were found in Stripe's list; see the endpoint's deliveries in Stripe's dashboard, and \`webhook refused\` in the log.`,
  };
}
