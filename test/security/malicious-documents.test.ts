import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { statementsOf } from '../support/statements.js';
import { startWorld, type World } from '../support/world.js';

const nested = (open: string, close: string, levels: number, core: string) =>
  `${open.repeat(levels)}${core}${close.repeat(levels)}`;
const many = (count: number, part: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => part(at)).join(' ');
const doubling = (levels: number) =>
  `{ ...f0 } ${many(levels, (at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`)} fragment f${levels} on Query { plans { key } }`;

/** Every way in which a stranger's document tries to make the gateway work; none may reach a resolver. */
const corpus: Record<string, string> = {
  'more bytes than a document may have': `{ plans { key } } # ${'x'.repeat(20_000)}`,
  'more tokens than a document may have': `{ plans { ${'key '.repeat(2_100)} } }`,
  'more levels than a document may have': `{ ${nested('plans { prices { plan { ', '} } } ', 6, 'key ')} }`,
  'levels that fragments hide': `{ plans { ...f0 } } ${many(10, (at) => `fragment f${at} on Plan { prices { plan { ...f${at + 1} } } }`)} fragment f10 on Plan { key }`,
  'aliases of one field': `{ ${many(40, (at) => `p${at}: plans { key }`)} }`,
  'aliases below a field': `{ plans { ${many(40, (at) => `k${at}: key`)} } }`,
  'one field again and again': `{ ${many(400, () => 'plans { key }')} }`,
  'fragments that double ten times': doubling(10),
  'fragments that double twenty-five times': doubling(25),
  'inline fragments inside each other, doubled': `{ ${nested('... on Query { ... on Query { plans { key } } ', '}', 30, 'plans { key } ')} } ${many(300, (at) => `query q${at} { plans { key } }`)}`,
  'a fragment that spreads itself': '{ ...f } fragment f on Query { plans { key } ...f }',
  'fragments that spread each other': '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
  'introspection inside introspection': `{ __schema { ${nested('types { fields { type { ', '} } } ', 6, 'name ')} } }`,
  'fields that do not exist': `{ ${many(100, (at) => `nonsense${at}`)} }`,
  'directives that do not exist': `{ plans ${'@nonsense '.repeat(200)} { key } }`,
  'a document of nothing but brackets': '{'.repeat(2_500),
  'a list of endless depth': `{ plan(key: ${'['.repeat(1_500)}${']'.repeat(1_500)}) { key } }`,
  'a fragment named as a field of introspection': '{ ...__schema } fragment __schema on Query { nonsense }',
};

describe('a malicious document', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const post = (body: unknown) =>
    fetch(`http://127.0.0.1:${world.gateway.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  function overSocket(query: string): Promise<unknown> {
    const client = createClient({
      url: `ws://127.0.0.1:${world.gateway.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    return new Promise((resolve) =>
      client.subscribe({ query }, { next: resolve, error: resolve, complete: () => resolve(null) }),
    ).finally(() => client.dispose());
  }

  it.each(Object.entries(corpus))('is refused before anything runs: %s', async (_name, query) => {
    const statements = await statementsOf(world, async () => {
      const { data, errors } = (await (await post({ query })).json()) as {
        data?: unknown;
        errors: { extensions: { code: string } }[];
      };
      expect(data).toBeUndefined();
      expect(['QUERY_TOO_COMPLEX', 'DOCUMENT_REFUSED']).toContain(errors[0]?.extensions.code);

      const refused = (await overSocket(query)) as { extensions: { code: string } }[];
      expect(refused[0]?.extensions.code).toBe(errors[0]?.extensions.code);
    });

    expect(statements).toEqual([]);
  });

  it('is refused in a batch, in a body of more than 64 kB and as variables of such size', async () => {
    const batch = await post(
      many(10, () => '')
        .split(' ')
        .map(() => ({ query: '{ plans { key } }' })),
    );
    expect(batch.status).toBe(400);
    const large = await post({
      query: 'query ($key: String!) { plan(key: $key) { key } }',
      variables: { key: 'x'.repeat(70_000) },
    });
    expect(large.status).toBe(413);
  });
});
