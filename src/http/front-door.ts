import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../auth/roles.js';
import { createTokenVerifier } from '../auth/verify-token.js';
import type { Config } from '../config.js';
import type { RequestContext } from '../graphql/apollo.js';
import type { RequestOrigin } from '../graphql/context.js';
import { createGraphqlHandler } from '../graphql/http-handler.js';
import { createDocumentReader } from '../graphql/read-document.js';
import { createSocketServer } from '../graphql/socket-server.js';
import type { MetricsRegistry } from '../operations/metrics.js';
import type { Ports } from '../ports.js';
import { createOrigins } from './origins.js';
import { createMetricsRoute } from './metrics.js';
import { createClientAddress } from './client-address.js';
import { createWebhookRoute } from './receive-webhook.js';
import type { ReceiveWebhook } from './receive-webhook.js';
import { createRoutes } from './routes.js';
import type { ReadinessCheck } from './routes.js';
import { openHttpServer, refuseUpgrade } from './server.js';

export interface FrontDoorOptions<C extends RequestContext> {
  config: Pick<Config, 'auth' | 'host' | 'returnOrigins'> &
    Partial<Pick<Config, 'metrics' | 'trustedProxies' | 'fieldsPerAnswer'>>;
  /** 0 takes any free port. */
  port: number;
  /** Address of the gateway as browsers reach it, without a trailing slash; asked only after the port is known. */
  publicUrl(port: number): string;
  schema: GraphQLSchema;
  createContext(caller: Caller | null, requestId: string, origin: RequestOrigin): C;
  /** Counts a document against the limits of its sender. Throws RATE_LIMITED. */
  takeRequest?(caller: Caller | null, address: string, rootFields: number): Promise<void>;
  receiveWebhook: ReceiveWebhook;
  /** Asked by /health/ready; what has a problem is named with it. */
  checkReady(): Promise<ReadinessCheck[]>;
  /** Told at /health; nothing is there without it. */
  readHealth?(): Promise<{ state: string }>;
  ports: Pick<Ports, 'wall' | 'timers' | 'random' | 'log'>;
  /** How long kept connections may still bring requests while closing; default a second. */
  lingerMs?: number;
  /** Shown at /metrics as the settings allow; nothing is there without it. */
  metrics?: MetricsRegistry;
}

export interface FrontDoor {
  port: number;
  url: string;
  /** Sockets open at the moment. */
  sockets(): number;
  /** Readiness fails at once, nothing new is accepted, running requests finish, sockets are told to go; at most about 7 s. */
  close(): Promise<void>;
}

const GRACE_MS = 6_500;

/** Opens the one port: GraphQL over HTTP and sockets, Stripe's webhooks, health, pages. */
export async function openFrontDoor<C extends RequestContext>(options: FrontDoorOptions<C>): Promise<FrontDoor> {
  const { config, schema, createContext, takeRequest, checkReady, readHealth, ports, metrics } = options;
  const addressOf = createClientAddress(config.trustedProxies ?? []);
  const { wall, timers, random, log } = ports;
  let url = '';
  const publicUrl = () => url;
  const documents = createDocumentReader(schema, config.fieldsPerAnswer);
  const verifier = createTokenVerifier(config, wall, log);
  const shared = {
    schema,
    documents,
    verifier,
    createContext,
    publicUrl,
    timers,
    log,
    metrics,
    addressOf,
    takeRequest,
  };

  const graphql = await createGraphqlHandler(shared);
  const sockets = createSocketServer({ ...shared, wall, random });
  const origins = createOrigins(config.returnOrigins, publicUrl);
  const isDraining = () => server.isDraining();
  const receiveWebhook = createWebhookRoute(options.receiveWebhook, isDraining, timers, log, addressOf);

  const server = await openHttpServer({
    host: config.host,
    port: options.port,
    lingerMs: options.lingerMs,
    isSecure: () => url.startsWith('https://'),
    handle: createRoutes({
      graphql,
      origins,
      receiveWebhook,
      checkReady,
      readHealth,
      isDraining,
      metrics: metrics && createMetricsRoute(metrics, config.metrics ?? 'off'),
    }),
    upgrade(request, connection, head) {
      if (request.url?.split('?', 1)[0] !== '/graphql') refuseUpgrade(connection, '404 Not Found');
      else if (!origins.allows(request)) refuseUpgrade(connection, '403 Forbidden');
      else sockets.upgrade(request, connection, head);
    },
    random,
    timers,
    log,
  });
  url = options.publicUrl(server.port);

  return {
    port: server.port,
    url,
    sockets: sockets.size,
    async close() {
      await Promise.all([server.close(GRACE_MS), sockets.close()]);
      await graphql.stop();
    },
  };
}
