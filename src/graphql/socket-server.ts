import { CloseCode, handleProtocols } from 'graphql-ws';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Timers, WallClock } from '../ports.js';
import type { RequestContext } from './apollo.js';
import { closeForbidden, createSocketOperations, TOKEN_EXPIRED } from './socket-operations.js';
import type { SocketOperationsOptions, SocketSession } from './socket-operations.js';

const INTRODUCTION_MS = 3_000;
/** How long a socket with an expired token may stay without asking for a checkout. */
const EXPIRED_MS = 1_000;
const PING_EVERY_MS = 12_000;
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Clients that lose their gateway come back over this time instead of all at once. */
const LONGEST_FAREWELL_MS = 5_000;
const FAREWELL_MS_PER_SOCKET = 20;
/** After the last farewell, for clients to answer it. */
const FAREWELL_GRACE_MS = 1_000;
const GOING_AWAY = 1001;

export interface SocketServerOptions<C extends RequestContext> extends SocketOperationsOptions<C> {
  wall: WallClock;
  timers: Timers;
  addressOf(request: IncomingMessage): string;
}

export interface SocketServer {
  /** Takes over a connection that asked to become a socket. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** How many sockets are open. */
  size(): number;
  /** Says goodbye to all clients with 1001, spread over up to 5 s; resolves when the last one is gone. */
  close(): Promise<void>;
}

/**
 * GraphQL over sockets. A client introduces itself within 3 s (else 4408) with `connectionParams.authorization`; a bad token
 * closes with 4403, and so does a good one at the moment it expires; with one that has expired before only a checkout can
 * be followed. A client that misses two pings is cut off.
 */
export function createSocketServer<C extends RequestContext>(options: SocketServerOptions<C>): SocketServer {
  const { wall, timers, log, addressOf } = options;
  const operations = createSocketOperations(options);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const stopPinging = pingAll(sockets.clients, timers);

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const session = { ...createSession(socket, wall, timers), address: addressOf(request) };
    const closed = operations.opened(
      {
        protocol: socket.protocol,
        send: (text) => sendText(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) =>
          socket.on('message', (data) => {
            take(String(data)).catch((error: unknown) => {
              log.error({ err: error }, 'a message of a socket failed inside the gateway');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          }),
      },
      session,
    );
    // Too large a message, a broken frame: ws closes by itself with the fitting code.
    socket.on('error', (error) => log.debug({ err: error }, 'a socket failed'));
    socket.once('close', (code, reason) => {
      session.forget();
      closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a socket could not be left'));
    });
  }

  return {
    upgrade: (request, connection, head) => sockets.handleUpgrade(request, connection, head, accept),
    size: () => sockets.clients.size,
    async close() {
      stopPinging();
      await sayGoodbye([...sockets.clients], timers);
      sockets.close();
    },
  };
}

/** Closes the socket when it is not introduced in time, and when its token expires. */
function createSession(
  socket: WebSocket,
  wall: WallClock,
  timers: Timers,
): Omit<SocketSession, 'address'> & { forget(): void } {
  let cancel = timers.after(INTRODUCTION_MS, () => {
    socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
  });
  const session = {
    close: (code: number, reason: string) => socket.close(code, reason),
    onAcknowledged(caller: SocketSession['caller'], expired: boolean) {
      cancel();
      if ((!caller && !expired) || socket.readyState !== socket.OPEN) return;
      const left = caller ? caller.expiresAt - wall.now() : EXPIRED_MS;
      cancel = timers.after(left, () => closeForbidden(session, TOKEN_EXPIRED));
    },
    onCheckout: () => cancel(),
    forget: () => cancel(),
  };
  return session;
}

/** Resolves once the text has left, so that a slow client holds its own streams back and nobody else's. */
function sendText(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    // A failed write is followed by `close`, which ends the operations.
    socket.send(text, () => resolve());
  });
}

/** One timer for all sockets: two for each would cost more memory than the sockets' own state. */
function pingAll(clients: Set<WebSocket>, timers: Timers): () => void {
  const unanswered = new WeakSet<WebSocket>();
  let cancel = timers.after(PING_EVERY_MS, ping);
  function ping(): void {
    for (const client of clients) {
      if (unanswered.has(client)) {
        client.terminate();
        continue;
      }
      unanswered.add(client);
      client.once('pong', () => unanswered.delete(client));
      client.ping();
    }
    cancel = timers.after(PING_EVERY_MS, ping);
  }
  return () => cancel();
}

async function sayGoodbye(clients: WebSocket[], timers: Timers): Promise<void> {
  const span = Math.min(LONGEST_FAREWELL_MS, FAREWELL_MS_PER_SOCKET * clients.length);
  const gone = clients.map((client, index) => {
    const left = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const at = (span * index) / clients.length;
    timers.after(at, () => client.close(GOING_AWAY, 'Going away'));
    const cancel = timers.after(at + FAREWELL_GRACE_MS, () => client.terminate());
    return left.then(cancel);
  });
  await Promise.all(gone);
}
