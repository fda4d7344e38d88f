import type Stripe from 'stripe';
import { type Config, loadConfigBeforeEndpoint } from '../config.js';
import { STRIPE_API_VERSION, type StripeClient } from '../stripe/client.js';
import * as plan from '../webhooks/endpoint-plan.js';
import { wantedTypes } from '../webhooks/handlers.js';
import { CommandFailed, exitCodes } from './exit.js';
import { reachStripe } from './reach-stripe.js';
import { openStripe } from './system-ports.js';

export interface Looked extends plan.FoundEndpoints {
  stripe: StripeClient;
  wanted: plan.WantedEndpoint;
}

export const readConfig = () => reachStripe(loadConfigBeforeEndpoint());

export const listEndpoints = (stripe: StripeClient) =>
  stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });

/** The endpoints at Stripe, and what each is to this gateway. Throws where Stripe could not deliver to it. */
export async function look(): Promise<Looked> {
  const config = await readConfig();
  const stripe = openStripe(config);
  const wanted = wantedBy(config);
  return { stripe, wanted, ...plan.sortEndpoints(wanted, await listEndpoints(stripe)) };
}

/** The endpoint of this gateway as it should be. Throws where Stripe could not deliver to it. */
export const wantedBy = (config: Config): plan.WantedEndpoint => ({
  url: `${addressOf(config)}/webhooks/stripe`,
  events: wantedTypes,
  version: STRIPE_API_VERSION,
  secrets: config.stripe.webhookSecrets,
});

/** A sandbox reaches what Stripe cannot. */
function addressOf({ publicUrl, port, stripe: { apiBase, secretKey } }: Config): string {
  if (apiBase !== undefined) return publicUrl ?? `http://127.0.0.1:${port}`;
  const why = publicUrl === undefined ? 'it is not set' : plan.whyUnreachable(publicUrl, /^.k_live_/.test(secretKey));
  if (publicUrl !== undefined && why === null) return publicUrl;
  const remedy = 'Set it to the address under which the internet reaches the gateway, or use the sandbox.';
  throw new CommandFailed(`Stripe cannot deliver to PUBLIC_URL: ${why}. ${remedy}`, exitCodes.usage);
}

/** Prints the secret. */
export async function createEndpoint({ stripe, wanted }: Looked, json?: boolean): Promise<void> {
  const { url, version, events } = wanted;
  const { id, secret = '' } = await stripe.webhookEndpoints.create({
    url,
    api_version: version as Stripe.WebhookEndpointCreateParams.ApiVersion,
    enabled_events: events as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
    metadata: plan.MADE_BY,
  });
  // First of all: nobody shows it again.
  say(json, { state: 'done', step: 'create', id, url, secret }, [
    `${id} delivers to ${url} from now on. Its signing secret is shown this once:`,
    `  ${secret}`,
    'Put it first in STRIPE_WEBHOOK_SECRETS, a comma between it and others, and restart each gateway.',
  ]);
  await stripe.webhookEndpoints.update(id, { metadata: plan.fingerprintOf(secret) });
}

export async function removeEndpoints(stripe: StripeClient, endpoints: readonly plan.Endpoint[]): Promise<void> {
  for (const { id } of endpoints) await stripe.webhookEndpoints.del(id);
}

/** To be named in a sentence. */
export const ids = (endpoints: readonly plan.Endpoint[]) => endpoints.map(({ id }) => id).join(', ');

/** The result as one line of JSON, or as lines for people. */
export function say(json: boolean | undefined, result: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`);
}
