import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { errorCatalogue } from '../../src/errors-catalogue';
import type { WebhookMeta } from '../../src/http/receive-webhook';
import type { ReadinessCheck } from '../../src/http/routes';
import { openSmallGateway } from '../support/small-gateway';
import type { SmallGateway } from '../support/small-gateway';

let gateway: SmallGateway;
let received: { body: Buffer; signature: unknown; meta: WebhookMeta }[];
let checks: ReadinessCheck[];
let answerWebhook: () => Promise<{ status: number; body: string; retryAfterSeconds?: number }>;

beforeEach(async () => {
  received = [];
  checks = [{ name: 'database' }];
  answerWebhook = () => Promise.resolve({ status: 200, body: 'ok' });
  gateway = await openSmallGateway({
    receiveWebhook: (body, headers, meta) => {
      received.push({ body, signature: headers['stripe-signature'], meta });
      return answerWebhook();
    },
    checkReady: () => Promise.resolve(checks),
  });
});
afterEach(() => gateway.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });
const deliver = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/webhooks/stripe`, { method: 'POST', body, headers });

describe('POST /webhooks/stripe', () => {
  it('hands over exactly the bytes that came, whatever their type', async () => {
    const body = Buffer.from('{"id": "evt_1",\r\n "name":"caf\u00e9"}\u0000\n', 'latin1');
    const response = await deliver(body, { 'stripe-signature': 't=1,v1=ab', 'x-request-id': 'req-7' });
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
    expect(received).toHaveLength(1);
    expect(received[0]?.body.equals(body)).toBe(true);
    expect(received[0]).toMatchObject({
      signature: 't=1,v1=ab',
      meta: { requestId: 'req-7', remoteAddress: '127.0.0.1' },
    });
  });

  it('sends what comes back, with the time to wait', async () => {
    answerWebhook = () => Promise.resolve({ status: 503, body: 'busy', retryAfterSeconds: 3 });
    const response = await deliver('{}');
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '3', 'busy']);
  });

  it('answers 500 without details when receiving fails', async () => {
    answerWebhook = () => Promise.reject(new Error('SELECT secret'));
    const response = await deliver('{}');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('SELECT');
    expect(gateway.log.lines.at(-1)).toMatchObject({ level: 'error' });
  });

  it('takes 512 kB and refuses one byte more', async () => {
    expect((await deliver(Buffer.alloc(512 * 1024))).status).toBe(200);
    expect((await deliver(Buffer.alloc(512 * 1024 + 1))).status).toBe(413);
    expect(received).toHaveLength(1);
  });

  it('cuts off a body that never ends, without keeping it', async () => {
    const request = httpRequest(`${gateway.url}/webhooks/stripe`, { method: 'POST' });
    // A connection that is cut while more is being sent takes an answer along that was not read yet.
    const ended = new Promise<number | 'cut off'>((resolve) => {
      request.once('response', ({ statusCode }) => resolve(Number(statusCode)));
      request.once('close', () => resolve('cut off'));
    });
    request.on('error', () => {});
    const chunk = Buffer.alloc(64 * 1024);
    const timer = setInterval(() => request.destroyed || request.write(chunk), 0);
    const end = await ended;
    clearInterval(timer);
    expect([413, 'cut off']).toContain(end);
    request.destroy();
    expect(received).toHaveLength(0);
  });

  it('gives a slow body 10 s', async () => {
    const request = httpRequest(`${gateway.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-length': 10 },
    });
    const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    request.on('error', () => {});
    request.write('12345');
    await gateway.time.waitingFor(10_000);
    gateway.time.advance(10_000);
    expect((await answered).statusCode).toBe(408);
    request.destroy();
    expect(received).toHaveLength(0);
  });

  it('is only for POST', async () => {
    const response = await get('/webhooks/stripe');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('health', () => {
  it('is live as long as it answers', async () => {
    expect(await (await get('/health/live')).json()).toEqual({ status: 'live' });
  });

  it('is ready when every check is fine, and names the one that is not', async () => {
    const ready = await get('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { database: 'ok' } }]);
    checks = [{ name: 'database', problem: 'does not answer' }, { name: 'catalogue' }];
    const unready = await get('/health/ready');
    expect([unready.status, await unready.json()]).toEqual([
      503,
      { status: 'not ready', checks: { database: 'does not answer', catalogue: 'ok' } },
    ]);
  });
});

describe('pages', () => {
  it('show the explorer to browsers, which loads nothing from elsewhere and runs no inline script', async () => {
    const response = await get('/graphql', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(html).toContain('<label for="token">');
    expect(html).not.toMatch(/https?:\/\/|<script>|style="/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
    expect(files.length).toBeGreaterThanOrEqual(6);
    for (const path of files) expect((await get(path)).status).toBe(200);
  });

  it('give the explorer the named operations and the socket client with what it imports', async () => {
    const operations = (await (await get('/assets/operations.json')).json()) as { name: string; query: string }[];
    expect(operations.map(({ name }) => name)).toEqual(expect.arrayContaining(['plans', 'account-updated']));

    const client = await get('/assets/graphql-ws/client.js');
    const imported = /from '\.\/(common-[\w-]+\.js)'/.exec(await client.text())?.[1];
    expect((await get(`/assets/graphql-ws/${imported}`)).headers.get('content-type')).toContain('text/javascript');
  });

  it('let browsers keep files', async () => {
    const first = await get('/assets/page.css');
    const again = await get('/assets/page.css', { 'if-none-match': first.headers.get('etag') ?? '' });
    expect([first.status, again.status]).toEqual([200, 304]);
    expect(first.headers.get('content-encoding')).toBe('gzip');
  });

  it.each([
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/',
    '/assets/graphql-ws/index.js',
    '/package.json',
  ])('give out nothing but what is listed: %s', async (path) => {
    const socket = connect(gateway.door.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(String(data)).toMatch(/^HTTP\/1\.1 404/);
    socket.destroy();
  });

  it('explain every error code', async () => {
    for (const [code, { meaning }] of Object.entries(errorCatalogue)) {
      const response = await get(`/errors/${code}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(meaning.replaceAll("'", '&#39;').slice(0, 20));
    }
    expect((await get('/errors/NO_SUCH_CODE')).status).toBe(404);
    expect((await get('/errors/toString')).status).toBe(404);
  });

  it.each(['/', '/checkout/success', '/checkout/cancel'])('stand at %s', async (path) => {
    const response = await get(path);
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
    expect(await response.text()).toContain('<h1>');
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });

  it('may ask when their origin is on the list', async () => {
    const response = await preflight('https://app.example.com');
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, idempotency-key, x-billing-account, x-request-id',
    );
    const answer = await gateway.post({ query: '{ hello }' }, { origin: 'https://app.example.com' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(answer.headers.get('vary')).toContain('origin');
  });

  it('may not when it is not, and hear which setting decides', async () => {
    const response = await preflight('https://evil.example.com');
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await response.text()).toContain('RETURN_ORIGINS');
  });
});

describe('stopping', () => {
  it('finishes what is running, fails readiness, and accepts nothing new', async () => {
    let finish = () => {};
    answerWebhook = () => new Promise((resolve) => (finish = () => resolve({ status: 200, body: 'stored' })));
    const running = deliver('{}');
    while (received.length === 0) await new Promise(setImmediate);

    let closed = false;
    const closing = gateway.door.close().then(() => (closed = true));
    await expect(get('/health/ready')).rejects.toThrow();
    expect(closed).toBe(false);

    finish();
    const response = await running;
    expect([response.status, await response.text(), response.headers.get('connection')]).toEqual([
      200,
      'stored',
      'close',
    ]);
    await closing;
  });

  it('answers what still comes over a kept connection, and then ends it', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<IncomingMessage>((resolve, reject) =>
        httpRequest(`${gateway.url}/health/ready`, { agent }, (response) =>
          response.resume().on('end', () => resolve(response)),
        )
          .on('error', reject)
          .end(),
      );
    await ask();
    const closing = gateway.door.close();

    const last = await ask();
    expect([last.statusCode, last.headers.connection]).toEqual([503, 'close']);
    await closing;
  });

  it('ends kept connections that stay silent for a second', async () => {
    await (await get('/health/live')).text();
    const closing = gateway.door.close();
    gateway.time.advance(1_000);
    await closing;
  });

  it('cuts off after the grace what does not finish', async () => {
    answerWebhook = () => new Promise(() => {});
    const running = deliver('{}').catch((error: unknown) => error);
    while (received.length === 0) await new Promise(setImmediate);
    const closing = gateway.door.close();
    gateway.time.advance(6_500);
    await closing;
    expect(((await running) as Error).message).toBe('fetch failed');
  });
});
