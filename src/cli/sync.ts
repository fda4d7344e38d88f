import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { syncAccounts } from '../operations/sync-accounts.js';
import { syncCatalogue } from '../plans/sync-catalogue.js';
import { createSync } from '../sync/sync.js';
import { CommandFailed } from './exit.js';
import { createLog } from './log.js';
import { reachStripe } from './reach-stripe.js';
import { closeSystemPorts, openSystemPorts } from './system-ports.js';

interface SyncCommandOptions {
  account?: string;
  catalogue?: boolean;
  json?: boolean;
}

export function addSyncCommand(program: Command): void {
  program
    .command('sync')
    .description(
      'Look at Stripe again: at the catalogue and at every customer. Safe at any time, also beside a gateway.',
    )
    .option('-a, --account <id>', "only the customers of this account, by your product's own id")
    .option('--catalogue', 'only the catalogue')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  billing sync
  billing sync --account acme --json`,
    )
    .action(runSync);
}

async function runSync({ account, catalogue, json }: SyncCommandOptions): Promise<void> {
  const config = await reachStripe(loadConfig());
  const ports = await openSystemPorts(config, createLog({ ...config, logLevel: 'warn' }));
  const sync = createSync(ports, { policy: config, announce: (hint) => ports.hints.publish(hint) });
  try {
    sync.start();
    const parts = { ...ports, sync };
    const products =
      account === undefined ? await syncCatalogue(parts, tell('products')) : { products: 0, waiting: [] };
    const customers = catalogue ? { customers: 0, waiting: [] } : await syncAccounts(parts, account, tell('customers'));
    const waiting = [...products.waiting, ...customers.waiting];
    const report = { products: products.products, customers: customers.customers, waiting };
    if (account !== undefined && report.customers === 0)
      throw new CommandFailed(`The account '${account}' has no customer at Stripe yet.`);
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report));
  } finally {
    await sync.stop();
    await closeSystemPorts(ports);
  }
}

/** One changing line at a terminal, nothing elsewhere. */
function tell(what: string): (done: number) => void {
  return (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done}\u001b[K\r`);
  };
}

function describe({
  products,
  customers,
  waiting,
}: {
  products: number;
  customers: number;
  waiting: string[];
}): string {
  const looked = `Looked at ${products} products and ${customers} customers.\n`;
  return waiting.length === 0
    ? looked
    : `${looked}Still waiting, and tried again by the gateway: ${waiting.join(', ')}.\n`;
}
