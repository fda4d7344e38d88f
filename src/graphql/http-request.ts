import type { IncomingMessage } from 'node:http';
import { badUserInput } from '../errors.js';
import { readBody } from '../http/read-body.js';
import type { Timers } from '../ports.js';
import { isJsonBody } from './media-types.js';

/** What one GraphQL request asks for, whichever way it came. */
export interface GraphqlRequest {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown> | undefined;
  /** GET may not change anything. */
  readOnly: boolean;
}

/** A request that is turned away before anything is executed. */
export interface HttpRefusal {
  status: number;
  errors: readonly Error[];
  headers?: Record<string, string>;
}

/** What a request may have of bytes, and of a verified SERVICE token, which sends batches. */
export const MOST_BYTES = { usual: 64 * 1024, ofBackend: 512 * 1024 };
const MAX_MS = 10_000;

/**
 * Reads POST with a JSON body and GET with parameters. A form, which a foreign page could send with the browser's help, is
 * refused by its content type; GET only ever reads; there are no cookies. That is the whole guard against forged requests.
 */
export async function readGraphqlRequest(
  request: IncomingMessage,
  timers: Timers,
  maxBytes: number = MOST_BYTES.usual,
): Promise<GraphqlRequest | HttpRefusal> {
  if (request.method === 'GET') return readQueryString(new URL(request.url ?? '/', 'http://gateway').searchParams);
  if (request.method === 'POST') return readJsonBody(request, timers, maxBytes);
  return refuse(405, `GraphQL is asked by POST or GET, found ${request.method}.`, { allow: 'GET, POST' });
}

async function readJsonBody(
  request: IncomingMessage,
  timers: Timers,
  maxBytes: number,
): Promise<GraphqlRequest | HttpRefusal> {
  const type = request.headers['content-type'];
  if (!isJsonBody(type)) return refuse(415, `The content type must be application/json, found ${type ?? 'none'}.`);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return refuse(415, `The body must not be compressed, found content-encoding ${encoding}.`);
  }
  const body = await readBody(request, { maxBytes, maxMs: MAX_MS }, timers);
  if (body === 413) return refuse(413, `A request may have ${maxBytes} bytes; this one has more.`);
  if (body === 408) return refuse(408, `The body did not arrive within ${MAX_MS / 1000} s.`);
  return readParameters(body);
}

function readParameters(body: Buffer): GraphqlRequest | HttpRefusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return refuse(400, 'The body is not JSON.');
  }
  if (Array.isArray(parsed)) return refuse(400, 'Batches are not accepted; send one operation in each request.');
  if (!isMap(parsed)) return refuse(400, 'The body must be a JSON object with `query`.');
  return toRequest(parsed, false);
}

function readQueryString(parameters: URLSearchParams): GraphqlRequest | HttpRefusal {
  const found: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const values = parameters.getAll(name);
    if (values.length > 1) return refuse(400, `The parameter '${name}' may be given once, found ${values.length}.`);
    if (values[0] === undefined || values[0] === '') continue;
    try {
      found[name] = name === 'variables' || name === 'extensions' ? JSON.parse(values[0]) : values[0];
    } catch {
      return refuse(400, `The parameter '${name}' is not JSON.`);
    }
  }
  return toRequest(found, true);
}

function toRequest(found: Record<string, unknown>, readOnly: boolean): GraphqlRequest | HttpRefusal {
  const { query, operationName = null, variables = null, extensions = null } = found;
  if (typeof query !== 'string' || query === '') return refuse(400, '`query` must be a GraphQL document in a string.');
  if (operationName !== null && typeof operationName !== 'string')
    return refuse(400, '`operationName` must be a string.');
  if (variables !== null && !isMap(variables)) return refuse(400, '`variables` must be an object.');
  if (extensions !== null && !isMap(extensions)) return refuse(400, '`extensions` must be an object.');
  return { query, operationName: operationName || undefined, variables: variables ?? undefined, readOnly };
}

function refuse(status: number, message: string, headers?: Record<string, string>): HttpRefusal {
  return { status, errors: [badUserInput(message)], headers };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
