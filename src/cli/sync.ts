import { type Command, Option } from 'commander';
import { loadConfig } from '../config.js';
import { syncAccounts } from '../operations/sync-accounts.js';
import type { CatalogueProblemState } from '../plans/catalogue-problem.entity.js';
import { type CatalogueReport, syncCatalogue } from '../plans/sync-catalogue.js';
import { asJob } from '../stripe/patience.js';
import { createCommandSync } from './command-sync.js';
import { CommandFailed } from './exit.js';
import { createLog } from './log.js';
import { reachStripe } from './reach-stripe.js';
import { closeSystemPorts, openSystemPorts } from './system-ports.js';

interface SyncCommandOptions {
  account?: string;
  catalogue?: boolean;
  json?: boolean;
}

const NO_PRODUCTS: CatalogueReport = { products: 0, waiting: [], problems: [], cutShort: null };

export function addSyncCommand(program: Command): void {
  program
    .command('sync')
    .description(
      'Look at Stripe again: at the catalogue and at every customer. Safe at any time, also beside a gateway.',
    )
    .option('-a, --account <id>', "only the customers of this account, by your product's own id")
    .addOption(new Option('--catalogue', 'only the catalogue').conflicts('account'))
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  billing sync
  billing sync --account acme --json`,
    )
    .action((options: SyncCommandOptions) => asJob(() => runSync(options)));
}

async function runSync({ account, catalogue, json }: SyncCommandOptions): Promise<void> {
  const config = await reachStripe(loadConfig());
  const ports = await openSystemPorts(config, createLog({ ...config, logLevel: 'warn' }));
  const sync = createCommandSync(config, ports);
  try {
    sync.start();
    const parts = { ...ports, sync };
    const products = account === undefined ? await syncCatalogue(parts, tell('products')) : NO_PRODUCTS;
    const customers = catalogue ? { customers: 0, waiting: [] } : await syncAccounts(parts, account, tell('customers'));
    const waiting = [...products.waiting, ...customers.waiting];
    const problems = products.problems.map(({ objectId, field, reason, remedy, warning }) => ({
      objectId,
      field,
      reason,
      remedy,
      warning,
    }));
    const { cutShort } = products;
    const report = { products: products.products, customers: customers.customers, waiting, problems, cutShort };
    if (account !== undefined && report.customers === 0)
      throw new CommandFailed(
        `No customer at Stripe of an account '${account}' is known. Give your product's own id; \`billing customers unmatched\` lists whom nobody owns.`,
      );
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report));
    const broken = new Set(problems.filter(({ warning }) => !warning).map(({ objectId }) => objectId));
    if (cutShort !== null)
      throw new CommandFailed(`The list of products ended early, nothing was archived: ${cutShort}`);
    if (broken.size > 0)
      throw new CommandFailed(`${broken.size} product(s) or price(s) cannot be sold; what was known of them stays.`);
  } finally {
    await sync.stop();
    await closeSystemPorts(ports);
  }
}

/** One changing line at a terminal, nothing elsewhere. */
function tell(what: string): (done: number, total?: number) => void {
  return (done, total) => {
    const of = total === undefined ? '' : ` of ${total}`;
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done}${of}\u001b[K\r`);
  };
}

interface Report {
  products: number;
  customers: number;
  waiting: string[];
  problems: Pick<CatalogueProblemState, 'objectId' | 'reason' | 'remedy' | 'warning'>[];
}

function describe({ products, customers, waiting, problems }: Report): string {
  const lines = [`Looked at ${products} products and ${customers} customers.`];
  if (waiting.length > 0) lines.push(`Still waiting, and tried again by the gateway: ${waiting.join(', ')}.`);
  for (const { objectId, reason, remedy, warning } of problems)
    lines.push(`${warning ? 'Warning' : 'Problem'} with ${objectId}: ${reason}. ${remedy}`);
  return `${lines.join('\n')}\n`;
}
