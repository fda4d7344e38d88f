import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { issueToken } from '../../src/auth/issue-token.js';
import { holds, Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import { createSchema } from '../../src/graphql/schema.js';
import { documentOf, idPathsOf, type RootField, variablesOf } from '../support/documents.js';
import { type StoredTenant, storeTenant } from '../support/stored.js';
import { startWorld, type World } from '../support/world.js';
import { type IdKind, policies, type Policy } from './tenancy-policy.js';

const schema = createSchema();
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
  Object.values(type?.getFields() ?? {}).map((field) => ({ root: type?.name ?? '', field })),
);
const nameOf = (root: string, field: RootField) => `${root}.${field.name}`;

const OWN = 'acme';
const OTHER = 'globex';
/** Of the same length as the other tenant's, so that answers differ by nothing else. */
const ABSENT = 'globey';

interface Caller {
  name: string;
  roles: Role[];
  account?: string;
  expired?: boolean;
}

const callers: Caller[] = [
  { name: 'anonymous', roles: [] },
  { name: 'member', roles: [Role.MEMBER], account: OWN },
  { name: 'billing admin', roles: [Role.BILLING_ADMIN], account: OWN },
  { name: "another tenant's admin", roles: [Role.BILLING_ADMIN], account: OTHER },
  { name: 'service', roles: [Role.SERVICE] },
  { name: 'support', roles: [Role.SUPPORT] },
  { name: 'operator', roles: [Role.OPERATOR] },
  { name: 'holder of an expired token', roles: [Role.BILLING_ADMIN], account: OWN, expired: true },
];

interface Result {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions: { code: string } }[];
}

let world: World;
const tenants: Record<string, StoredTenant> = {};
const clients: Client[] = [];
/** Counted over the whole run and printed at its end. */
const cells = { http: 0, socket: 0 };

beforeAll(async () => {
  world = await startWorld();
  tenants[OWN] = await storeTenant(world, OWN, OWN);
  tenants[OTHER] = await storeTenant(world, OTHER, OTHER);
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await world.stop();
  process.stdout.write(`tenancy matrix: ${cells.http} cells over HTTP, ${cells.socket} over sockets\n`);
});

const tokenOf = ({ roles, account, expired }: Caller): Promise<string> =>
  issueToken(world.config, expired ? { now: () => systemWall.now() - 7_200_000 } : systemWall, {
    account,
    roles,
    ttlSeconds: 3_600,
  });

function idOf(kind: IdKind, whose: string): string {
  if (kind === 'externalId') return whose;
  const real = kind === 'taxId' || kind === 'nobodys' ? undefined : tenants[whose]?.[kind];
  if (real) return real;
  if (kind === 'taxId') return `txi_${whose}`;
  if (kind === 'nobodys') return `bpc_${whose}`;
  // What is absent looks like what the other tenant has.
  return kind === 'entry' ? '01ARZ3NDEKTSV4RRFFQ69G5FAV' : String(tenants[OTHER]?.[kind]).replace(/.$/, 'Y');
}

const askedIds = (kind: IdKind): Record<string, string> => ({
  own: idOf(kind, OWN),
  others: idOf(kind, OTHER),
  absent: idOf(kind, ABSENT),
  malformed: "'; DROP TABLE accounts; --",
  foreign: idOf(kind === 'item' ? 'entry' : 'item', OTHER),
});

async function overHttp(caller: Caller, query: string, variables: object): Promise<Result> {
  cells.http += 1;
  const authorization = caller.name === 'anonymous' ? undefined : `Bearer ${await tokenOf(caller)}`;
  const response = await fetch(`http://127.0.0.1:${world.gateway.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Result;
}

/** The first message of an operation, or how the socket was closed. */
function overSocket(client: Client, query: string, variables: Record<string, unknown>): Promise<Result> {
  cells.socket += 1;
  return new Promise((resolve) => {
    const leave = client.subscribe(
      { query, variables },
      {
        next(result) {
          resolve(result as Result);
          queueMicrotask(() => leave());
        },
        error(thrown) {
          if (Array.isArray(thrown)) resolve({ errors: thrown as Result['errors'] });
          else
            resolve({
              errors: [{ message: '', extensions: { code: `closed ${(thrown as { code?: number }).code}` } }],
            });
        },
        complete: () => resolve({}),
      },
    );
  });
}

function clientOf(caller: Caller): Client {
  const client = createClient({
    url: `ws://127.0.0.1:${world.gateway.port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: async () =>
      caller.name === 'anonymous' ? {} : { authorization: `Bearer ${await tokenOf(caller)}` },
  });
  clients.push(client);
  return client;
}

/** What may differ between two answers to the same question. */
const withoutChance = (result: Result, asked: string): string =>
  JSON.stringify(result)
    .replaceAll(JSON.stringify(asked).slice(1, -1), '<asked>')
    .replace(/"requestId":"[^"]*"/g, '"requestId":"<id>"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>');

/** Everything of a tenant that an answer could carry. */
const traces = (tenant: string): string[] => [
  `Secret of ${tenant}`,
  `SECRET-${tenant}`,
  `secret-actor-of-${tenant}`,
  ...Object.values(tenants[tenant] ?? {}),
];

function expectRightCode(caller: Caller, policy: Policy, result: Result): void {
  const codes = (result.errors ?? [])
    .filter(({ path }) => (path?.length ?? 0) <= 1)
    .map(({ extensions }) => extensions.code);
  // Who comes back from a checkout with an expired token is told what anybody is.
  if (caller.expired && !policy.knowingIsEnough) return expect(['UNAUTHENTICATED', 'closed 4403']).toContain(codes[0]);
  if (![policy.role, policy.orRole ?? policy.role].some((role) => holds(caller.roles, role))) {
    return expect(codes).toEqual([caller.name === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN']);
  }
  if (!policy.needsTokenForIds) expect(codes).not.toContain('UNAUTHENTICATED');
  if (caller.account === undefined) return;
  const named = Object.values(policy.ids ?? {}).includes('account');
  if (!named) expect(codes).not.toContain('FORBIDDEN');
}

function expectNoTrace(caller: Caller, policy: Policy, result: Result, asked: string): void {
  if (!caller.expired && (holds(caller.roles, Role.SERVICE) || holds(caller.roles, Role.SUPPORT))) return;
  const text = JSON.stringify(result).replaceAll(asked, '<asked>');
  const strangers = [OWN, OTHER].filter((tenant) => caller.expired || tenant !== caller.account);
  for (const trace of strangers.flatMap(traces))
    if (text.includes(trace)) throw new Error(`${trace} in ${text.slice(0, 2_000)}`);
  if ((caller.expired || caller.name === 'anonymous') && policy.knowingIsEnough) expect(text).not.toMatch(/secret/i);
}

/** Whether the caller could tell what another tenant has from what nobody has. */
function mustNotTell(caller: Caller, policy: Policy): boolean {
  if (policy.knowingIsEnough && (caller.expired || caller.name === 'anonymous')) return false;
  return caller.expired === true || !(holds(caller.roles, Role.SERVICE) || holds(caller.roles, Role.SUPPORT));
}

/** What is her own is asked for last: it may be changed by that, and then answers of before would differ from those after. */
const ownLast = (caller: Caller, ids: Record<string, string>): [whose: string, id: string][] => {
  const own = caller.account === OTHER ? 'others' : 'own';
  return Object.entries(ids).sort(([one], [another]) => Number(one === own) - Number(another === own));
};

describe('the tenancy matrix', () => {
  it('has a row for every root field, and for every argument that takes an id', () => {
    const found = Object.fromEntries(roots.map(({ root, field }) => [nameOf(root, field), idPathsOf(field).sort()]));
    const declared = Object.entries(policies).map(([name, { ids }]) => [name, Object.keys(ids ?? {}).sort()] as const);

    expect(Object.fromEntries(declared)).toEqual(found);
  });

  it("would see a leak: what is one's own does show in the answers", async () => {
    const field = schema.getQueryType()?.getFields().invoice as RootField;
    const query = documentOf(schema, 'query', field);
    const result = await overHttp(callers[1] as Caller, query, { id: tenants[OWN]?.invoice });

    expect(() => expectNoTrace(callers[3] as Caller, { role: Role.MEMBER }, result, '<nothing>')).toThrow(
      `SECRET-${OWN}`,
    );
  });

  describe.each(callers)('for the $name', (caller) => {
    it.each(roots.map(({ root, field }) => [nameOf(root, field), root, field] as const))(
      'holds for %s',
      async (name, root, field) => {
        const policy = policies[name];
        if (!policy) throw new Error(`${name} has no row in tenancy-policy.ts.`);
        const query = documentOf(schema, root.toLowerCase(), field);
        const client = clientOf(caller);
        const ways = [
          ...(root === 'Subscription'
            ? []
            : [(variables: Record<string, unknown>) => overHttp(caller, query, variables)]),
          (variables: Record<string, unknown>) => overSocket(client, query, variables),
        ];
        const rows = Object.entries(policy.ids ?? {}).map(([path, kind]) => [path, askedIds(kind)] as const);
        for (const ask of ways) {
          for (const [path, ids] of rows.length > 0 ? rows : [[null, { none: '' }] as const]) {
            const answers: Record<string, string> = {};
            for (const [whose, id] of ownLast(caller, ids)) {
              const result = await ask(variablesOf(field, path, id));
              expectRightCode(caller, policy, result);
              expectNoTrace(caller, policy, result, id);
              answers[whose] = withoutChance(result, id);
            }
            const foreign = caller.account === OTHER ? answers.own : answers.others;
            if (path !== null && mustNotTell(caller, policy)) expect(foreign).toBe(answers.absent);
          }
        }
      },
    );
  });

  it('keeps tenants apart who ask in the same breath', async () => {
    const query = `{ viewer { account { externalId name invoices { nodes { id number } } timeline { nodes { id actor } } } } }`;
    const both = [callers[2], callers[3]] as [Caller, Caller];
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, at) => both[at % 2] as Caller).map(async (caller) => ({
        caller,
        result: await overHttp(caller, query, {}),
      })),
    );

    for (const { caller, result } of results) {
      expect(result.data).toMatchObject({ viewer: { account: { externalId: caller.account } } });
      expectNoTrace(caller, { role: Role.MEMBER }, result, '<nothing>');
    }
  });
});
