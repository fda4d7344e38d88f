import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { maliciousDocuments } from '../support/malicious-documents.js';
import { statementsOf } from '../support/statements.js';
import { startWorld, type World } from '../support/world.js';

describe('a malicious document', () => {
  let world: World;
  let client: Client;
  beforeAll(async () => {
    world = await startWorld();
    const url = `ws://127.0.0.1:${world.gateway.port}/graphql`;
    client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: false });
  });
  afterAll(async () => {
    await client.dispose();
    await world.stop();
  });

  const post = (body: unknown) =>
    fetch(`http://127.0.0.1:${world.gateway.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const refusals = ['QUERY_TOO_COMPLEX', 'DOCUMENT_REFUSED', 'BAD_USER_INPUT'];
  type Refused = { extensions: { code: string } }[];

  function overSocket(query: string): Promise<Refused> {
    return new Promise((resolve, reject) =>
      client.subscribe(
        { query },
        {
          next: reject,
          error: (errors) => resolve(errors as unknown as Refused),
          complete: () => reject(new Error(query)),
        },
      ),
    );
  }
  /** Documents that were run, by both transports. */
  const ran = async () =>
    /billing_graphql_request_seconds_count\S* (\d+)/.exec(await world.gateway.parts.metrics.render())?.[1] ?? 'none';

  it('comes in at least 300 shapes', () => {
    expect(new Set(Object.values(maliciousDocuments).flat()).size).toBeGreaterThanOrEqual(300);
  });

  it.each(Object.entries(maliciousDocuments))(
    'is refused over HTTP and sockets before anything runs: %s',
    async (_kind, documents) => {
      const accepted: string[] = [];
      const statements = await statementsOf(world, async () => {
        for (const query of documents) {
          const { data, errors = [] } = (await (await post({ query })).json()) as { data?: unknown; errors?: Refused };
          const codes = [errors, await overSocket(query)].map(([first]) => first?.extensions.code ?? 'none');
          if (data !== undefined || !codes.every((code) => refusals.includes(code)))
            accepted.push(`${codes.join(' and ')}: ${query.slice(0, 200)}`);
        }
      });

      expect(accepted).toEqual([]);
      expect(statements).toEqual([]);
      expect(await ran()).toBe('none');
    },
  );

  it('is refused in a batch, in a body of more than 64 kB and as variables of such size', async () => {
    const batch = await post(Array.from({ length: 10 }, () => ({ query: '{ plans { key } }' })));
    expect(batch.status).toBe(400);
    const large = await post({
      query: 'query ($key: String!) { plan(key: $key) { key } }',
      variables: { key: 'x'.repeat(70_000) },
    });
    expect(large.status).toBe(413);
  });

  it('reads nothing when it is sound and its variables are not', async () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const hash = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
    const document =
      'query ($key: String!, $first: Int) { plan(key: $key) { key } viewer { account { invoices(first: $first) { nodes { lines(first: $first) { nodes { id amount { minor } } } } } } } }';
    const statements = await statementsOf(world, async () => {
      for (const body of [
        `{"query":${JSON.stringify(document)},"variables":{"key":${deep}}}`,
        `{"query":${JSON.stringify(document)},"variables":${deep}}`,
        { query: document, variables: { key: 'team', first: 1_000 } },
        { query: document, variables: { key: 'team', first: 1e308 } },
        { query: document, variables: { first: 1 } },
        { query: document, variables: [] },
        { extensions: hash },
      ]) {
        const { data, errors } = (await (await post(body)).json()) as { data?: unknown; errors?: unknown[] };
        expect([data ?? null, errors?.length]).toEqual([null, expect.any(Number)]);
      }
    });

    expect(statements).toEqual([]);
  });
});
