import { join } from 'node:path';
import { issueToken } from '../src/auth/issue-token.js';
import { Role } from '../src/auth/roles.js';
import { systemWall } from '../src/clock/system-clock.js';
import { loadConfig } from '../src/config.js';
import { type Child, startChild } from './child.js';
import { SECRET } from './deliveries.js';
import type { Line } from './results.js';
import type { TemplateIds } from './template-ids.js';

export interface Sizes {
  events: number;
  sockets: number;
}

/** What every row has: one gateway on one database, a Stripe, and the means to start what it is compared with. */
export interface Stage {
  database: 'MariaDB' | 'embedded';
  sizes: Sizes;
  gateway: Child;
  port: number;
  stripe: Child;
  ids: TemplateIds;
  /** Starts a baseline on an empty database of its own. */
  bare(name: string): Promise<Child & { port: number }>;
  /** The `authorization` of a person of the account; a person may hold 20 sockets. */
  authorization(account: string, person?: string): Promise<string>;
  tell(progress: string): void;
}

export interface Row {
  name: string;
  meaning: string;
  measure(stage: Stage): Promise<Line[]>;
}

interface Place {
  database: Stage['database'];
  url: string;
  bareUrl: string;
}

/** Starts the gateway, lets `work` use it, and ends all that was started. */
export async function onStage(
  { database, url, bareUrl }: Place,
  sizes: Sizes,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const children: Child[] = [];
  const start = (name: string, args: string[] = [], env: Record<string, string> = {}) => {
    const child = startChild(name, args, env);
    children.push(child);
    return child;
  };
  try {
    const stripe = start('stripe-stub');
    const { url: base, ids } = await stripe.ask<{ url: string; ids: TemplateIds }>('ready');
    const env = {
      NODE_ENV: 'development',
      REQUESTS_PER_MINUTE: '0',
      LOG_LEVEL: 'error',
      DATABASE_URL: url,
      STRIPE_API_BASE: base,
      STRIPE_WEBHOOK_SECRETS: SECRET,
    };
    const gateway = start('gateway', [], env);
    const { port } = await gateway.ask<{ port: number }>('ready');
    await work({
      ...{ database, sizes, gateway, port, stripe, ids },
      async bare(name) {
        const child = start(name, [bareUrl]);
        return { ...child, port: (await child.ask<{ port: number }>('ready')).port };
      },
      authorization: async (account, person = 'bench') =>
        `Bearer ${await issueToken(loadConfig(env), systemWall, {
          account,
          roles: [Role.BILLING_ADMIN],
          subject: person,
          ttlSeconds: 3_600,
        })}`,
      tell: (progress) => void process.stderr.write(`  ${database}: ${progress}\n`),
    });
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

/** The root of the project, from the compiled file. */
export const PROJECT = join(__dirname, '..', '..');
