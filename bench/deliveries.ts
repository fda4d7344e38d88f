import { createHmac, randomBytes } from 'node:crypto';
import type { Shot } from './load.js';

export const SECRET = 'whsec_of_the_measurement';

/** A signed event of 4 kB that no handler listens to, so that what is measured is the intake and nothing after it. */
export function createDelivery(): Shot {
  const created = Math.floor(Date.now() / 1000);
  const event = {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    type: 'bench.measured',
    api_version: '2026-10-28.endive',
    created,
    livemode: false,
    data: { object: { id: 'cus_bench', object: 'customer', filler: 'x'.repeat(3_800) } },
  };
  return sign(event);
}

/** The delivery of an event, as Stripe sends it. */
export function sign(event: { created: number }): Shot {
  const body = Buffer.from(JSON.stringify(event));
  const signature = createHmac('sha256', SECRET).update(`${event.created}.`).update(body).digest('hex');
  return {
    path: '/webhooks/stripe',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${event.created},v1=${signature}` },
    body,
  };
}
