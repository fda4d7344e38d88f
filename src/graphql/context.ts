import type { Caller } from '../auth/roles.js';
import type { Parts } from '../parts.js';
import type { Loaders } from './loaders.js';

/** One per HTTP request, one per operation over a socket. */
export interface Context {
  /** Null without a token. */
  caller: Caller | null;
  requestId: string;
  /** Where the request came from; undefined where nobody knows. */
  address?: string;
  parts: Parts;
  loaders: Loaders;
}
