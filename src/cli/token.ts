import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { EXTERNAL_ID_RULE, isExternalId, isName } from '../auth/external-id.js';
import { issueToken } from '../auth/issue-token.js';
import { Role } from '../auth/roles.js';
import { systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { parseDuration } from './duration.js';
import { CommandFailed, exitCodes } from './exit.js';

interface TokenOptions {
  account?: string[];
  role: Role[];
  ttl: number;
  subject?: string;
  json?: boolean;
}

const roles = Object.values(Role).filter((role) => role !== Role.PUBLIC);

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('Issue a development token; it is the last line of the output. Refused in production.')
    .option(
      '-a, --account <id...>',
      "the tenant, by your product's own id; the first of several is the default",
      parseAccounts,
    )
    .addOption(
      new Option('-r, --role <role...>', 'what the token may do').choices(roles).default([Role.MEMBER], 'MEMBER'),
    )
    .addOption(
      new Option('-t, --ttl <duration>', 'how long it is good for, such as 30m, 24h or 7d')
        .argParser(parseDuration)
        .default(parseDuration('24h'), '24h'),
    )
    .option('-s, --subject <id>', 'who the token says is asking', parseSubject)
    .option('--json', 'print {"token", "expiresAt"} instead')
    .addHelpText(
      'after',
      `
Examples:
  billing token --account acme --role BILLING_ADMIN
  billing token --role OPERATOR --ttl 30m
  billing token --role OPERATOR BILLING_ADMIN
  curl localhost:4000/graphql -H "authorization: Bearer $(npx billing token -a acme | tail -1)" \\
    -H 'content-type: application/json' -d '{"query":"{ viewer { account { id } } }"}'`,
    )
    .action(runToken);
}

async function runToken({ account, role, ttl, subject, json }: TokenOptions): Promise<void> {
  if (account === undefined && !role.some((one) => [Role.SERVICE, Role.SUPPORT, Role.OPERATOR].includes(one))) {
    throw new CommandFailed(`The role ${role.join(', ')} is of an account; name it with --account.`, exitCodes.usage);
  }
  const config = loadConfig();
  const [first, ...more] = account ?? [];
  const accounts = more.length > 0 ? account : undefined;
  const token = await issueToken(config, systemWall, {
    account: first,
    accounts,
    roles: role,
    subject,
    ttlSeconds: ttl,
  });
  const expiresAt = new Date(systemWall.now() + ttl * 1000).toISOString();
  process.stdout.write(`${json ? JSON.stringify({ token, expiresAt }) : token}\n`);
}

const parseAccounts = (text: string, before: string[] = []): string[] => [...before, parseAccount(text)];

function parseAccount(text: string): string {
  if (isExternalId(text)) return text;
  throw new InvalidArgumentError(EXTERNAL_ID_RULE);
}

function parseSubject(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError('A subject has 1 to 255 characters and no blanks at its ends.');
}
