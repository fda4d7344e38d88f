import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log, Random, Timers } from '../ports.js';
import { sendText } from './answer.js';

export interface HttpServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Whether browsers reach the gateway by https. */
  isSecure(): boolean;
  handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> | void;
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** How long a kept connection may still bring a request after the server has stopped listening; default a second. */
  lingerMs?: number;
  random: Random;
  timers: Timers;
  log: Log;
}

export interface HttpServer {
  port: number;
  isDraining(): boolean;
  /**
   * Stops accepting, answers what is running or still comes over kept connections, which end with their next answer or
   * after `lingerMs` of silence, and cuts off after `graceMs` what is left.
   */
  close(graceMs: number): Promise<void>;
}

const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': pagePolicy,
};

/** Listens on host and port. Rejects when the port is taken. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, isSecure, handle, upgrade, lingerMs = 1_000, random, timers, log } = options;
  let draining = false;
  let lingered = false;
  const answering = new Set<ServerResponse>();

  const server = createServer(
    {
      headersTimeout: 8_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      const requestId = requestIdOf(request) ?? random.ulid();
      response.setHeader('x-request-id', requestId);
      for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
      if (isSecure()) response.setHeader('strict-transport-security', 'max-age=31536000');
      if (draining) response.setHeader('connection', 'close');
      answering.add(response);
      response.once('close', () => {
        answering.delete(response);
        if (lingered) server.closeIdleConnections();
      });
      Promise.resolve(handle(request, response, requestId)).catch((error: unknown) => {
        log.error({ err: error, requestId }, 'a request failed inside the gateway');
        sendText(response, 500, `Something went wrong inside the gateway. Request ${requestId}.`);
      });
    },
  );
  server.on('upgrade', (request, connection, head) => {
    // Without a listener, a peer that resets the connection would end the process.
    connection.on('error', (error) => log.debug({ err: error }, 'an upgrade failed'));
    if (draining) refuseUpgrade(connection, '503 Service Unavailable');
    else upgrade(request, connection, head);
  });
  await listen(server, host, port);

  return {
    port: (server.address() as AddressInfo).port,
    isDraining: () => draining,
    async close(graceMs) {
      draining = true;
      for (const response of answering) if (!response.headersSent) response.setHeader('connection', 'close');
      // Not http's own `close`, which resets idle connections at once, and with them requests that are on their way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      const stopLingering = timers.after(lingerMs, () => {
        lingered = true;
        server.closeIdleConnections();
      });
      const cancel = timers.after(graceMs, () => server.closeAllConnections());
      await closed;
      stopLingering();
      cancel();
    },
  };
}

/** Answers a request to become a socket with a plain status. */
export function refuseUpgrade(connection: Duplex, status: string): void {
  connection.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A caller's own id is kept when it is harmless in a log. */
function requestIdOf(request: IncomingMessage): string | undefined {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : undefined;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
