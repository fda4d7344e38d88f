import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { serverAudits } from 'graphql-http';
import { Role } from '../../src/auth/roles';
import { inside, openSmallGateway } from '../support/small-gateway';
import type { SmallGateway } from '../support/small-gateway';

interface Body {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

let gateway: SmallGateway;
beforeEach(async () => {
  gateway = await openSmallGateway();
});
afterEach(() => gateway.close());

async function ask(query: string, options: { variables?: object; token?: string; accept?: string } = {}) {
  const headers: Record<string, string> = { accept: options.accept ?? 'application/json' };
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  const response = await gateway.post({ query, variables: options.variables }, headers);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

describe('GraphQL over HTTP', () => {
  it('passes every audit of graphql-http, without a warning', async () => {
    const audits = serverAudits({ url: `${gateway.url}/graphql`, fetchFn: fetch });
    const results = await Promise.all(audits.map(({ fn }) => fn()));
    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results.length).toBeGreaterThanOrEqual(61);
  });

  it('answers and repeats the request id of the caller, or makes one', async () => {
    const named = await gateway.post({ query: '{ hello }' }, { 'x-request-id': 'order-42' });
    expect(await named.json()).toEqual({ data: { hello: 'world' } });
    expect(named.headers.get('x-request-id')).toBe('order-42');

    const unnamed = await gateway.post({ query: '{ hello }' }, { 'x-request-id': 'not fit\tfor a log' });
    expect(unnamed.headers.get('x-request-id')).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('executes nothing but the document that was sent, also when it is asked twice', async () => {
    const first = await ask('{ hello }');
    const second = await ask('{ hello }');
    expect(second.body).toEqual(first.body);
  });

  it('lets tools read the schema', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true });
    expect((await ask(query)).body.errors).toBeUndefined();
  });
});

describe('who may ask over HTTP', () => {
  it('refuses a bad token with 401 before it looks at the document', async () => {
    const { status, headers, body } = await ask('{ hello', { token: 'not.a.token' });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect(body.errors?.[0]).toMatchObject({
      message: 'The token was refused.',
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  it('tells a caller without a token that one is needed', async () => {
    const { body } = await ask('{ hello mine }');
    expect(body.data).toEqual({ hello: 'world', mine: null });
    expect(body.errors?.[0]).toMatchObject({
      message: "'mine' needs a token; none was sent.",
      path: ['mine'],
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  it('names the role that is missing', async () => {
    const { body } = await ask('mutation { change }', { token: await gateway.token([Role.MEMBER]) });
    expect(body.errors?.[0]).toMatchObject({
      message: "'change' needs the role BILLING_ADMIN.",
      extensions: { code: 'FORBIDDEN', hint: 'Your token holds MEMBER.' },
    });
    expect(inside.changed).toBe(0);
  });

  it('lets a role do what the roles below it may', async () => {
    expect((await ask('{ mine }', { token: await gateway.token([Role.BILLING_ADMIN]) })).body.data).toEqual({
      mine: 'yours',
    });
  });
});

describe('errors over HTTP', () => {
  it('carry code, request id, hint and the address of their page', async () => {
    const { body, headers } = await ask('{ refused }');
    expect(body.errors).toEqual([
      {
        message: 'The seats must be at least 1, found 0.',
        locations: [{ line: 1, column: 3 }],
        path: ['refused'],
        extensions: {
          code: 'BAD_USER_INPUT',
          requestId: headers.get('x-request-id'),
          retryable: false,
          retryAfterMs: null,
          hint: 'Order one seat or more.',
          docsUrl: `http://localhost:${gateway.door.port}/errors/BAD_USER_INPUT`,
        },
      },
    ]);
  });

  it.each(['{ broken }', '{ misfit }'])('of the inside are masked and logged with their cause: %s', async (query) => {
    const { body } = await ask(query);
    expect(body.errors?.[0]?.message).toBe('Something went wrong inside the gateway.');
    expect(body.errors?.[0]?.extensions.code).toBe('INTERNAL');
    expect(JSON.stringify(body)).not.toMatch(/SELECT|hunter2|not a number|\.ts|at /);
    const logged = gateway.log.lines.find(({ level }) => level === 'error');
    expect(logged?.fields).toMatchObject({ requestId: body.errors?.[0]?.extensions.requestId });
    expect(String((logged?.fields as { err: unknown }).err)).toMatch(/hunter2|not a number/);
  });

  it.each([
    ['{ hello', {}, 'DOCUMENT_REFUSED'],
    ['{ helo }', {}, 'DOCUMENT_REFUSED'],
    ['query A { hello } query A { hello }', {}, 'DOCUMENT_REFUSED'],
    ['subscription { counted }', {}, 'DOCUMENT_REFUSED'],
    ['query A { hello } query B { hello }', {}, 'BAD_USER_INPUT'],
    ['{ price(currency: "eur") }', {}, 'BAD_USER_INPUT'],
    ['query ($c: CurrencyCode!) { price(currency: $c) }', { c: 'eur' }, 'BAD_USER_INPUT'],
    ['query ($c: CurrencyCode!) { price(currency: $c) }', {}, 'BAD_USER_INPUT'],
  ])('of the document have their code and no suggestion: %s', async (query, variables, code) => {
    const { status, body } = await ask(query, { variables });
    expect(status).toBe(200);
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]?.extensions.code).toBe(code);
    expect(JSON.stringify(body)).not.toMatch(/did you mean/i);
  });

  it('are a 400 for clients of the newer media type', async () => {
    const accept = 'application/graphql-response+json';
    expect((await ask('{ helo }', { accept })).status).toBe(400);
    expect((await ask('{ broken }', { accept })).status).toBe(200);
  });
});

describe('forged and oversized requests', () => {
  const mutation = JSON.stringify({ query: 'mutation { change }' });

  it.each([
    ['text/plain', mutation],
    ['application/x-www-form-urlencoded', 'query=mutation%7Bchange%7D'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json; charset=utf-16', mutation],
    ['', mutation],
  ])('of type %j execute nothing', async (type, body) => {
    const authorization = `Bearer ${await gateway.token([Role.BILLING_ADMIN])}`;
    const response = await gateway.post(body, { 'content-type': type, authorization });
    expect(response.status).toBe(415);
    expect(inside.changed).toBe(0);
  });

  it('by GET change nothing', async () => {
    const authorization = `Bearer ${await gateway.token([Role.BILLING_ADMIN])}`;
    const query = encodeURIComponent('mutation { change }');
    const response = await fetch(`${gateway.url}/graphql?query=${query}`, { headers: { authorization } });
    expect(response.status).toBe(405);
    expect(inside.changed).toBe(0);
  });

  it.each(['null', 'https://evil.example.com'])('from the origin %s are turned away', async (origin) => {
    const authorization = `Bearer ${await gateway.token([Role.BILLING_ADMIN])}`;
    const response = await gateway.post(mutation, { origin, authorization });
    expect(response.status).toBe(403);
    expect(inside.changed).toBe(0);
  });

  it('in a batch are refused', async () => {
    const response = await gateway.post([{ query: '{ hello }' }, { query: '{ hello }' }]);
    expect(response.status).toBe(400);
    expect(((await response.json()) as Body).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('over 64 kB get a 413', async () => {
    const response = await gateway.post({ query: '{ hello }', variables: { filler: 'x'.repeat(64 * 1024) } });
    expect(response.status).toBe(413);
  });

  it('that never end are cut off after 10 s', async () => {
    const request = httpRequest(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      request.once('response', resolve).once('error', reject),
    );
    request.write('{"query":');
    await gateway.time.waitingFor(10_000);
    gateway.time.advance(10_000);
    expect((await answered).statusCode).toBe(408);
    request.destroy();
  });
});
