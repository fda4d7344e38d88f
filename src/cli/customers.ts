import type { Command } from 'commander';
import { linkCustomer, linkCustomerProcedure } from '../accounts/link-customer.js';
import { listUnmatchedCustomers } from '../accounts/unmatched-customers.js';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { createIntentRunner } from '../intents/run-intent.js';
import type { Procedure } from '../intents/intent.js';
import { Refusal } from '../refusal.js';
import { createCommandSync } from './command-sync.js';
import { CommandFailed } from './exit.js';
import { createLog } from './log.js';
import { openConfiguredDatabase } from './open-configured-database.js';
import { reachStripe } from './reach-stripe.js';
import { parseReason } from './reason.js';
import { closeSystemPorts, openSystemPorts } from './system-ports.js';
import { renderTable } from './table.js';

const MOST_LISTED = 1_000;

interface LinkOptions {
  account: string;
  reason: string;
  json?: boolean;
}

export function addCustomersCommand(program: Command): void {
  const customers = program
    .command('customers')
    .description('Customers at Stripe and their accounts.')
    .helpCommand(false);
  customers
    .command('unmatched')
    .description('List customers of whom no account is known.')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExamples:\n  billing customers unmatched')
    .action(runUnmatched);
  customers
    .command('link <customer>')
    .description('Give a customer of whom no account is known her account: at Stripe first, then here.')
    .requiredOption('-a, --account <id>', "the account, by the gateway's id or by your product's own")
    .requiredOption('--reason <text>', 'why; kept with the change', parseReason)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  billing customers link cus_123 --account acme --reason "made in the dashboard"',
    )
    .action(runLink);
}

async function runUnmatched({ json }: { json?: boolean }): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openConfiguredDatabase(loadConfig(), ports);
  try {
    const found = (await listUnmatchedCustomers(database.read, MOST_LISTED)).map(({ since, ...rest }) => ({
      ...rest,
      since: since === null ? null : new Date(since).toISOString(),
    }));
    if (json) process.stdout.write(found.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (found.length === 0) process.stdout.write('Every customer has an account.\n');
    else {
      const rows = found.map(({ customer, events, since }) => [customer, String(events), since ?? '-']);
      process.stdout.write(`${renderTable(['CUSTOMER', 'EVENTS', 'SINCE'], rows)}\n`);
    }
  } finally {
    await database.close();
  }
}

async function runLink(customerId: string, { account, reason, json }: LinkOptions): Promise<void> {
  const config = await reachStripe(loadConfig());
  const log = createLog({ ...config, logLevel: 'warn' });
  const ports = await openSystemPorts(config, log);
  const sync = createCommandSync(config, ports);
  try {
    const procedures = [linkCustomerProcedure(ports.stripe)] as unknown as Procedure<never>[];
    const intents = createIntentRunner({ ...ports, sync, procedures });
    const linked = await linkCustomer({ ...ports, intents }, { account, customerId, reason, actor: 'cli' });
    const said = { customer: customerId, account: linked.account.id, visible: linked.visible };
    const still = linked.visible ? '' : ' Her subscriptions and invoices will follow in a moment.';
    process.stdout.write(
      json ? `${JSON.stringify(said)}\n` : `${customerId} belongs to ${linked.account.externalId} now.${still}\n`,
    );
  } catch (thrown) {
    if (thrown instanceof Refusal) throw new CommandFailed(`${thrown.message} ${thrown.details.hint ?? ''}`.trim());
    throw thrown;
  } finally {
    await sync.stop();
    await closeSystemPorts(ports);
  }
}
