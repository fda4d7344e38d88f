import type { Account, Origin } from '../account.js';
import { API_VERSION } from '../events/create-event.js';
import { notAuthenticated, parameterInvalid, StripeError, unrecognizedUrl } from './errors.js';
import { expand } from './expand.js';
import { emptyGroup, groupFromJson, parseForm, type RawGroup } from './form.js';
import { fingerprintOf, keyInUse, storeAnswer, storedAnswer } from './idempotency.js';
import { cutLists } from './lists.js';
import { list, text } from './parameters.js';
import { findRoute, type Route } from './route.js';
import { isV2, v2ErrorBody } from '../v2/answers.js';
import { authenticateStream, STREAM_PATH } from '../v2/meter-event-sessions.js';

export interface ApiRequest {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string | undefined>;
  body: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The connection breaks: before anything is written, or in the middle of the body. */
  broken?: 'reset' | 'truncated';
}

/** A moment in the life of a request at which something can be made to go wrong. */
export interface Interruption {
  /** An answer given instead of doing what was asked. */
  beforeEffect(): Promise<ApiAnswer | null>;
  /** The answer that is sent in place of the true one; `stored` ones are what the idempotency key replays. */
  afterEffect(answer: ApiAnswer): { answer: ApiAnswer; stored: boolean };
}

const expandPaths = list(text(), 20);

/** Stripe's API as a function: authenticates, finds the route, honours the idempotency key, runs it, expands the answer. */
export class Api {
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly account: Account,
    private readonly routes: Route[],
  ) {}

  async answer(request: ApiRequest, interruption: Interruption): Promise<ApiAnswer> {
    const requestId = this.account.store.transaction(() => this.account.newId('req', 14));
    const keyed = request.method === 'POST' || (request.method === 'DELETE' && isV2(request.path));
    const key = keyed ? request.headers['idempotency-key'] : undefined;
    const common: Record<string, string> = {
      'content-type': 'application/json',
      'request-id': requestId,
      'stripe-version': request.headers['stripe-version'] ?? API_VERSION,
      ...(key ? { 'idempotency-key': key } : {}),
    };
    const held = key === undefined ? undefined : `${request.headers['authorization']} ${key}`;
    try {
      authenticate(this.account, request);
      if (held && this.inFlight.has(held)) throw keyInUse(key ?? '');
      if (held) this.inFlight.add(held);
      try {
        const instead = await interruption.beforeEffect();
        if (instead) return { ...instead, headers: { ...common, ...instead.headers } };
        return this.afterwards(request, key, interruption, common, this.execute(request, requestId, key));
      } finally {
        if (held) this.inFlight.delete(held);
      }
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      return { ...failure(error, request.path), headers: { ...common, ...error.headers } };
    }
  }

  private afterwards(
    request: ApiRequest,
    key: string | undefined,
    interruption: Interruption,
    common: Record<string, string>,
    done: ApiAnswer,
  ): ApiAnswer {
    const { answer, stored } = interruption.afterEffect(done);
    if (stored && key !== undefined) {
      const fingerprint = fingerprintOf(request.method, request.path, request.body);
      this.account.store.transaction(() => storeAnswer(this.account, key, fingerprint, answer.status, answer.body));
    }
    return { ...answer, headers: { ...common, ...answer.headers } };
  }

  private execute(request: ApiRequest, requestId: string, key: string | undefined): ApiAnswer {
    const fingerprint = fingerprintOf(request.method, request.path, request.body);
    const stored =
      key === undefined ? undefined : storedAnswer(this.account, key, fingerprint, this.lifetimeOf(request.path));
    if (stored) return { status: stored.status, headers: { 'idempotent-replayed': 'true' }, body: stored.body };
    const found = findRoute(this.routes, request.method, request.path);
    if (!found) throw unrecognizedUrl(request.method, request.path);
    const raw = rawParameters(request);
    const paths = 'expand' in raw && !isV2(request.path) ? expandPaths.read(raw['expand'] ?? '', 'expand') : [];
    if (!isV2(request.path)) delete raw['expand'];
    const run = found.route.prepare(this.account, raw, found.ids);
    return this.runOnce(
      () => expand(this.account, run(), paths),
      request.path,
      { id: requestId, idempotency_key: key ?? null },
      fingerprint,
    );
  }

  /** Milliseconds for which an answer is replayed. */
  private lifetimeOf(path: string): number {
    const { idempotencyHours, v2IdempotencyDays } = this.account.settings;
    return isV2(path) ? v2IdempotencyDays * 86_400_000 : idempotencyHours * 3_600_000;
  }

  private runOnce(run: () => unknown, path: string, origin: Origin, fingerprint: string): ApiAnswer {
    const { account } = this;
    const key = origin.idempotency_key;
    const before = account.origin;
    account.origin = origin;
    try {
      return account.store.transaction(() => {
        const body = JSON.stringify(run(), cutLists, 2);
        if (key !== null) storeAnswer(account, key, fingerprint, 200, body);
        return { status: 200, headers: {}, body };
      });
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const answer = failure(error, path);
      // What failed under v2 is done anew when it is asked again with its key.
      if (key !== null && error.executed && !isV2(path)) {
        account.store.transaction(() => storeAnswer(account, key, fingerprint, answer.status, answer.body));
      }
      return answer;
    } finally {
      account.origin = before;
    }
  }
}

export function failure(error: StripeError, path: string): ApiAnswer {
  const body = isV2(path) ? v2ErrorBody(error) : error.body;
  return { status: error.status, headers: error.headers, body: JSON.stringify({ error: body }, null, 2) };
}

function rawParameters(request: ApiRequest): RawGroup {
  if (request.method !== 'POST') return parseForm(request.query);
  if (!isV2(request.path)) return { ...parseForm(request.query), ...parseForm(request.body) };
  const group = groupFromJson(jsonOf(request.body), (name, found) => {
    throw parameterInvalid(name, `'${name}' must be a string (found ${JSON.stringify(found)}).`);
  });
  return typeof group === 'string' ? emptyGroup() : group;
}

function jsonOf(body: string): unknown {
  try {
    return body === '' ? {} : (JSON.parse(body) as unknown);
  } catch {
    throw parameterInvalid('body', 'The request body is not valid JSON; paths under /v2 take a JSON body.');
  }
}

function authenticate(account: Account, { headers, path }: ApiRequest): void {
  const { authorization } = headers;
  if (!authorization) {
    throw notAuthenticated(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  const [scheme, rest = ''] = authorization.split(' ');
  const key = scheme === 'Basic' ? (Buffer.from(rest, 'base64').toString().split(':')[0] ?? '') : rest;
  if (path === STREAM_PATH) return authenticateStream(account, key);
  if (!/^[sr]k_test_\w+$/.test(key)) {
    throw notAuthenticated(
      `Invalid API Key provided: ${key.slice(0, 8)}***. The sandbox accepts every key that starts with sk_test_.`,
    );
  }
}
