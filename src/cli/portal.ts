import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { diffCatalogue } from '../plans/catalogue-diff.js';
import { readSoldProducts } from '../plans/push-catalogue.js';
import { diffPortal, type PortalAction, type WantedPortal, wantedPortal } from '../portal/portal-configuration.js';
import { pushPortal, readPortal } from '../portal/push-portal.js';
import type { StripeClient } from '../stripe/client.js';
import { asJob } from '../stripe/patience.js';
import { readCatalogueFile } from './catalogue-file.js';
import { confirm } from './confirm.js';
import { CommandFailed, exitCodes } from './exit.js';
import { reachStripe } from './reach-stripe.js';
import { openStripe } from './system-ports.js';

interface PortalOptions {
  file?: string;
  json?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

export function addPortalCommand(program: Command): void {
  const portal = program
    .command('portal')
    .description("What Stripe's customer portal allows, by the rules of plans.yaml.")
    .helpCommand(false);
  const file = ['-f, --file <path>', 'the file; PLANS_FILE when left out'] as const;
  const json = ['--json', 'print the result as JSON'] as const;
  portal
    .command('diff')
    .description('Tell what a push would do. Exit code 3 when the portal allows something else.')
    .option(...file)
    .option(...json)
    .addHelpText('after', '\nExamples:\n  billing portal diff\n  billing portal diff --json')
    .action((options: PortalOptions) => asJob(() => runDiff(options)));
  portal
    .command('push')
    .description('Make the portal configuration, or bring it to what the file says. Doing it twice changes nothing.')
    .option(...file)
    .option('--dry-run', 'only tell what would be done')
    .option('-y, --yes', 'change one that is there already: do not ask')
    .option(...json)
    .addHelpText(
      'after',
      `
The portal then works as changePlan does: what costs more is charged at once, what costs less and a
cancellation wait for the end of the period. Push the catalogue first: the portal offers its prices.
Settings that it does not name (texts, pauses, the login page) stay as they are.

Examples:
  billing portal push --dry-run
  billing portal push --yes`,
    )
    .action((options: PortalOptions) => asJob(() => runPush(options)));
}

interface Compared extends WantedPortal {
  stripe: StripeClient;
  /** Null when there is none yet. */
  id: string | null;
  configured: readonly string[];
  actions: PortalAction[];
}

async function compare({ file }: PortalOptions): Promise<Compared> {
  const config = await reachStripe(loadConfig());
  const path = file ?? config.plansFile;
  const plans = readCatalogueFile(path);
  const stripe = openStripe(config);
  const sold = await readSoldProducts(stripe);
  if (diffCatalogue(plans, sold).actions.length > 0)
    throw new CommandFailed(
      `Stripe sells something else than ${path} says. Run \`billing catalog push\` first.`,
      exitCodes.drift,
    );
  const wanted = wantedPortal(plans, sold, config.returnOrigins[0] ?? config.publicUrl ?? null);
  const configured = config.stripe.portalConfigurations;
  const held = await readPortal(stripe, configured);
  return { ...wanted, stripe, configured, id: held?.id ?? null, actions: diffPortal(wanted.configuration, held) };
}

async function runDiff(options: PortalOptions): Promise<void> {
  const compared = await compare(options);
  print(options, compared, 'to do');
  const { length } = compared.actions;
  if (length > 0)
    throw new CommandFailed(`The portal allows something else than it should: ${length} step(s).`, exitCodes.drift);
}

async function runPush(options: PortalOptions): Promise<void> {
  const compared = await compare(options);
  const { stripe, configuration, actions, id } = compared;
  if (options.dryRun || actions.length === 0) return print(options, compared, options.dryRun ? 'to do' : 'done');
  if (id !== null && !options.yes) {
    const text = `Customers get this at once, by ${id}:\n${listed(actions)}\nChange it?`;
    await confirm({ text, asker: 'A push to a portal that is there', refused: 'Nothing was changed at Stripe.' });
  }
  print(options, { ...compared, id: await pushPortal(stripe, configuration, id) }, 'done');
}

const listed = (actions: readonly PortalAction[]): string =>
  actions.map(({ key, text }) => `  ${key}: ${text}`).join('\n');

function print({ json }: PortalOptions, { id, configured, actions, leftOut }: Compared, state: string): void {
  const setting = id !== null && !configured.includes(id) ? `STRIPE_PORTAL_CONFIGURATIONS=${id}` : null;
  if (json) {
    process.stdout.write(`${JSON.stringify({ state, configuration: id, setting, actions, leftOut })}\n`);
    return;
  }
  const lines = actions.length > 0 ? [`${actions.length} step(s) ${state}:`, listed(actions)] : [];
  if (lines.length === 0) lines.push('The portal allows what it should.');
  if (leftOut.length > 0) lines.push('The portal has no room for:', ...leftOut.map((text) => `  ${text}`));
  if (id !== null) lines.push(`Configuration: ${id}`);
  if (setting) lines.push(`The gateway does not use it yet. Set ${setting}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
