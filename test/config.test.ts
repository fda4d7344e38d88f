import {
  ConfigError,
  DEVELOPMENT_JWT_SECRET,
  DEVELOPMENT_WEBHOOK_SECRET,
  loadConfig,
  settingsTable,
} from '../src/config.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  STRIPE_SECRET_KEY: 'sk_live_abc',
  STRIPE_WEBHOOK_SECRETS: 'whsec_abc',
  AUTH_JWT_SECRET: 'a-secret-of-our-own-with-32-characters',
  PUBLIC_URL: 'https://billing.example.com',
};

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('the settings', () => {
  it('need nothing on a laptop: the sandbox is started and development secrets are used', () => {
    expect(loadConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: 'file:./data/billing.db',
      redisUrl: undefined,
      stripe: {
        secretKey: 'sk_test_sandbox',
        apiBase: undefined,
        portalConfigurations: [],
        webhookSecrets: [DEVELOPMENT_WEBHOOK_SECRET],
        startSandbox: true,
        makeEndpoint: false,
        sandboxPort: 4242,
      },
      billingClockUrl: undefined,
      publicUrl: undefined,
      returnOrigins: [],
      auth: { jwtSecret: DEVELOPMENT_JWT_SECRET, jwksUrl: undefined, issuer: undefined, audience: undefined },
      graceDays: 7,
      publishableKey: undefined,
      logLevel: 'info',
    });
  });

  it('count as absent when they are empty', () => {
    const empty = Object.fromEntries(settingsTable().map(({ name }) => [name, '']));

    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it.each<[Record<string, string>, object]>([
    [{ PORT: '0' }, { port: 0 }],
    [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ DATABASE_URL: 'mysql://u:p@db/billing' }, { databaseUrl: 'mysql://u:p@db/billing' }],
    [{ DATABASE_URL: 'mariadb://db/billing' }, { databaseUrl: 'mariadb://db/billing' }],
    [{ REDIS_URL: 'rediss://cache:6380' }, { redisUrl: 'rediss://cache:6380' }],
    [{ STRIPE_SECRET_KEY: 'rk_test_x' }, { stripe: { secretKey: 'rk_test_x', startSandbox: false } }],
    [
      { STRIPE_API_BASE: 'http://127.0.0.1:4242' },
      { stripe: { apiBase: 'http://127.0.0.1:4242', startSandbox: false } },
    ],
    [{ STRIPE_WEBHOOK_SECRETS: ' whsec_a , whsec_b,' }, { stripe: { webhookSecrets: ['whsec_a', 'whsec_b'] } }],
    [{ STRIPE_API_BASE: 'http://sandbox' }, { stripe: { makeEndpoint: true } }],
    [{ STRIPE_API_BASE: 'http://sandbox', STRIPE_WEBHOOK_SECRETS: 'whsec_a' }, { stripe: { makeEndpoint: false } }],
    [{ SANDBOX_PORT: '4300' }, { stripe: { sandboxPort: 4300 } }],
    [{ BILLING_CLOCK_URL: 'http://127.0.0.1:4242/clock' }, { billingClockUrl: 'http://127.0.0.1:4242/clock' }],
    [{ PUBLIC_URL: 'https://billing.example.com//' }, { publicUrl: 'https://billing.example.com' }],
    [
      { RETURN_ORIGINS: 'https://a.example, http://b.example:3000' },
      { returnOrigins: ['https://a.example', 'http://b.example:3000'] },
    ],
    [{ AUTH_JWT_SECRET: 's'.repeat(32) }, { auth: { jwtSecret: 's'.repeat(32) } }],
    [
      { AUTH_JWKS_URL: 'https://id.example/jwks' },
      { auth: { jwksUrl: 'https://id.example/jwks', jwtSecret: undefined } },
    ],
    [
      { AUTH_ISSUER: 'https://id.example', AUTH_AUDIENCE: 'billing' },
      { auth: { issuer: 'https://id.example', audience: 'billing' } },
    ],
    [{ GRACE_DAYS: '0' }, { graceDays: 0 }],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  ])('%j are read', (env, expected) => {
    expect(loadConfig(env)).toMatchObject(expected);
  });

  it.each<[Record<string, string>, string]>([
    [{ NODE_ENV: 'prod' }, 'NODE_ENV'],
    [{ PORT: 'http' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '1.5' }, 'PORT'],
    [{ PORT: ' ' }, 'PORT'],
    [{ PORT: '0x50' }, 'PORT'],
    [{ PORT: '4e3' }, 'PORT'],
    [{ DATABASE_URL: 'postgres://db' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'file:' }, 'DATABASE_URL'],
    [{ REDIS_URL: 'cache:6379' }, 'REDIS_URL'],
    [{ STRIPE_SECRET_KEY: 'pk_test_x' }, 'STRIPE_SECRET_KEY'],
    [{ STRIPE_SECRET_KEY: 'sk_test_' }, 'STRIPE_SECRET_KEY'],
    [{ STRIPE_WEBHOOK_SECRETS: 'whsec_a,secret' }, 'STRIPE_WEBHOOK_SECRETS'],
    [{ STRIPE_WEBHOOK_SECRETS: ' , ' }, 'STRIPE_WEBHOOK_SECRETS'],
    [{ STRIPE_API_BASE: 'localhost:4242' }, 'STRIPE_API_BASE'],
    [{ STRIPE_API_BASE: 'ftp://x' }, 'STRIPE_API_BASE'],
    [{ SANDBOX_PORT: 'x' }, 'SANDBOX_PORT'],
    [{ BILLING_CLOCK_URL: 'clock' }, 'BILLING_CLOCK_URL'],
    [{ PUBLIC_URL: 'billing.example.com' }, 'PUBLIC_URL'],
    [{ RETURN_ORIGINS: 'https://a.example/path' }, 'RETURN_ORIGINS'],
    [{ RETURN_ORIGINS: 'https://a.example/' }, 'RETURN_ORIGINS'],
    [{ RETURN_ORIGINS: '*' }, 'RETURN_ORIGINS'],
    [{ RETURN_ORIGINS: 'https://u@a.example' }, 'RETURN_ORIGINS'],
    [{ AUTH_JWT_SECRET: 'short' }, 'AUTH_JWT_SECRET'],
    [{ AUTH_JWKS_URL: 'jwks' }, 'AUTH_JWKS_URL'],
    [{ AUTH_JWT_SECRET: 's'.repeat(32), AUTH_JWKS_URL: 'https://id.example' }, 'AUTH_JWT_SECRET and AUTH_JWKS_URL'],
    [{ GRACE_DAYS: '91' }, 'GRACE_DAYS'],
    [{ DEFAULT_CURRENCY: 'USE' }, 'DEFAULT_CURRENCY'],
    [{ GRACE_DAYS: 'week' }, 'GRACE_DAYS'],
    [{ GRACE_DAYS: ' ' }, 'GRACE_DAYS'],
    [{ LOG_LEVEL: 'trace' }, 'LOG_LEVEL'],
    [{ METRICS: 'yes' }, "METRICS must be private, on or off (found 'yes')"],
    [{ NODE_ENV: 'prod' }, "NODE_ENV must be development, test or production (found 'prod')"],
    [{ AUTOMATIC_TAX: 'yes' }, "AUTOMATIC_TAX must be true or false (found 'yes')"],
  ])('%j are refused by name', (env, name) => {
    const problems = problemsOf(env);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  it('are refused with every problem at once, malformed and missing ones together', () => {
    const problems = problemsOf({ NODE_ENV: 'production', PORT: 'x', GRACE_DAYS: '-1', STRIPE_SECRET_KEY: 'pk_1' });

    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'AUTH_JWT_SECRET',
      'GRACE_DAYS',
      'PORT',
      'PUBLIC_URL',
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRETS',
    ]);
  });

  it('are refused without showing a secret, a key or an address with a password', () => {
    const problems = problemsOf({
      AUTH_JWT_SECRET: 'canary-1',
      STRIPE_SECRET_KEY: 'canary-2',
      STRIPE_WEBHOOK_SECRETS: 'canary-3',
      DATABASE_URL: 'postgres://user:canary-4@db',
      REDIS_URL: 'canary-5',
    });

    expect(problems).toHaveLength(5);
    expect(problems.join()).not.toContain('canary');
  });

  it('have a line in the table each, with default and meaning', () => {
    for (const { name, meaning } of settingsTable()) {
      expect(name).toMatch(/^[A-Z_]+$/);
      expect(meaning.length).toBeGreaterThan(10);
    }
    expect(settingsTable()).toContainEqual({ name: 'GRACE_DAYS', default: '7', meaning: expect.any(String) });
  });
});

describe('in production', () => {
  it('a whole set is accepted and no sandbox is started', () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({
      production: true,
      stripe: { startSandbox: false, secretKey: 'sk_live_abc' },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no Stripe key', { STRIPE_SECRET_KEY: '' }, 'STRIPE_SECRET_KEY is missing'],
    ['a test key', { STRIPE_SECRET_KEY: 'sk_test_x' }, 'STRIPE_SECRET_KEY is a test key'],
    ['no webhook secret', { STRIPE_WEBHOOK_SECRETS: '' }, 'STRIPE_WEBHOOK_SECRETS is missing'],
    [
      'the development webhook secret',
      { STRIPE_WEBHOOK_SECRETS: `whsec_a,${DEVELOPMENT_WEBHOOK_SECRET}` },
      'development default',
    ],
    ['no way to check tokens', { AUTH_JWT_SECRET: '' }, 'AUTH_JWT_SECRET or AUTH_JWKS_URL is missing'],
    [
      'the development token secret',
      { AUTH_JWT_SECRET: DEVELOPMENT_JWT_SECRET },
      'AUTH_JWT_SECRET is the development default',
    ],
    ['no public address', { PUBLIC_URL: '' }, 'PUBLIC_URL must be set'],
    [
      'a public address without TLS',
      { PUBLIC_URL: 'http://billing.example.com' },
      'PUBLIC_URL must be set and begin with https://',
    ],
    ['a return origin without TLS', { RETURN_ORIGINS: 'https://a.example,http://b.example' }, 'http://b.example'],
  ])('%s refuses to start', (_what, differs, problem) => {
    expect(problemsOf({ ...PRODUCTION, ...differs })).toEqual([expect.stringContaining(problem)]);
  });

  it('a test key is accepted with a sandbox that runs elsewhere', () => {
    expect(
      problemsOf({ ...PRODUCTION, STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_BASE: 'https://sandbox.example' }),
    ).toEqual([]);
  });
});
