import { Command, CommanderError, Help, type Option } from 'commander';
import { addCatalogCommand } from './catalog.js';
import { addCustomersCommand } from './customers.js';
import { addDoctorCommand } from './doctor.js';
import { addDriftCommand } from './drift.js';
import { addEventsCommand } from './events.js';
import { exitCodeFor, exitCodes } from './exit.js';
import { hideSecrets } from './log.js';
import { addJobsCommand } from './jobs.js';
import { addMailsCommand } from './mails.js';
import { addMigrateCommand } from './migrate.js';
import { addPlansCommand } from './plans.js';
import { addPortalCommand } from './portal.js';
import { addRecoverCommand } from './recover.js';
import { addSandboxCommand } from './sandbox.js';
import { addServeCommand } from './serve.js';
import { addSyncCommand } from './sync.js';
import { addTokenCommand } from './token.js';
import { addWebhooksCommand } from './webhooks.js';
import { explainAway } from '../stripe/errors.js';
import { version } from '../version.js';

/** Every command of `billing`, in the order of the help. */
const commands = [
  addServeCommand,
  addDoctorCommand,
  addSandboxCommand,
  addTokenCommand,
  addMigrateCommand,
  addSyncCommand,
  addRecoverCommand,
  addPlansCommand,
  addCatalogCommand,
  addPortalCommand,
  addWebhooksCommand,
  addEventsCommand,
  addJobsCommand,
  addCustomersCommand,
  addDriftCommand,
  addMailsCommand,
];

export function createProgram(): Command {
  const program = new Command('billing')
    .description('A GraphQL billing gateway that keeps an exact, live, explainable copy of what Stripe knows.')
    .version(version, '-v, --version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('Run with --help for what is possible.')
    .configureHelp({ optionDescription: describeOption })
    .exitOverride()
    .addHelpText(
      'after',
      `
Exit codes: 0 fine, 1 failed, 2 wrong options or settings, 3 drift, 4 database or Stripe out of reach.
Settings come from the environment and from a file .env; \`billing serve --help\` lists them.`,
    );
  for (const add of commands) add(program);
  return program;
}

/** What must be given says so; the help would list it like the others. */
function describeOption(this: Help, option: Option): string {
  const text = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `${text} (required)` : text;
}

/** Runs one command line and answers its exit code; problems are told on standard error, without a stack. */
export async function runProgram(argv: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return exitCodes.fine;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    process.stderr.write(`${hideSecrets(explainAway(thrown))}\n`);
    return exitCodeFor(thrown);
  }
}
