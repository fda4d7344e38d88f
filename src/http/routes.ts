import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphqlHandler } from '../graphql/http-handler.js';
import { prefersHtml } from '../graphql/media-types.js';
import { send, sendHtml, sendJson, sendText } from './answer.js';
import { createAssets, hasExplorer } from './assets.js';
import type { Origins } from './origins.js';
import { checkoutCancelPage, checkoutSuccessPage } from './pages/checkout-return.js';
import { renderErrorCode } from './pages/error-code.js';
import { graphiqlPage, withoutExplorerPage } from './pages/graphiql.js';
import { renderHome } from './pages/home.js';

/** One thing the gateway needs before it can serve; `problem` is fit to show and holds no secret. */
export interface ReadinessCheck {
  name: string;
  problem?: string;
  /** The gateway can serve without it. */
  dispensable?: boolean;
}

export interface RoutesOptions {
  graphql: GraphqlHandler;
  origins: Origins;
  receiveWebhook(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  checkReady(): Promise<ReadinessCheck[]>;
  /** Told at /health; its `state` is DOWN when the gateway cannot work. Nothing is there without it. */
  readHealth?(): Promise<{ state: string }>;
  isDraining(): boolean;
  /** Answers at /metrics; nothing is there without it. */
  metrics?(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

type Route = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void> | void;

/** GraphiQL sets styles from its script; nothing may run a script that does not come from here. */
const explorerPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Every address of the gateway and what answers there. */
export function createRoutes(options: RoutesOptions): Route {
  const { receiveWebhook, checkReady, readHealth, isDraining, metrics } = options;
  const assets = createAssets();
  const graphql = createGraphqlRoute(options);
  const page = (html: string): Route => get((_request, response) => sendHtml(response, 200, html));

  const exact = new Map<string, Route>([
    ['/graphql', graphql],
    ['/webhooks/stripe', only(['POST'], receiveWebhook)],
    ['/health/live', get((_request, response) => sendJson(response, 200, { status: 'live' }))],
    ['/health', readHealth ? get((_request, response) => answerHealth(response, readHealth)) : notFound],
    ['/health/ready', get((_request, response) => answerReady(response, checkReady, isDraining))],
    ['/metrics', metrics ? get(metrics) : notFound],
    ['/', page(renderHome())],
    ['/checkout/success', page(checkoutSuccessPage)],
    ['/checkout/cancel', page(checkoutCancelPage)],
  ]);
  const errorPage: Route = get((request, response) => {
    const html = renderErrorCode(pathOf(request).slice('/errors/'.length));
    if (html) sendHtml(response, 200, html);
    else notFound(request, response);
  });
  const asset: Route = get((request, response) => {
    if (!assets(pathOf(request).slice('/assets/'.length), request, response)) notFound(request, response);
  });

  return (request, response, requestId) => {
    const path = pathOf(request);
    const route =
      exact.get(path) ?? (path.startsWith('/errors/') ? errorPage : path.startsWith('/assets/') ? asset : notFound);
    return route(request, response, requestId);
  };
}

function createGraphqlRoute({ graphql, origins }: RoutesOptions): Route {
  const explorer = hasExplorer();
  return (request, response, requestId) => {
    if (!origins.allows(request)) {
      return sendText(
        response,
        403,
        `Pages of ${request.headers.origin} may not call the gateway; list it in RETURN_ORIGINS.`,
      );
    }
    for (const [name, value] of Object.entries(origins.corsHeaders(request))) response.setHeader(name, value as string);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (request.method === 'GET' && prefersHtml(request.headers.accept)) {
      if (!explorer) return sendHtml(response, 200, withoutExplorerPage);
      return sendHtml(response, 200, graphiqlPage, { 'content-security-policy': explorerPolicy });
    }
    return graphql.handle(request, response, requestId);
  };
}

async function answerHealth(response: ServerResponse, readHealth: () => Promise<{ state: string }>): Promise<void> {
  const health = await readHealth();
  sendJson(response, health.state === 'DOWN' ? 503 : 200, health);
}

async function answerReady(
  response: ServerResponse,
  checkReady: () => Promise<ReadinessCheck[]>,
  isDraining: () => boolean,
): Promise<void> {
  const checks = isDraining() ? [{ name: 'accepting', problem: 'the gateway is stopping' }] : await checkReady();
  const ready = checks.every(({ problem, dispensable }) => problem === undefined || dispensable);
  const told = Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok']));
  sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks: told });
}

function get(route: Route): Route {
  return only(['GET', 'HEAD'], route);
}

function only(methods: string[], route: Route): Route {
  return (request, response, requestId) => {
    if (methods.includes(request.method ?? '')) return route(request, response, requestId);
    const allow = methods.join(', ');
    return sendText(response, 405, `This address is asked by ${allow}, found ${request.method}.`, { allow });
  };
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  send(response, {
    status: 404,
    contentType: 'text/plain; charset=utf-8',
    body: `There is nothing at ${pathOf(request)}. The API is at /graphql, the overview at /.\n`,
  });
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string;
}
