import { createHash } from 'node:crypto';
import type { Account } from '../account.js';
import type { IdempotencyRow } from '../store/tables.js';
import { StripeError } from './errors.js';

/** What was asked, so that the same key with another question is noticed. */
export function fingerprintOf(method: string, path: string, body: string): string {
  return createHash('sha256').update(`${method} ${path}\n${body}`).digest('hex');
}

/** The stored answer to this key, if it is to be replayed. */
export function storedAnswer(
  account: Account,
  key: string,
  fingerprint: string,
  lifetimeMs: number,
): IdempotencyRow | undefined {
  if (key.length > 255) {
    throw refusal(400, `Idempotency keys must be at most 255 characters (found ${key.length}).`);
  }
  const stored = account.store.get('idempotency', key);
  if (!stored) return undefined;
  const age = account.clock.wall.now() - stored.stored_at;
  if (age >= lifetimeMs) return undefined;
  if (stored.fingerprint !== fingerprint) {
    throw refusal(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    );
  }
  return stored;
}

export function keyInUse(key: string): StripeError {
  return refusal(
    409,
    `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    'idempotency_key_in_use',
  );
}

export function storeAnswer(account: Account, key: string, fingerprint: string, status: number, body: string): void {
  account.store.put('idempotency', { id: key, fingerprint, status, body, stored_at: account.clock.wall.now() });
}

function refusal(status: number, message: string, code?: string): StripeError {
  const error = new StripeError(status, { type: 'idempotency_error', message, ...(code ? { code } : {}) });
  error.executed = false;
  return error;
}
