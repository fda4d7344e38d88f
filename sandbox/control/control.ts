import type { ServerResponse } from 'node:http';
import type { Account } from '../account.js';
import type { Timekeeper } from '../clock/timekeeper.js';
import type { Deliverer } from '../delivery/deliverer.js';
import type { ApiAnswer, ApiRequest } from '../http/api.js';

/** What the control paths work on. */
export interface Controls {
  account: Account;
  timekeeper: Timekeeper;
  deliverer: Deliverer;
  stateFile: string | null;
  /** Empties the account; the endpoint named at the start stays. */
  reset(to: { clock?: number; catalogue: 'sample' | 'none' }): Promise<void>;
}

export interface ControlCall {
  controls: Controls;
  request: ApiRequest;
  response: ServerResponse;
  ids: string[];
  body: Record<string, unknown>;
  query: URLSearchParams;
}

/** A path under `/_sandbox`. Null: the response was written already. */
export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  path: RegExp;
  handle(call: ControlCall): Promise<ApiAnswer | null> | ApiAnswer | null;
}

export function json(value: unknown, status = 200): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value, null, 2)}\n` };
}

/** A control call that cannot be done: says what was asked and what to send instead. */
export class ControlError extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export function readBody(request: ApiRequest): Record<string, unknown> {
  if (request.body === '') return {};
  if (/x-www-form-urlencoded/.test(request.headers['content-type'] ?? ''))
    return Object.fromEntries(new URLSearchParams(request.body));
  try {
    const value: unknown = JSON.parse(request.body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    throw new ControlError(`The body is not JSON: ${request.body.slice(0, 80)}`);
  }
  throw new ControlError('The body must be a JSON object.');
}
