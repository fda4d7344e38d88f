import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { accountIdOf } from '../../src/accounts/account';
import { issueToken } from '../../src/auth/issue-token';
import { Role } from '../../src/auth/roles';
import { createTokenVerifier } from '../../src/auth/verify-token';
import type { Config } from '../../src/config';
import { BillingError } from '../../src/errors';
import { createManualTime } from '../support/manual-time';
import { createRecordedLog } from '../support/recorded-log';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const auth: Config['auth'] = {
  jwtSecret: secret,
  jwksUrl: undefined,
  issuer: 'https://id.example.com',
  audience: 'billing',
};
const time = createManualTime();
const now = time.wall.now() / 1000;
const log = createRecordedLog();
const good = { sub: 'user-1', account: 'acme', roles: ['MEMBER'], iss: auth.issuer, aud: auth.audience, exp: now + 60 };

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs anything, also what no library would. */
function forge(header: unknown, claims: unknown, key = secret): string {
  const body = `${encode(header)}.${encode(claims)}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

const hs256 = { alg: 'HS256', typ: 'JWT' };

async function refusal(authorization: string, settings = auth): Promise<BillingError> {
  const verifier = createTokenVerifier({ auth: settings }, time.wall, log);
  const thrown: unknown = await verifier.verify(authorization).then(
    (caller) => caller,
    (error: unknown) => error,
  );
  if (!(thrown instanceof BillingError)) throw new Error(`accepted: ${JSON.stringify(thrown)}`);
  return thrown;
}

describe('a token with the shared secret', () => {
  const verifier = createTokenVerifier({ auth }, time.wall, log);
  const verify = (claims: object) => verifier.verify(`Bearer ${forge(hs256, claims)}`);

  it('names the caller', async () => {
    expect(await verify({ ...good, roles: ['MEMBER', 'BILLING_ADMIN'] })).toEqual({
      subject: 'user-1',
      accounts: ['acme'],
      roles: [Role.MEMBER, Role.BILLING_ADMIN],
      expiresAt: (now + 60) * 1000,
    });
  });

  it('is not needed: without a header there is no caller', async () => {
    expect(await verifier.verify(undefined)).toBeNull();
  });

  it('makes a MEMBER when it carries an account and no role that is known', async () => {
    expect((await verify({ ...good, roles: ['ASTRONAUT', 'PUBLIC'] }))?.roles).toEqual([Role.MEMBER]);
    expect((await verify({ ...good, roles: undefined }))?.roles).toEqual([Role.MEMBER]);
  });

  it('needs no account for a service and for staff, and then grants nothing of a tenant', async () => {
    const caller = await verify({ ...good, account: undefined, roles: ['SERVICE', 'BILLING_ADMIN'] });
    expect(caller).toMatchObject({ accounts: [], roles: [Role.SERVICE] });
  });

  it('may belong to several accounts, the one of `account` first, each once', async () => {
    const of = async (claims: object) => (await verify({ ...good, account: undefined, ...claims }))?.accounts;

    expect(await of({ account: 'acme', accounts: ['globex', 'acme'] })).toEqual(['acme', 'globex']);
    expect(await of({ accounts: ['globex', 'acme'] })).toEqual(['globex', 'acme']);
    expect((await verify({ ...good, account: undefined, accounts: ['globex'], roles: undefined }))?.roles).toEqual([
      Role.MEMBER,
    ]);
  });

  it.each([{ accounts: 'globex' }, { accounts: [''] }, { accounts: ['globex', 7] }, { accounts: [' globex'] }])(
    'is refused with %j',
    async (claims) => {
      await expect(verify({ ...good, ...claims })).rejects.toThrow('The token was refused.');
    },
  );

  it('keeps BILLING_ADMIN beside OPERATOR without an account', async () => {
    const caller = await verify({ ...good, account: undefined, roles: ['OPERATOR', 'BILLING_ADMIN'] });
    expect(caller?.roles).toEqual([Role.BILLING_ADMIN, Role.OPERATOR]);
  });

  it('is accepted as an access token and with a lower-case scheme', async () => {
    const token = forge({ alg: 'HS256', typ: 'at+jwt' }, good);
    expect(await verifier.verify(`bearer ${token}`)).toMatchObject({ accounts: ['acme'] });
  });

  it('round-trips through issueToken', async () => {
    const token = await issueToken({ auth, production: false }, time.wall, {
      account: 'acme',
      roles: [Role.BILLING_ADMIN],
      ttlSeconds: 90,
    });
    expect(await verifier.verify(`Bearer ${token}`)).toEqual({
      subject: 'developer@acme',
      accounts: ['acme'],
      roles: [Role.BILLING_ADMIN],
      expiresAt: (now + 90) * 1000,
    });
  });

  it('that was good is refused once it has expired', async () => {
    const own = createManualTime();
    const patient = createTokenVerifier({ auth }, own.wall, log);
    const token = `Bearer ${forge(hs256, { ...good, exp: now + 30 })}`;
    expect(await patient.verify(token)).toMatchObject({ accounts: ['acme'] });

    own.advance(29_999);
    expect(await patient.verify(token)).toMatchObject({ accounts: ['acme'] });
    own.advance(1);
    await expect(patient.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is never known by anything but the whole of it', async () => {
    const [head, body, signature = ''] = forge(hs256, good).split('.');
    expect(await verifier.verify(`Bearer ${head}.${body}.${signature}`)).toMatchObject({ accounts: ['acme'] });

    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    await expect(verifier.verify(`Bearer ${head}.${body}.${other}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is not issued in production', async () => {
    const request = { account: 'acme', roles: [Role.MEMBER], ttlSeconds: 1 };
    await expect(issueToken({ auth, production: true }, time.wall, request)).rejects.toThrow(
      'not issued in production',
    );
  });
});

const signed = (claims: object, header: object = hs256) => `Bearer ${forge(header, claims)}`;
const unsigned = (alg: string) => `Bearer ${encode({ alg, typ: 'JWT' })}.${encode(good)}.`;
const validBody = forge(hs256, good).split('.').slice(0, 2).join('.');

const attacks: [name: string, authorization: string][] = [
  ['alg none', unsigned('none')],
  ['alg None', unsigned('None')],
  ['alg nOnE with a signature', `Bearer ${forge({ alg: 'nOnE' }, good)}`],
  ['no alg', signed(good, { typ: 'JWT' })],
  ['alg HS512 with an HS256 signature', signed(good, { alg: 'HS512' })],
  ['alg RS256 under a shared secret', signed(good, { alg: 'RS256' })],
  ['an empty signature', `Bearer ${validBody}.`],
  ['a signature of zeros', `Bearer ${validBody}.${Buffer.alloc(32).toString('base64url')}`],
  ['a signature by another secret', `Bearer ${forge(hs256, good, 'another-secret-of-at-least-32-characters')}`],
  ['a signature by the empty secret', `Bearer ${forge(hs256, good, '')}`],
  [
    'changed claims',
    `Bearer ${encode(hs256)}.${encode({ ...good, account: 'evil' })}.${forge(hs256, good).split('.')[2]}`,
  ],
  ['a critical extension nobody knows', signed(good, { ...hs256, crit: ['exp2'], exp2: 1 })],
  ['an unencoded payload', signed(good, { ...hs256, crit: ['b64'], b64: false })],
  ['a key in its own header', signed(good, { alg: 'RS256', jwk: { kty: 'oct', k: encode(secret) } })],
  ['another kind of token', signed(good, { alg: 'HS256', typ: 'logout+jwt' })],
  ['typ that is no text', signed(good, { alg: 'HS256', typ: 1 })],
  ['a wrong issuer', signed({ ...good, iss: 'https://evil.example.com' })],
  ['an issuer list', signed({ ...good, iss: [auth.issuer] })],
  ['no issuer', signed({ ...good, iss: undefined })],
  ['a wrong audience', signed({ ...good, aud: 'shop' })],
  ['no audience', signed({ ...good, aud: undefined })],
  ['no exp', signed({ ...good, exp: undefined })],
  ['exp just reached', signed({ ...good, exp: now })],
  ['exp long ago', signed({ ...good, exp: 1 })],
  ['exp as text', signed({ ...good, exp: String(now + 60) })],
  ['nbf in the future', signed({ ...good, nbf: now + 30 })],
  ['nbf as text', signed({ ...good, nbf: 'yesterday' })],
  ['no sub', signed({ ...good, sub: undefined })],
  ['an empty sub', signed({ ...good, sub: '' })],
  ['a sub that is no text', signed({ ...good, sub: 7 })],
  ['an account with outer blanks', signed({ ...good, account: ' acme' })],
  ["an account in the shape of the gateway's ids", signed({ ...good, account: accountIdOf('globex') })],
  ['an account with a trailing line feed', signed({ ...good, account: 'acme\n' })],
  ['an account with a NUL', signed({ ...good, account: 'ac\u0000me' })],
  ['an empty account', signed({ ...good, account: '' })],
  ['an account of 256 characters', signed({ ...good, account: 'a'.repeat(256) })],
  ['an account that is a list', signed({ ...good, account: ['acme', 'globex'] })],
  ['an account that is null', signed({ ...good, account: null })],
  ['roles that are no list', signed({ ...good, roles: 'OPERATOR' })],
  ['no account and no role', signed({ ...good, account: undefined, roles: [] })],
  ['a tenant role without an account', signed({ ...good, account: undefined, roles: ['BILLING_ADMIN'] })],
  ['claims that are a list', signed([good])],
  ['claims that are no JSON', `Bearer ${forge(hs256, 'not json')}`],
  ['a header that is no JSON', `Bearer ${forge('not json', good)}`],
  ['a token inside a token', `Bearer ${forge({ ...hs256, cty: 'JWT' }, forge(hs256, good))}`],
  ['four parts', `Bearer ${forge(hs256, good)}.x`],
  ['two parts', `Bearer ${validBody}`],
  ['five parts, encrypted', `Bearer ${encode({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`],
  [
    'JSON serialisation',
    `Bearer ${JSON.stringify({ payload: encode(good), signature: 'x', protected: encode(hs256) })}`,
  ],
  ['standard base64', `Bearer ${forge(hs256, good)}==`],
  ['a huge token', signed({ ...good, filler: 'x'.repeat(10_000) })],
  ['two tokens', `Bearer ${forge(hs256, good)}, Bearer ${forge(hs256, good)}`],
  ['another scheme', `Basic ${forge(hs256, good)}`],
  ['no scheme', forge(hs256, good)],
  ['only a scheme', 'Bearer '],
  ['nothing', ''],
  ['garbage', 'Bearer \u0000\u00ff%%%'],
];

describe('every bad token gets the same answer', () => {
  it.each(attacks)('%s', async (_name, authorization) => {
    const error = await refusal(authorization);
    expect(error.code).toBe('UNAUTHENTICATED');
    expect(error.message).toBe('The token was refused.');
    expect(error.retryable).toBe(false);
  });
});

describe('a token with a key set', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const rotated = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeys: [string, KeyObject][] = [
    ['rsa', rsa.publicKey],
    ['ec', ec.publicKey],
    ['ed', ed.publicKey],
  ];
  let issuer: Server;
  let settings: Config['auth'];
  let fetches = 0;
  let down = false;

  beforeAll(async () => {
    issuer = createServer((_request, response) => {
      fetches += 1;
      if (down) return void response.writeHead(503).end();
      void Promise.all(publicKeys.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid }))).then((keys) =>
        response.end(JSON.stringify({ keys })),
      );
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
    settings = { ...auth, jwtSecret: undefined, jwksUrl: url };
  });
  afterAll(() => issuer.close());
  beforeEach(() => {
    fetches = 0;
    down = false;
  });

  const sign = async (alg: string, kid: string | undefined, key: KeyObject, claims: JWTPayload = good) =>
    `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)}`;

  it.each([
    ['RS256', 'rsa', rsa.privateKey],
    ['ES256', 'ec', ec.privateKey],
    ['EdDSA', 'ed', ed.privateKey],
  ])('accepts %s', async (alg, kid, key) => {
    const verifier = createTokenVerifier({ auth: settings }, time.wall, log);
    expect(await verifier.verify(await sign(alg, kid, key))).toMatchObject({ accounts: ['acme'] });
  });

  it('refuses a token that was signed with the public key as a shared secret', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const token = forge({ alg: 'HS256', kid: 'rsa' }, good, pem);
    expect((await refusal(`Bearer ${token}`, settings)).code).toBe('UNAUTHENTICATED');
  });

  it.each(['../../etc/passwd', "' OR 1=1 --", 'http://evil.example.com/key', ''])(
    'refuses the key id %j',
    async (kid) => {
      expect((await refusal(await sign('RS256', kid, rotated.privateKey), settings)).code).toBe('UNAUTHENTICATED');
    },
  );

  it('refuses an ECDSA signature of zeros', async () => {
    const body = `${encode({ alg: 'ES256', kid: 'ec' })}.${encode(good)}`;
    const zeros = Buffer.alloc(64).toString('base64url');
    expect((await refusal(`Bearer ${body}.${zeros}`, settings)).code).toBe('UNAUTHENTICATED');
  });

  it('never follows an address in the header', async () => {
    const jku = settings.jwksUrl;
    const token = await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', kid: 'mine', jku, x5u: jku })
      .sign(rotated.privateKey);
    await refusal(`Bearer ${token}`, settings);
    expect(fetches).toBe(1);
  });

  it('asks the issuer once in 30 s, however many unknown key ids come', async () => {
    const clock = createManualTime();
    const verifier = createTokenVerifier({ auth: settings }, clock.wall, log);
    await verifier.verify(await sign('RS256', 'rsa', rsa.privateKey));
    const unknown = await Promise.all(
      Array.from({ length: 20 }, (_, index) => sign('RS256', `unknown-${index}`, rotated.privateKey)),
    );

    await Promise.allSettled(unknown.map((token) => verifier.verify(token)));
    expect(fetches).toBe(1);

    clock.advance(30_000);
    await Promise.allSettled(unknown.map((token) => verifier.verify(token)));
    expect(fetches).toBe(2);
  });

  it('learns a rotated key, and keeps known keys while the issuer is down', async () => {
    const clock = createManualTime();
    const verifier = createTokenVerifier({ auth: settings }, clock.wall, log);
    const old = await sign('RS256', 'rsa', rsa.privateKey, { ...good, exp: now + 3600 });
    await verifier.verify(old);

    publicKeys.push(['rotated', rotated.publicKey]);
    clock.advance(30_000);
    expect(await verifier.verify(await sign('RS256', 'rotated', rotated.privateKey))).toMatchObject({
      accounts: ['acme'],
    });

    down = true;
    clock.advance(15 * 60_000);
    expect(await verifier.verify(old)).toMatchObject({ accounts: ['acme'] });
  });
});
