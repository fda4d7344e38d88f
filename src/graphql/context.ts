import type { Caller } from '../auth/roles.js';
import type { Parts } from '../parts.js';
import type { Refusal } from '../refusal.js';
import type { Loaders } from './loaders.js';

/** What a request says of itself beside its document and its token. */
export type RequestOrigin = Pick<Context, 'account' | 'idempotencyKey' | 'address'>;

/** One per HTTP request, one per operation over a socket. */
export interface Context {
  /** Null without a token. */
  caller: Caller | null;
  requestId: string;
  /** What the X-Billing-Account header names, or the connection parameter of that name; undefined without one. */
  account?: string;
  /** What the Idempotency-Key header says; undefined without one, and over a socket. */
  idempotencyKey?: string;
  /** Where the request came from; undefined where nobody knows. */
  address?: string;
  /** Why the arguments of a mutation cannot be used; null or undefined where they can. */
  unusable?: Refusal | null;
  parts: Parts;
  loaders: Loaders;
}
