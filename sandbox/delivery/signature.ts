import { createHmac } from 'node:crypto';

/** The `Stripe-Signature` header: one `v1` per secret that is live. `t` is wall time in seconds. */
export function signatureHeader(payload: string, secrets: string[], t: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${t}.${payload}`, 'utf8').digest('hex')}`,
  );
  return [`t=${t}`, ...signatures].join(',');
}
