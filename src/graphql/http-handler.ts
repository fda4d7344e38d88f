import { getOperationAST, OperationTypeNode } from 'graphql';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Caller, holds, Role } from '../auth/roles.js';
import { isExpired, type TokenVerifier } from '../auth/verify-token.js';
import { BillingError, badUserInput } from '../errors.js';
import { send } from '../http/answer.js';
import { silentMetrics } from '../operations/figures.js';
import type { Timers } from '../ports.js';
import { createApollo } from './apollo.js';
import type { ApolloOptions, RequestContext } from './apollo.js';
import { MOST_BYTES, readGraphqlRequest } from './http-request.js';
import type { GraphqlRequest, HttpRefusal } from './http-request.js';
import { labelOf } from './operation-label.js';
import { JSON_TYPE, preferredResponseType } from './media-types.js';
import type { ResponseType } from './media-types.js';
import { accountNamed } from './account-named.js';
import type { RequestOrigin } from './context.js';
import { asksOnlyForCheckouts } from './asks-only-for-checkouts.js';
import { presentError } from './present-error.js';
import { rootFieldsOf } from './rate-limited.js';
import type { DocumentReader } from './read-document.js';

/** Stands in for the key of a mutation's input; an empty header is none. */
const keyOf = ({ headers }: IncomingMessage): string | undefined =>
  String(headers['idempotency-key'] ?? '') || undefined;

export interface GraphqlHandlerOptions<C extends RequestContext> extends ApolloOptions {
  verifier: TokenVerifier;
  /** Called once per request, after the token and the document are known to be good. */
  createContext(caller: Caller | null, requestId: string, origin: RequestOrigin): C;
  addressOf(request: IncomingMessage): string;
  /** Throws RATE_LIMITED. */
  takeRequest?(caller: Caller | null, address: string, rootFields: number): Promise<void>;
  timers: Timers;
}

export interface GraphqlHandler {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * GraphQL over HTTP. Everything that can be refused without executing is refused here, in one form. A refused document
 * is a 200 with `errors` for clients of application/json, and a 400 for those of application/graphql-response+json.
 */
export async function createGraphqlHandler<C extends RequestContext>(
  options: GraphqlHandlerOptions<C>,
): Promise<GraphqlHandler> {
  const { verifier, documents, createContext, publicUrl, timers, log, metrics = silentMetrics } = options;
  const { addressOf, takeRequest } = options;
  const apollo = createApollo<C>(options);
  await apollo.start();

  async function execute(
    asked: GraphqlRequest,
    caller: Caller | null,
    requestId: string,
    origin: RequestOrigin,
    type: ResponseType,
  ) {
    const finished = metrics.start('billing_graphql_request_seconds');
    const { http, body } = await apollo.executeOperation(
      { query: asked.query, operationName: asked.operationName, variables: asked.variables },
      { contextValue: createContext(caller, requestId, origin) },
    );
    finished({ operation: labelOf(documents.read(asked.query), asked.operationName) });
    if (body.kind !== 'single')
      throw new Error('The schema offers no incremental delivery, but an answer came in parts.');
    const { errors, data, extensions } = body.singleResult;
    return {
      status: http.status === 400 ? documentStatus(type) : (http.status ?? 200),
      text: `${JSON.stringify({ errors, data, extensions })}\n`,
      headers: retryAfter(
        errors?.find(({ extensions }) => extensions?.code === 'RATE_LIMITED')?.extensions?.retryAfterMs,
      ),
    };
  }

  /** Who sends more than is usual is looked at before the body is. */
  async function mostBytes({ headers }: IncomingMessage): Promise<number> {
    if (!(Number(headers['content-length']) > MOST_BYTES.usual)) return MOST_BYTES.usual;
    const caller = await verifier.verify(headers.authorization).catch(() => null);
    return holds(caller?.roles ?? [], Role.SERVICE) ? MOST_BYTES.ofBackend : MOST_BYTES.usual;
  }

  async function answer(
    request: IncomingMessage,
    requestId: string,
    type: ResponseType,
  ): Promise<HttpRefusal | Executed> {
    const asked = await readGraphqlRequest(request, timers, await mostBytes(request));
    if ('errors' in asked) return asked;
    const read = documents.read(asked.query);
    const caller = await verifier.verify(request.headers.authorization).catch((thrown: unknown) => {
      if (isExpired(thrown) && 'document' in read && asksOnlyForCheckouts(read.document, asked.operationName))
        return null;
      throw thrown;
    });
    const address = addressOf(request);
    await takeRequest?.(caller, address, 'document' in read ? rootFieldsOf(read.document, asked.operationName) : 1);
    return (
      refuseDocument(asked, documents, type) ??
      execute(
        asked,
        caller,
        requestId,
        { address, account: accountNamed(request.headers), idempotencyKey: keyOf(request) },
        type,
      )
    );
  }

  return {
    async handle(request, response, requestId) {
      const type = preferredResponseType(request.headers.accept);
      const answered = type
        ? await answer(request, requestId, type).catch(refuseThrown)
        : notAcceptable(request.headers.accept);
      const presentation = { requestId, publicUrl: publicUrl(), log, metrics };
      const text =
        'text' in answered
          ? answered.text
          : `${JSON.stringify({ errors: answered.errors.map((error) => presentError(error, presentation)) })}\n`;
      sendResult(response, answered.status, type ?? JSON_TYPE, text, answered.headers);
    },
    stop: () => apollo.stop(),
  };
}

interface Executed {
  status: number;
  text: string;
  headers: OutgoingHttpHeaders;
}

function sendResult(
  response: ServerResponse,
  status: number,
  type: ResponseType,
  body: string,
  headers?: OutgoingHttpHeaders,
) {
  const contentType = `${type}; charset=utf-8`;
  send(response, {
    status,
    contentType,
    body,
    headers: { 'cache-control': 'no-store', vary: 'accept, origin', ...headers },
  });
}

/** Why the document may not run this way; undefined where it may, or where execution says best what is wrong. */
function refuseDocument(asked: GraphqlRequest, documents: DocumentReader, type: ResponseType): HttpRefusal | undefined {
  const read = documents.read(asked.query);
  if ('errors' in read) return { status: documentStatus(type), errors: read.errors };
  const operation = getOperationAST(read.document, asked.operationName)?.operation;
  if (operation === OperationTypeNode.SUBSCRIPTION) return { status: documentStatus(type), errors: [needsSocket()] };
  if (asked.readOnly && operation === OperationTypeNode.MUTATION) {
    return {
      status: 405,
      errors: [badUserInput('GET only reads; send mutations by POST.')],
      headers: { allow: 'POST' },
    };
  }
  const cost = documents.findCost(read.document, asked.operationName, asked.variables);
  return cost && { status: documentStatus(type), errors: [cost] };
}

function needsSocket(): BillingError {
  return new BillingError('DOCUMENT_REFUSED', 'Subscriptions run over the socket at this address, not over HTTP.', {
    hint: 'Connect with the graphql-transport-ws protocol, for instance by the package graphql-ws.',
  });
}

/** The GraphQL over HTTP specification: clients of plain JSON see the status of the transport, not of the document. */
function documentStatus(type: ResponseType): number {
  return type === JSON_TYPE ? 200 : 400;
}

function notAcceptable(accept: string | undefined): HttpRefusal {
  const error = badUserInput(
    `Answers are application/json or application/graphql-response+json; ${accept} takes neither.`,
  );
  return { status: 406, errors: [error] };
}

const retryAfter = (ms: unknown): Record<string, string> =>
  typeof ms === 'number' ? { 'retry-after': String(Math.ceil(ms / 1_000)) } : {};

function refuseThrown(thrown: unknown): HttpRefusal {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof BillingError && error.code === 'UNAUTHENTICATED') {
    return { status: 401, errors: [error], headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  }
  if (error instanceof BillingError && error.code === 'RATE_LIMITED') {
    return { status: 429, errors: [error], headers: retryAfter(error.retryAfterMs ?? 1_000) };
  }
  return { status: 500, errors: [error] };
}
