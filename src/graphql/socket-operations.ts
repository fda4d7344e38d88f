import { CloseCode, makeServer } from 'graphql-ws';
import type { Context as SocketContext, Server } from 'graphql-ws';
import { execute, GraphQLError } from 'graphql';
import type { ExecutionArgs, ExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Caller } from '../auth/roles.js';
import { isExpired, type TokenVerifier } from '../auth/verify-token.js';
import { BillingError } from '../errors.js';
import { type Metrics, silentMetrics } from '../operations/figures.js';
import type { Log, Random } from '../ports.js';
import type { RequestContext } from './apollo.js';
import { accountNamed } from './account-named.js';
import type { RequestOrigin } from './context.js';
import { asksOnlyForCheckouts } from './asks-only-for-checkouts.js';
import { labelOf } from './operation-label.js';
import { presentError } from './present-error.js';
import type { DocumentReader } from './read-document.js';
import { rootFieldsOf } from './rate-limited.js';
import { subscribe } from './subscribe.js';

export const MAX_OPERATIONS_PER_SOCKET = 20;
/** Of one person; without a token, of one address. */
export const MAX_SOCKETS_PER_PERSON = 20;

/** What is known of one socket between its messages. */
export interface SocketSession {
  /** Undefined until the client has introduced itself. */
  caller?: Caller | null;
  /** The token had expired already: only checkouts are told, as without one. */
  expired?: boolean;
  /** Where the socket came from. */
  address: string;
  close(code: number, reason: string): void;
  /** Called once the client has introduced itself with a good token, with none, or with one that has expired. */
  onAcknowledged(caller: Caller | null, expired: boolean): void;
  /** Called when an expired token is used for what needs none: the socket may stay. */
  onCheckout(): void;
}

export interface SocketOperationsOptions<C extends RequestContext> {
  schema: GraphQLSchema;
  documents: DocumentReader;
  verifier: TokenVerifier;
  /** Called once per operation; the context lives as long as the operation. */
  createContext(caller: Caller | null, requestId: string, origin: RequestOrigin): C;
  /** Throws RATE_LIMITED. */
  takeRequest?(caller: Caller | null, address: string, rootFields: number): Promise<void>;
  publicUrl(): string;
  random: Random;
  log: Log;
  metrics?: Metrics;
}

type Connection = SocketContext<Record<string, unknown>, SocketSession>;

/** The graphql-transport-ws protocol over the house's tokens, limits and error form; it knows no socket. */
export function createSocketOperations<C extends RequestContext>(
  options: SocketOperationsOptions<C>,
): Server<SocketSession> {
  const { schema, documents, verifier, createContext, publicUrl, random, log, metrics = silentMetrics } = options;
  const { takeRequest } = options;
  const open = new Map<string, number>();

  const present = (errors: readonly unknown[], requestId: string): GraphQLFormattedError[] =>
    errors.map((error) => presentError(error, { requestId, publicUrl: publicUrl(), log, metrics }));

  async function onConnect({ connectionParams, extra: session }: Connection): Promise<boolean> {
    const authorization = connectionParams?.authorization ?? connectionParams?.Authorization;
    try {
      session.caller = await verifier.verify(authorization === undefined ? undefined : String(authorization));
    } catch (thrown) {
      if (!isExpired(thrown)) return false;
      session.expired = true;
      session.caller = null;
    }
    const person = personOf(session);
    const sockets = (open.get(person) ?? 0) + 1;
    if (sockets > MAX_SOCKETS_PER_PERSON) {
      session.caller = undefined;
      session.close(TOO_MANY, `A person may hold ${MAX_SOCKETS_PER_PERSON} sockets`);
      return false;
    }
    open.set(person, sockets);
    session.onAcknowledged(session.caller, session.expired ?? false);
    return true;
  }

  function onDisconnect({ extra: session }: Connection): void {
    const person = personOf(session);
    const left = (open.get(person) ?? 1) - 1;
    if (left > 0) open.set(person, left);
    else open.delete(person);
  }

  async function onSubscribe(
    connection: Connection,
    _id: string,
    asked: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    if (Object.keys(connection.subscriptions).length > MAX_OPERATIONS_PER_SOCKET) return [tooManyOperations()];
    const read = documents.read(asked.query);
    if ('errors' in read) return read.errors;
    const { caller = null, address, expired } = connection.extra;
    if (expired) {
      if (!asksOnlyForCheckouts(read.document, asked.operationName)) {
        closeForbidden(connection.extra, TOKEN_EXPIRED);
        return [tokenHasExpired()];
      }
      connection.extra.onCheckout();
    }
    try {
      await takeRequest?.(caller, address, rootFieldsOf(read.document, asked.operationName));
    } catch (thrown) {
      return [new GraphQLError((thrown as Error).message, { originalError: thrown as Error })];
    }
    const cost = documents.findCost(read.document, asked.operationName, asked.variables);
    if (cost) return [cost];
    return {
      schema,
      document: read.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      contextValue: createContext(caller, random.ulid(), {
        address,
        account: accountNamed(connection.connectionParams ?? {}),
      }),
    };
  }

  return makeServer<Record<string, unknown>, SocketSession>({
    connectionInitWaitTimeout: 0,
    async execute(args) {
      const { document, operationName } = args as ExecutionArgs;
      const finished = metrics.start('billing_graphql_request_seconds');
      const result = await execute(args as ExecutionArgs);
      finished({ operation: labelOf({ document }, operationName) });
      return result;
    },
    subscribe: async (args) => {
      try {
        return await subscribe(args as ExecutionArgs);
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        return { errors: [new GraphQLError(error.message, { originalError: error })] };
      }
    },
    onConnect,
    onDisconnect,
    onSubscribe,
    onNext(_connection, _id, _asked, args, result): ExecutionResult | undefined {
      if (!result.errors) return undefined;
      const { requestId } = args.contextValue as RequestContext;
      return { ...result, errors: present(result.errors, requestId) as unknown as GraphQLError[] };
    },
    onError: (_connection, _id, _asked, errors) => present(errors, random.ulid()),
  });
}

export const TOKEN_EXPIRED = 'Token expired';

function tokenHasExpired(): GraphQLError {
  const error = new BillingError('UNAUTHENTICATED', 'The token has expired.', { hint: 'Come back with a new one.' });
  return new GraphQLError(error.message, { originalError: error });
}

/** Closes with the code that makes graphql-ws clients ask for a new token and come back. */
export function closeForbidden(session: Pick<SocketSession, 'close'>, reason: string): void {
  session.close(CloseCode.Forbidden, reason);
}

/** graphql-ws clients do not come back by themselves after it. */
const TOO_MANY = CloseCode.TooManyInitialisationRequests;

const personOf = ({ caller, address }: SocketSession): string =>
  caller ? JSON.stringify([caller.accounts[0], caller.subject]) : address;

function tooManyOperations(): GraphQLError {
  const error = new BillingError('RATE_LIMITED', `A socket may run ${MAX_OPERATIONS_PER_SOCKET} operations at once.`, {
    hint: 'Complete one of them first, or open another socket.',
  });
  return new GraphQLError(error.message, { originalError: error });
}
