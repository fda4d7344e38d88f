import { once } from 'node:events';
import { connect } from 'node:net';
import type { Client, ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Role } from '../../src/auth/roles';
import { feed, inside, openSmallGateway } from '../support/small-gateway';
import type { SmallGateway } from '../support/small-gateway';

let gateway: SmallGateway;
const clients: (Client | WebSocket)[] = [];

beforeEach(async () => {
  gateway = await openSmallGateway();
});
afterEach(async () => {
  for (const client of clients.splice(0)) {
    if (client instanceof WebSocket) client.terminate();
    else await client.dispose();
  }
  await gateway.close();
});

async function client(roles: Role[] | string, key = 'authorization', ttlSeconds = 3600): Promise<Client> {
  const token = typeof roles === 'string' ? roles : await gateway.token(roles, ttlSeconds);
  const made = gateway.client({ connectionParams: { [key]: `Bearer ${token}` } });
  clients.push(made);
  return made;
}

/** A socket that speaks the protocol by hand. */
async function rawSocket(protocol = 'graphql-transport-ws', origin?: string): Promise<WebSocket> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, protocol, { origin });
  clients.push(socket);
  await once(socket, 'open');
  return socket;
}
const closeCode = async (socket: WebSocket) => ((await once(socket, 'close')) as [number])[0];
const say = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));
const hear = async (socket: WebSocket) =>
  JSON.parse(String(((await once(socket, 'message')) as [Buffer])[0])) as { type: string };

interface Stream {
  results: AsyncIterator<ExecutionResult<Record<string, unknown>, Record<string, unknown>>>;
}
const run = (from: Client, query: string): Stream => ({
  results: from.iterate<Record<string, unknown>, Record<string, unknown>>({ query }) as AsyncIterator<
    ExecutionResult<Record<string, unknown>, Record<string, unknown>>
  >,
});
const closing = (thrown: unknown) => thrown as { code: number; reason: string };

describe('GraphQL over a socket', () => {
  it('pushes what a stream brings and leaves the stream when the client completes', async () => {
    const { results } = run(await client([Role.MEMBER]), 'subscription { counted }');
    const first = results.next();
    feed.push({ count: 1 });
    expect((await first).value).toEqual({ data: { counted: 1 } });
    feed.push({ count: 2 });
    expect((await results.next()).value).toEqual({ data: { counted: 2 } });

    await results.return?.();
    while (inside.closed === 0) await new Promise(setImmediate);
  });

  it('runs queries and mutations too', async () => {
    const { results } = run(await client([Role.BILLING_ADMIN]), 'mutation { change }');
    expect((await results.next()).value).toEqual({ data: { change: 1 } });
    expect((await results.next()).done).toBe(true);
  });

  it('takes the token under Authorization as well', async () => {
    const { results } = run(await client([Role.MEMBER], 'Authorization'), '{ mine }');
    expect((await results.next()).value).toEqual({ data: { mine: 'yours' } });
  });

  it('masks what goes wrong while pushing, and goes on', async () => {
    const { results } = run(await client([Role.MEMBER]), 'subscription { counted }');
    feed.push({ count: -1 });
    const { errors } = (await results.next()).value as ExecutionResult;
    expect(errors?.[0]).toMatchObject({
      message: 'Something went wrong inside the gateway.',
      extensions: { code: 'INTERNAL' },
    });
    feed.push({ count: 3 });
    expect((await results.next()).value).toEqual({ data: { counted: 3 } });
  });
});

describe('who may ask over a socket', () => {
  it('is decided before a stream is opened', async () => {
    const anonymous = gateway.client();
    clients.push(anonymous);
    const refused = (await run(anonymous, 'subscription { counted }').results.next()).value as ExecutionResult;
    expect(refused.errors?.[0]).toMatchObject({ path: ['counted'], extensions: { code: 'UNAUTHENTICATED' } });

    const support = await client([Role.SUPPORT]);
    const forbidden = (await run(support, 'subscription { counted }').results.next()).value as ExecutionResult;
    expect(forbidden.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(inside.opened).toBe(0);
  });

  it('closes with 4403 for a bad token', async () => {
    const failed = run(await client('no.good.token'), '{ hello }').results.next();
    expect(closing(await failed.catch((thrown: unknown) => thrown)).code).toBe(4403);
  });

  it('closes with 4403 for a token that has expired, at once when it is used and else after a second', async () => {
    const token = await gateway.token([Role.MEMBER], 5);
    gateway.time.advance(5_000);
    const used = run(await client(token), '{ hello }').results.next();
    const idle = await rawSocket();
    say(idle, { type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await hear(idle)).toEqual({ type: 'connection_ack' });
    const left = closeCode(idle);
    gateway.time.advance(1_000);

    expect(closing(await used.catch((thrown: unknown) => thrown)).code).toBe(4403);
    expect(await left).toBe(4403);
  });

  it('closes with 4403 at the moment the token expires, and pushes nothing after it', async () => {
    const { results } = run(await client([Role.MEMBER], 'authorization', 5), 'subscription { counted }');
    feed.push({ count: 1 });
    await results.next();
    const next = results.next().catch((thrown: unknown) => thrown);
    gateway.time.advance(5_000);
    feed.push({ count: 2 });
    expect(closing(await next)).toMatchObject({ code: 4403, reason: 'Token expired' });
    while (inside.closed === 0) await new Promise(setImmediate);
  });

  it('refuses pages of foreign origins', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://evil.example.com',
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('403');
    await rawSocket('graphql-transport-ws', 'https://app.example.com');
  });
});

describe('a socket that misbehaves', () => {
  it('is closed with 4408 when it does not introduce itself within 3 s', async () => {
    const socket = await rawSocket();
    const code = closeCode(socket);
    gateway.time.advance(3_000);
    expect(await code).toBe(4408);
  });

  it('is closed with 4401 when it asks before it is acknowledged', async () => {
    const socket = await rawSocket();
    const code = closeCode(socket);
    say(socket, { type: 'subscribe', id: '1', payload: { query: '{ hello }' } });
    expect(await code).toBe(4401);
  });

  it('is closed with 4429 when it introduces itself twice', async () => {
    const socket = await rawSocket();
    const code = closeCode(socket);
    say(socket, { type: 'connection_init' });
    say(socket, { type: 'connection_init' });
    expect(await code).toBe(4429);
  });

  it('is closed with 4409 when it uses an id twice', async () => {
    const socket = await rawSocket();
    const token = await gateway.token([Role.MEMBER]);
    say(socket, { type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await hear(socket);
    const code = closeCode(socket);
    for (let time = 0; time < 2; time += 1)
      say(socket, { type: 'subscribe', id: '1', payload: { query: 'subscription { counted }' } });
    expect(await code).toBe(4409);
  });

  it.each([
    ['4400', 'not json'],
    ['1009', 'x'.repeat(64 * 1024 + 1)],
  ])('is closed with %s for a message that cannot be', async (expected, text) => {
    const socket = await rawSocket();
    const code = closeCode(socket);
    socket.send(text);
    expect(await code).toBe(Number(expected));
  });

  it('is closed with 4406 when it speaks another protocol', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    clients.push(socket);
    socket.on('error', () => {});
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect([4406, 1006]).toContain(code);
  });

  it('gets an error for its 21st operation, and may go on after completing one', async () => {
    const many = await client([Role.MEMBER]);
    const streams = Array.from({ length: 20 }, () => run(many, 'subscription { counted }').results);
    for (const stream of streams) void stream.next().catch(() => {});
    while (inside.opened < 20) await new Promise(setImmediate);

    const excess = await run(many, '{ hello }')
      .results.next()
      .catch((thrown: unknown) => thrown);
    expect(excess).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);

    await streams[0]?.return?.();
    while (inside.closed === 0) await new Promise(setImmediate);
    expect((await run(many, '{ hello }').results.next()).value).toEqual({ data: { hello: 'world' } });
  });

  it.each([
    ['{ hello', 'DOCUMENT_REFUSED'],
    ['{ helo }', 'DOCUMENT_REFUSED'],
    [`{ ${'node { next { '.repeat(8)} depth ${'} } '.repeat(8)} }`, 'QUERY_TOO_COMPLEX'],
  ])('hears what is wrong with its document: %s', async (query, code) => {
    const thrown = await run(await client([Role.MEMBER]), query)
      .results.next()
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject([{ extensions: { code, docsUrl: expect.stringContaining(code) as string } }]);
    expect(JSON.stringify(thrown)).not.toMatch(/did you mean/i);
  });

  it('is cut off when it no longer answers pings', async () => {
    const { port } = new URL(gateway.url);
    const frozen = connect(Number(port), '127.0.0.1');
    frozen.on('error', () => {});
    frozen.write(
      'GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
    );
    await once(frozen, 'data');
    // Stops reading, and so never answers the close of 4408 either.
    frozen.pause();
    expect(gateway.door.sockets()).toBe(1);
    gateway.time.advance(12_000);
    gateway.time.advance(12_000);
    while (gateway.door.sockets() > 0) await new Promise(setImmediate);
    frozen.destroy();
  });
});

describe('when the gateway stops', () => {
  it('says goodbye with 1001 and ends the streams', async () => {
    const { results } = run(await client([Role.MEMBER]), 'subscription { counted }');
    feed.push({ count: 1 });
    await results.next();
    const next = results.next().catch((thrown: unknown) => thrown);
    const closed = gateway.door.close();
    gateway.time.advance(20);
    expect(closing(await next)).toMatchObject({ code: 1001, reason: 'Going away' });
    await closed;
    expect(inside.closed).toBe(1);
  });

  it('spreads the goodbyes of many sockets over seconds', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => rawSocket()));
    const gone: number[] = [];
    sockets.forEach((socket, index) => socket.once('close', () => gone.push(index)));
    const closed = gateway.door.close();
    gateway.time.advance(0);
    await once(sockets[0] as WebSocket, 'close');
    expect(gone).toEqual([0]);
    gateway.time.advance(200);
    await closed;
    expect(gateway.door.sockets()).toBe(0);
  });
});
