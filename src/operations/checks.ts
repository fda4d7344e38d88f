import type { Parts } from '../parts.js';
import { Plan } from '../plans/plan.entity.js';
import { isListWhole } from '../plans/sync-catalogue.js';
import { explainAway } from '../stripe/errors.js';

/** One line of the table that a start and `billing doctor` print. */
export interface Check {
  name: string;
  /** What was found. */
  detail: string;
  /** What is wrong and what to do; undefined when all is well. */
  problem?: string;
  /** What works, but should be looked at, and what to do. */
  warning?: string;
  /** Of a problem: a setting, something that Stripe holds otherwise, or something that does not answer. */
  cause?: 'settings' | 'drift' | 'unreachable';
}

/** Looks at everything a start needs. Never throws: what fails is a problem with its remedy. */
export async function runChecks(parts: Parts): Promise<Check[]> {
  return [
    await check('database', () => checkDatabase(parts)),
    await check('catalogue', () => checkCatalogue(parts)),
    await check('webhooks', () => checkWebhooks(parts)),
    ...(parts.redis ? [checkRedis(parts)] : []),
    { name: 'mails', detail: mailsGo(parts) },
    { name: 'live updates', detail: `${parts.publicUrl.replace(/^http/, 'ws')}/graphql` },
  ];
}

const mailsGo = ({ mail, relay }: Parts): string => {
  if (!mail) return 'none are sent; set SMTP_URL to send them';
  return relay ? mail.destination : 'none are sent; MAILS_OFF names every kind';
};

export type Finding = Omit<Check, 'name'>;

/** What cannot be looked at is a problem as well. */
export async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (thrown) {
    return { name, detail: '', problem: `could not be checked: ${explainAway(thrown)}`, cause: 'unreachable' };
  }
}

export async function checkDatabase({ database, config }: Pick<Parts, 'database' | 'config'>): Promise<Finding> {
  const pending = await database.pendingMigrations();
  const detail = config.databaseUrl.replace(/\/\/[^@/]*@/, '//');
  if (pending.length === 0) return { detail };
  return { detail, problem: `${pending.length} migration(s) are missing; run \`npx billing migrate\`.` };
}

export function checkRedis({ redis, config }: Pick<Parts, 'redis' | 'config'>): Check {
  const detail = (config.redisUrl ?? '').replace(/\/\/[^@/]*@/, '//');
  const problem = redis?.isReady()
    ? undefined
    : `${detail} does not answer; the gateway works without it until it does.`;
  return { name: 'redis', detail, problem, cause: 'unreachable' };
}

export async function checkCatalogue({ database }: Pick<Parts, 'database'>): Promise<Finding> {
  const plans = await database.read.manager.find(Plan, { where: { archived: false }, order: { rank: 'ASC' } });
  const detail = plans.map(({ key }) => key).join(', ');
  if (!(await isListWhole(database)))
    return { detail, problem: 'it was read in part; run `npx billing sync` when Stripe answers.' };
  if (plans.length > 0) return { detail };
  return { detail, problem: 'no plans; give products at Stripe `app=billing` metadata and run `npx billing sync`.' };
}

async function checkWebhooks({ stripe, publicUrl }: Parts): Promise<Finding> {
  const { data } = await stripe.webhookEndpoints.list({ limit: 100 });
  const ours = data.find(({ url, status }) => url.endsWith('/webhooks/stripe') && status === 'enabled');
  if (ours) return { detail: ours.url };
  return {
    detail: '',
    problem: `no enabled endpoint at Stripe for ${publicUrl}/webhooks/stripe; run \`npx billing webhooks provision\`.`,
  };
}
