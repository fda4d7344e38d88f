import type Stripe from 'stripe';
import type { Parts } from '../parts.js';
import { STRIPE_API_VERSION } from '../stripe/client.js';
import { isMissing } from '../stripe/errors.js';
import { MADE_BY } from './endpoint-plan.js';
import { wantedTypes } from './handlers.js';

interface EndpointRow {
  id: string;
  url: string;
  secret: string;
}

/**
 * The gateway's own webhook endpoint at a sandbox that runs elsewhere, made once and kept in the database; when the
 * gateway has moved, the endpoint moves with it and keeps its secret and its pending deliveries. Answers the secret.
 */
export async function ensureEndpoint(parts: Pick<Parts, 'database' | 'stripe' | 'wall'>, url: string): Promise<string> {
  const { database, stripe, wall } = parts;
  const stored = await database.read.rows<EndpointRow>(
    'SELECT id, url, secret FROM webhook_endpoints ORDER BY created_at DESC',
  );
  for (const row of stored) {
    if (await moveTo(stripe, row.id, url)) return row.secret;
    await database.run('DELETE FROM webhook_endpoints WHERE id = ?', [row.id]);
  }
  await removeLost(stripe, url);
  const created = await stripe.webhookEndpoints.create({
    url,
    api_version: STRIPE_API_VERSION,
    enabled_events: [...wantedTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
    metadata: MADE_BY,
  });
  const secret = String(created.secret);
  await database.run('INSERT INTO webhook_endpoints (id, url, secret, created_at) VALUES (?, ?, ?, ?)', [
    created.id,
    url,
    secret,
    wall.now(),
  ]);
  return secret;
}

/** A process that died before it had stored the secret left an endpoint here whose deliveries nobody can verify. */
async function removeLost(stripe: Stripe, url: string): Promise<void> {
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 }))
    if (endpoint.url === url && endpoint.metadata?.made_by === MADE_BY.made_by)
      await stripe.webhookEndpoints.del(endpoint.id);
}

/** False when the endpoint is not there any more. */
async function moveTo(stripe: Stripe, id: string, url: string): Promise<boolean> {
  try {
    await stripe.webhookEndpoints.update(id, {
      url,
      disabled: false,
      enabled_events: [...wantedTypes] as Stripe.WebhookEndpointUpdateParams.EnabledEvent[],
    });
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}
