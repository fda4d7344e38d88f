import type { Command } from 'commander';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfig } from '../config.js';
import { formatMoney } from '../money.js';
import { Plan } from '../plans/plan.entity.js';
import { inEachCurrency, inTableOrder, isOffered, type PriceState } from '../plans/plan.js';
import { Price } from '../plans/price.entity.js';
import { openMigratedDatabase } from './open-configured-database.js';
import { renderTable } from './table.js';

export function addPlansCommand(program: Command): void {
  const plans = program.command('plans').description('What can be bought, as it is stored.').helpCommand(false);
  plans
    .command('list')
    .description('List plans, lowest rank first.')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExamples:\n  billing plans list\n  billing plans list --json')
    .action(runList);
}

async function runList({ json }: { json?: boolean }): Promise<void> {
  const ports = { wall: systemWall, timers: systemTimers, random: createSystemRandom() };
  const database = await openMigratedDatabase(loadConfig(), ports);
  try {
    const { manager } = database.read;
    const prices = (await manager.find(Price)).flatMap(inEachCurrency);
    const plans = await manager.find(Plan, { order: { rank: 'ASC', key: 'ASC' } });
    const rows = plans.map((plan) => ({
      key: plan.key,
      name: plan.name,
      rank: plan.rank,
      state: plan.archived ? 'archived' : isOffered(plan, prices) ? 'on sale' : 'no price',
      prices: inTableOrder(prices.filter(({ planKey, active }) => active && planKey === plan.key)).map(textOf),
    }));
    process.stdout.write(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : toTable(rows));
  } finally {
    await database.close();
  }
}

const textOf = ({ unitAmount, currency, interval }: PriceState): string =>
  `${unitAmount === null ? 'tiered' : formatMoney(unitAmount, currency, 'en-US')} a ${interval.toLowerCase()}`;

function toTable(rows: { key: string; name: string; rank: number; state: string; prices: string[] }[]): string {
  if (rows.length === 0) return 'There are no plans yet; run `billing sync --catalogue`.\n';
  const cells = rows.map(({ key, name, rank, state, prices }) => [key, name, String(rank), state, prices.join(', ')]);
  return `${renderTable(['KEY', 'NAME', 'RANK', 'STATE', 'PRICES'], cells)}\n`;
}
