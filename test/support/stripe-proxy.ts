import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StripeCall {
  method: string;
  /** With its query. */
  path: string;
}

/** What is answered instead of Stripe; `hang` never answers, `cut` lets the call have its effect and drops the answer. */
export type Instead = { status: number; body: unknown } | 'hang' | 'cut' | undefined;

/** Stands between the SDK and a sandbox, so that a test decides what arrives. */
export interface StripeProxy {
  url: string;
  calls: StripeCall[];
  /** Calls of that method and beginning of a path. */
  count(method: string, path: string): number;
  /** Asked for every call; undefined lets it through. */
  instead: (call: StripeCall) => Instead | Promise<Instead>;
  stop(): Promise<void>;
}

export async function startStripeProxy(target: string): Promise<StripeProxy> {
  const proxy: StripeProxy = {
    url: '',
    calls: [],
    count: (method, path) => proxy.calls.filter((call) => call.method === method && call.path.startsWith(path)).length,
    instead: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => void answer(proxy, target, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

async function answer(proxy: StripeProxy, target: string, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const call = { method: request.method ?? '', path: request.url ?? '' };
  proxy.calls.push(call);
  const instead = await proxy.instead(call);
  if (instead === 'hang') return;
  if (typeof instead === 'object') {
    response.writeHead(instead.status, { 'content-type': 'application/json' }).end(JSON.stringify(instead.body));
    return;
  }
  const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
  const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
  const answered = await fetch(`${target}${call.path}`, { method: call.method, headers, body });
  const text = await answered.text();
  if (instead === 'cut') request.socket.destroy();
  else response.writeHead(answered.status, { 'content-type': 'application/json' }).end(text);
}
