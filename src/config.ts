import { isIP } from 'node:net';
import { z } from 'zod';
import {
  type CheckoutPolicy,
  type DowngradeOverLimit,
  sellingSettings,
  toCheckoutPolicy,
} from './checkout/checkout-settings.js';
import { mailSettings, type MailPolicy, toMailPolicy } from './notifications/mail-settings.js';
import { list, oneOf, wholeNumber } from './setting-words.js';
import { callSettings, type CallPolicy, toCallPolicy } from './stripe/call-settings.js';

/** Signs and verifies in development so that nothing has to be configured; refused in production. */
export const DEVELOPMENT_JWT_SECRET = 'development-only-jwt-secret-change-me-0123456789';
export const DEVELOPMENT_WEBHOOK_SECRET = 'whsec_development_only_change_me';
/** The sandbox accepts any test key; this one is used when none is set. */
export const DEVELOPMENT_STRIPE_KEY = 'sk_test_sandbox';

const port = wholeNumber(65_535);
const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text), {
  message: 'is not an absolute http(s) URL',
});

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  return family !== 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most));
}

/** One row per setting: the check, the default and the text of the settings table come from here and nowhere else. */
const settings = z.object({
  NODE_ENV: oneOf('development', 'test', 'production')
    .default('development')
    .describe('`development`, `test` or `production`, which refuses defaults that are only safe on a laptop'),
  PORT: port
    .default(4000)
    .describe('Port of the gateway; outside production the next free one is taken when it is in use'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on; `0.0.0.0` behind a reverse proxy'),
  DATABASE_URL: z
    .string()
    .regex(/^(file:.+|mysql:\/\/.+|mariadb:\/\/.+)$/, 'must be file:<path>, mysql://… or mariadb://…')
    .default('file:./data/billing.db')
    .describe('`file:<path>` for the embedded database, `mysql://…` or `mariadb://…`'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/.+/, 'must be redis://… or rediss://…')
    .optional()
    .describe(
      'Lets the gateways of one database count limits together and tell each other of changes at once; without it each counts alone and re-reads what is watched. They meet when host, port and name in `DATABASE_URL` are written alike',
    ),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\S+$/, 'must be a Stripe secret key such as sk_test_…')
    .optional()
    .describe('Stripe key; without one, outside production, the sandbox is started'),
  ...callSettings,
  STRIPE_PORTAL_CONFIGURATIONS: z
    .string()
    .transform(list)
    .refine((ids) => ids.every((id) => /^bpc_\w+$/.test(id)), {
      message: 'must be ids of portal configurations such as bpc_…, separated by commas',
    })
    .optional()
    .describe(
      "Portal configurations that callers may choose; the first is the default. Left out: Stripe's own default",
    ),
  STRIPE_WEBHOOK_SECRETS: z
    .string()
    .transform(list)
    .refine((secrets) => secrets.length > 0 && secrets.every((secret) => /^whsec_\S+$/.test(secret)), {
      message: 'must be one or more whsec_… secrets, separated by commas',
    })
    .optional()
    .describe(
      'Signing secrets of the webhook endpoint, comma-separated while rotating; the sandbox signs with the first',
    ),
  STRIPE_API_BASE: httpUrl
    .optional()
    .describe('Address of a sandbox that runs elsewhere, such as http://127.0.0.1:4242'),
  SANDBOX_PORT: port
    .default(4242)
    .describe('Port of the sandbox that the gateway starts; the next free one when it is in use'),
  BILLING_CLOCK_URL: httpUrl
    .optional()
    .describe(
      "The sandbox's clock to follow, its address with /_sandbox/clock; set by itself when the gateway starts the sandbox",
    ),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('Address under which browsers and Stripe reach the gateway; default http://localhost:<PORT>'),
  RETURN_ORIGINS: z
    .string()
    .transform(list)
    .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
      message: 'must be origins such as https://app.example.com, separated by commas, without a path',
    })
    .optional()
    .describe('Origins that success, cancel and return addresses may have; PUBLIC_URL always may'),
  AUTH_JWT_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('Shared secret of your tokens (HS256)'),
  AUTH_JWKS_URL: httpUrl.optional().describe('Or the key set of your issuer (RS256, ES256, EdDSA)'),
  AUTH_ISSUER: z.string().min(1).optional().describe('`iss` that tokens must carry'),
  AUTH_AUDIENCE: z.string().min(1).optional().describe('`aud` that tokens must carry'),
  GRACE_DAYS: wholeNumber(90)
    .default(7)
    .describe('Days of access after the invoice of a renewal became final, while it is not paid'),
  CATCH_UP_SECONDS: wholeNumber(86_400)
    .default(420)
    .describe("How often Stripe's list of events is read for deliveries that never came; 0 for never"),
  CATCH_UP_OVERLAP_SECONDS: wholeNumber(86_400)
    .default(600)
    .describe('How much of that list is read again each time: events may appear in it late'),
  SWEEP_AFTER_HOURS: wholeNumber(8_760)
    .default(24)
    .describe(
      'What was not looked at as a whole for so long is asked for again, as far as calls are spare; 0 for never',
    ),
  ...sellingSettings,
  ...mailSettings,
  TRUSTED_PROXIES: z
    .string()
    .transform(list)
    .refine((proxies) => proxies.every(isNetwork), {
      message: 'must be addresses or networks such as 10.0.0.0/8, separated by commas',
    })
    .optional()
    .describe('Proxies whose X-Forwarded-For counts; of everybody else it is ignored'),
  REQUESTS_PER_MINUTE: wholeNumber(1_000_000)
    .default(1_200)
    .describe('Root fields that one person may ask for in a minute, or one address without a token; 0 for no limit'),
  FIELDS_PER_ANSWER: wholeNumber(1_000_000)
    .default(20_000)
    .describe(
      'Fields that one answer may hold, each counted for every entry of the lists around it, as `first` and `last` ask; 0 for no limit',
    ),
  CHECKOUTS_PER_MINUTE: wholeNumber(1_000_000)
    .default(5)
    .describe('Checkouts that one account may begin in a minute; 0 for no limit'),
  CHECKOUTS_PER_MINUTE_AND_ADDRESS: wholeNumber(1_000_000)
    .default(60)
    .describe('Checkouts that may begin from one address in a minute; 0 for no limit'),
  METRICS: oneOf('private', 'on', 'off')
    .default('private')
    .describe(
      '`/metrics` for Prometheus: `private` answers this machine and private networks unless a proxy stands between, `on` answers everybody, `off` nobody',
    ),
  LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error', 'silent')
    .default('info')
    .describe(
      'What is written to stderr, from this level on: `debug`, `info`, `warn`, `error`, or nothing with `silent`',
    ),
});

type Settings = z.infer<typeof settings>;

export interface Config {
  production: boolean;
  host: string;
  port: number;
  databaseUrl: string;
  redisUrl: string | undefined;
  stripe: {
    secretKey: string;
    /** Undefined talks to Stripe itself. */
    apiBase: string | undefined;
    /** Ids that a caller may choose; the first is taken when she chooses none. Empty leaves it to Stripe. */
    portalConfigurations: string[];
    webhookSecrets: string[];
    /** True for a sandbox that runs elsewhere and no secrets given: the gateway makes its endpoint there by itself. */
    makeEndpoint: boolean;
    /** True when neither a key nor an address is set: the gateway starts the sandbox. */
    startSandbox: boolean;
    sandboxPort: number;
    calls: CallPolicy;
  };
  billingClockUrl: string | undefined;
  /** Undefined until the port is known: then http://localhost:<port>. */
  publicUrl: string | undefined;
  returnOrigins: string[];
  auth: {
    jwtSecret: string | undefined;
    jwksUrl: string | undefined;
    issuer: string | undefined;
    audience: string | undefined;
  };
  graceDays: number;
  downgradeOverLimit: DowngradeOverLimit;
  pauseWithDate: 'customers' | 'operators';
  /** 0 for never. */
  catchUp: { everySeconds: number; overlapSeconds: number };
  /** 0 for never. */
  sweepAfterHours: number;
  /** For browsers; undefined leaves embedded checkout and Elements switched off. */
  publishableKey: string | undefined;
  /** Upper case. */
  defaultCurrency: string;
  plansFile: string;
  /** Plan or add-on key by price id. */
  planPrices: ReadonlyMap<string, string>;
  checkout: CheckoutPolicy;
  mails: MailPolicy;
  /** Addresses and networks whose X-Forwarded-For counts. */
  trustedProxies: string[];
  /** 0 for no limit. */
  rateLimits: { requestsPerMinute: number; checkoutsPerMinute: number; checkoutsPerMinuteAndAddress: number };
  /** What one document may cost; 0 for no limit. */
  fieldsPerAnswer: number;
  /** Who may read /metrics. */
  metrics: Settings['METRICS'];
  logLevel: Settings['LOG_LEVEL'];
}

/** Thrown by `loadConfig` with every problem at once, each named by its setting. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(
      `The gateway cannot start: ${problems.length === 1 ? 'a setting is' : `${problems.length} settings are`} wrong.\n` +
        problems.map((problem) => `  - ${problem}`).join('\n'),
    );
    this.name = 'ConfigError';
  }
}

/** Reads and checks all settings. Empty values count as absent. Throws ConfigError. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const { error } = settings.safeParse(present);
  const issues = error?.issues ?? [];
  const malformed = issues.map(({ path }) => String(path[0]));
  // What is malformed is named once, as malformed; all the rest is checked as if it were absent.
  const found = settings.parse(
    Object.fromEntries(Object.entries(present).filter(([name]) => !malformed.includes(name))),
  );
  const problems = [
    ...issues.map((issue) => describeIssue(issue, present)),
    ...contradictions(found).filter((problem) => !malformed.some((name) => problem.includes(name))),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(found);
}

/** Stands where no signing secret is set. */
export const NO_SECRET_YET = 'whsec_none_yet';

/** As `loadConfig`, for making the webhook endpoint: production demands its secret, which is still to come. */
export const loadConfigBeforeEndpoint = (env: NodeJS.ProcessEnv = process.env): Config =>
  loadConfig({ ...env, STRIPE_WEBHOOK_SECRETS: env.STRIPE_WEBHOOK_SECRETS || NO_SECRET_YET });

function describeIssue(issue: z.core.$ZodIssue, present: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0]);
  const shown = /SECRET|KEY|URL/.test(name) ? '' : ` (found '${present[name]}')`;
  return `${name} ${issue.message}${shown}`;
}

function contradictions(found: Settings): string[] {
  const problems: string[] = [];
  if (found.AUTH_JWT_SECRET && found.AUTH_JWKS_URL)
    problems.push('AUTH_JWT_SECRET and AUTH_JWKS_URL exclude each other; keep one');
  if (found.SMTP_URL && !found.MAIL_FROM) problems.push('MAIL_FROM is missing; mails over SMTP_URL need a sender');
  if (found.NODE_ENV !== 'production') return problems;
  if (!found.STRIPE_SECRET_KEY) problems.push('STRIPE_SECRET_KEY is missing; production needs your Stripe key');
  if (!found.STRIPE_WEBHOOK_SECRETS)
    problems.push('STRIPE_WEBHOOK_SECRETS is missing; copy it from the webhook endpoint at Stripe');
  if (found.STRIPE_WEBHOOK_SECRETS?.includes(DEVELOPMENT_WEBHOOK_SECRET))
    problems.push('STRIPE_WEBHOOK_SECRETS holds the development default; copy the secret of your endpoint');
  if (!found.AUTH_JWT_SECRET && !found.AUTH_JWKS_URL)
    problems.push('AUTH_JWT_SECRET or AUTH_JWKS_URL is missing; set the one your issuer uses');
  if (found.AUTH_JWT_SECRET === DEVELOPMENT_JWT_SECRET)
    problems.push('AUTH_JWT_SECRET is the development default; set your own');
  if (found.STRIPE_SECRET_KEY && /^(sk|rk)_test_/.test(found.STRIPE_SECRET_KEY) && !found.STRIPE_API_BASE)
    problems.push('STRIPE_SECRET_KEY is a test key; production needs a live one');
  if (!found.PUBLIC_URL?.startsWith('https://'))
    problems.push('PUBLIC_URL must be set and begin with https:// in production');
  for (const origin of found.RETURN_ORIGINS ?? [])
    if (!origin.startsWith('https://'))
      problems.push(`RETURN_ORIGINS holds ${origin}; production allows https:// only`);
  return problems;
}

function toConfig(found: Settings): Config {
  const production = found.NODE_ENV === 'production';
  const secretKey = found.STRIPE_SECRET_KEY ?? DEVELOPMENT_STRIPE_KEY;
  const startSandbox = !production && !found.STRIPE_SECRET_KEY && !found.STRIPE_API_BASE;
  return {
    production,
    host: found.HOST,
    port: found.PORT,
    databaseUrl: found.DATABASE_URL,
    redisUrl: found.REDIS_URL,
    stripe: {
      secretKey,
      apiBase: found.STRIPE_API_BASE,
      portalConfigurations: found.STRIPE_PORTAL_CONFIGURATIONS ?? [],
      webhookSecrets: found.STRIPE_WEBHOOK_SECRETS ?? [DEVELOPMENT_WEBHOOK_SECRET],
      makeEndpoint: !production && found.STRIPE_API_BASE !== undefined && !found.STRIPE_WEBHOOK_SECRETS,
      startSandbox,
      sandboxPort: found.SANDBOX_PORT,
      calls: toCallPolicy(found, secretKey, startSandbox || found.STRIPE_API_BASE !== undefined),
    },
    billingClockUrl: found.BILLING_CLOCK_URL,
    publicUrl: found.PUBLIC_URL?.replace(/\/+$/, ''),
    returnOrigins: found.RETURN_ORIGINS ?? [],
    auth: {
      jwtSecret: found.AUTH_JWKS_URL ? undefined : (found.AUTH_JWT_SECRET ?? DEVELOPMENT_JWT_SECRET),
      jwksUrl: found.AUTH_JWKS_URL,
      issuer: found.AUTH_ISSUER,
      audience: found.AUTH_AUDIENCE,
    },
    graceDays: found.GRACE_DAYS,
    downgradeOverLimit: found.DOWNGRADE_OVER_LIMIT,
    pauseWithDate: found.PAUSE_WITH_DATE,
    catchUp: { everySeconds: found.CATCH_UP_SECONDS, overlapSeconds: found.CATCH_UP_OVERLAP_SECONDS },
    sweepAfterHours: found.SWEEP_AFTER_HOURS,
    publishableKey: found.STRIPE_PUBLISHABLE_KEY,
    defaultCurrency: found.DEFAULT_CURRENCY,
    plansFile: found.PLANS_FILE,
    planPrices: new Map((found.PLAN_PRICES ?? []).map((pair) => pair.split('=').reverse() as [string, string])),
    checkout: toCheckoutPolicy(found),
    mails: toMailPolicy(found),
    trustedProxies: found.TRUSTED_PROXIES ?? [],
    rateLimits: {
      requestsPerMinute: found.REQUESTS_PER_MINUTE,
      checkoutsPerMinute: found.CHECKOUTS_PER_MINUTE,
      checkoutsPerMinuteAndAddress: found.CHECKOUTS_PER_MINUTE_AND_ADDRESS,
    },
    fieldsPerAnswer: found.FIELDS_PER_ANSWER,
    metrics: found.METRICS,
    logLevel: found.LOG_LEVEL,
  };
}

/** Name, default and meaning of every setting, for the README's table and `billing serve --help`. */
export function settingsTable(): { name: string; default: string; meaning: string }[] {
  return Object.entries(settings.shape).map(([name, check]) => {
    const absent = check.safeParse(undefined);
    return {
      name,
      default: absent.success && absent.data !== undefined ? String(absent.data) : '',
      meaning: check.description ?? '',
    };
  });
}
