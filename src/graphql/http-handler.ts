import { HeaderMap } from '@apollo/server';
import type { HTTPGraphQLRequest } from '@apollo/server';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Caller } from '../auth/roles.js';
import type { TokenVerifier } from '../auth/verify-token.js';
import { BillingError, badUserInput } from '../errors.js';
import { send } from '../http/answer.js';
import { silentMetrics } from '../operations/figures.js';
import type { Timers } from '../ports.js';
import { createApollo } from './apollo.js';
import type { ApolloOptions, RequestContext } from './apollo.js';
import { readGraphqlRequest } from './http-request.js';
import type { GraphqlRequest, HttpRefusal } from './http-request.js';
import { labelOf } from './operation-label.js';
import { JSON_TYPE, preferredResponseType } from './media-types.js';
import type { ResponseType } from './media-types.js';
import { presentError } from './present-error.js';
import { rootFieldsOf } from './rate-limited.js';
import type { DocumentReader } from './read-document.js';

export interface GraphqlHandlerOptions<C extends RequestContext> extends ApolloOptions {
  verifier: TokenVerifier;
  /** Called once per request, after the token and the document are known to be good. */
  createContext(caller: Caller | null, requestId: string, address?: string): C;
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
    address: string,
    type: ResponseType,
  ) {
    const finished = metrics.start('billing_graphql_request_seconds');
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: toApolloRequest(asked, type),
      context: () => Promise.resolve(createContext(caller, requestId, address)),
    });
    finished({ operation: labelOf(documents.read(asked.query), asked.operationName) });
    if (body.kind !== 'complete')
      throw new Error('The schema offers no incremental delivery, but an answer came in parts.');
    return { status: status === 400 ? documentStatus(type) : (status ?? 200), headers, text: body.string };
  }

  async function answer(
    request: IncomingMessage,
    requestId: string,
    type: ResponseType,
  ): Promise<HttpRefusal | Executed> {
    const asked = await readGraphqlRequest(request, timers);
    if ('errors' in asked) return asked;
    const caller = await verifier.verify(request.headers.authorization);
    const address = addressOf(request);
    const read = documents.read(asked.query);
    await takeRequest?.(caller, address, 'document' in read ? rootFieldsOf(read.document, asked.operationName) : 1);
    return refuseDocument(asked, documents, type) ?? execute(asked, caller, requestId, address, type);
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
      sendResult(response, answered.status, type ?? JSON_TYPE, text, 'text' in answered ? {} : answered.headers);
    },
    stop: () => apollo.stop(),
  };
}

interface Executed {
  status: number;
  text: string;
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

function toApolloRequest({ query, operationName, variables }: GraphqlRequest, type: ResponseType): HTTPGraphQLRequest {
  const headers = new HeaderMap([
    ['accept', type],
    ['content-type', JSON_TYPE],
  ]);
  return {
    method: 'POST',
    headers,
    search: '',
    body: { query, operationName: operationName ?? null, variables: variables ?? null },
  };
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
  return undefined;
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

function refuseThrown(thrown: unknown): HttpRefusal {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof BillingError && error.code === 'UNAUTHENTICATED') {
    return { status: 401, errors: [error], headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  }
  if (error instanceof BillingError && error.code === 'RATE_LIMITED') {
    const seconds = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
    return { status: 429, errors: [error], headers: { 'retry-after': String(seconds) } };
  }
  return { status: 500, errors: [error] };
}
