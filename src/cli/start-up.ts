import { styleText } from 'node:util';
import { issueToken } from '../auth/issue-token.js';
import { Role } from '../auth/roles.js';
import { systemWall } from '../clock/system-clock.js';
import type { Config } from '../config.js';
import type { Check } from '../operations/checks.js';

const TOKEN_TTL_SECONDS = 24 * 3600;

type Style = Parameters<typeof styleText>[0];

/** Colours only at a terminal that has not asked for none. */
export function paint(style: Style, text: string): string {
  // With `stream`, styleText follows NO_COLOR and FORCE_COLOR.
  return styleText(style, text, { stream: process.stdout, validateStream: true } as Parameters<typeof styleText>[2]);
}

export function renderChecks(checks: Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, detail, problem, warning }) => {
      const well = warning === undefined ? paint('green', 'ok  ') : paint('yellow', 'warn');
      const mark = problem === undefined ? well : paint('red', 'FAIL');
      return `  ${mark}  ${name.padEnd(width)}  ${problem ?? warning ?? detail}`;
    })
    .join('\n');
}

export interface Addresses {
  /** The gateway. */
  url: string;
  /** The sandbox, when this start has started one. */
  sandboxUrl?: string;
}

export function renderAddresses({ url, sandboxUrl }: Addresses): string {
  const rows = [
    ['GraphQL and explorer', `${url}/graphql`],
    ['Subscriptions', `${url.replace(/^http/, 'ws')}/graphql`],
    ['Webhooks', `${url}/webhooks/stripe`],
    ['Health', `${url}/health/ready`],
    ...(sandboxUrl ? [['Sandbox (local Stripe)', sandboxUrl]] : []),
  ];
  return rows.map(([name = '', address = '']) => `  ${name.padEnd(22)}  ${paint('cyan', address)}`).join('\n');
}

/** Tokens ready to paste; none in production and none where only an issuer can sign. */
export async function renderTokens(config: Config): Promise<string | undefined> {
  if (config.production || config.auth.jwtSecret === undefined) return undefined;
  const token = (roles: Role[], account?: string) =>
    issueToken(config, systemWall, { account, roles, ttlSeconds: TOKEN_TTL_SECONDS });
  return [
    '  Tokens for development, good for 24 hours (`npx billing token --help` makes others):',
    `\n  BILLING_ADMIN of the account acme\n${await token([Role.BILLING_ADMIN], 'acme')}`,
    `\n  SERVICE and OPERATOR, of no account\n${await token([Role.SERVICE, Role.OPERATOR])}`,
  ].join('\n');
}
