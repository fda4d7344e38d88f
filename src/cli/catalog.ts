import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { type CatalogueAction, type CatalogueDiff, diffCatalogue, type SoldProduct } from '../plans/catalogue-diff.js';
import { parsePlansFile, type PlansFile, readCatalogueRules } from '../plans/plans-file.js';
import { pushCatalogue, readSoldProducts } from '../plans/push-catalogue.js';
import { writePlansFile } from '../plans/write-plans-file.js';
import type { StripeClient } from '../stripe/client.js';
import { asJob } from '../stripe/patience.js';
import { readCatalogueFile } from './catalogue-file.js';
import { confirm } from './confirm.js';
import { CommandFailed, exitCodes } from './exit.js';
import { reachStripe } from './reach-stripe.js';
import { openStripe } from './system-ports.js';

interface CatalogOptions {
  file?: string;
  json?: boolean;
  dryRun?: boolean;
  prune?: boolean;
  yes?: boolean;
}

export function addCatalogCommand(program: Command): void {
  const catalog = program
    .command('catalog')
    .description('The catalogue as code: plans.yaml says what Stripe sells.')
    .helpCommand(false);
  const file = ['-f, --file <path>', 'the file; PLANS_FILE when left out'] as const;
  const json = ['--json', 'print the result as JSON'] as const;
  catalog
    .command('diff')
    .description('Tell what a push would do. Exit code 3 when Stripe sells something else than the file says.')
    .option(...file)
    .option('--prune', 'also what the file does not name')
    .option(...json)
    .addHelpText('after', '\nExamples:\n  billing catalog diff\n  billing catalog diff --prune --json')
    .action((options: CatalogOptions) => asJob(() => runDiff(options)));
  catalog
    .command('push')
    .description('Make Stripe sell what the file says. Doing it twice changes nothing.')
    .option(...file)
    .option('--dry-run', 'only tell what would be done')
    .option('--prune', 'archive what the file does not name; asks before it does')
    .option('-y, --yes', 'with --prune: do not ask')
    .option(...json)
    .addHelpText(
      'after',
      `
Amounts at Stripe never change: another amount makes a new price, moves the lookup key to it and
archives the old one. Whoever pays the old price keeps it. A further currency joins the same price.

Examples:
  billing catalog push --dry-run
  billing catalog push
  billing catalog push --prune --yes`,
    )
    .action((options: CatalogOptions) => asJob(() => runPush(options)));
  catalog
    .command('pull')
    .description('Write the file from what Stripe sells.')
    .option(...file)
    .option('-y, --yes', 'replace a file that says something else')
    .option(...json)
    .addHelpText('after', '\nExamples:\n  billing catalog pull\n  billing catalog pull --file shop.yaml --yes')
    .action((options: CatalogOptions) => asJob(() => runPull(options)));
}

interface Compared {
  path: string;
  sold: SoldProduct[];
  diff: CatalogueDiff;
  /** What only --prune does. */
  pruned: CatalogueAction[];
  stripe: StripeClient;
}

async function compare({ file, prune }: CatalogOptions): Promise<Compared> {
  const config = await reachStripe(loadConfig());
  const path = file ?? config.plansFile;
  const wanted = readCatalogueFile(path);
  const stripe = openStripe(config);
  const sold = await readSoldProducts(stripe);
  const diff = diffCatalogue(wanted, sold);
  if (!prune) return { path, sold, stripe, diff, pruned: [] };
  return {
    path,
    sold,
    stripe,
    diff: {
      actions: [...diff.actions, ...diff.unlisted],
      unlisted: [],
      duplicates: diff.duplicates.filter(({ productId }) => !archives(diff.unlisted, productId)),
    },
    pruned: diff.unlisted,
  };
}

async function runDiff(options: CatalogOptions): Promise<void> {
  const { diff, path } = await compare(options);
  print(options, diff, 'to do');
  if (diff.actions.length > 0)
    throw new CommandFailed(
      `Stripe sells something else than ${path} says: ${diff.actions.length} step(s).`,
      exitCodes.drift,
    );
}

async function runPush(options: CatalogOptions): Promise<void> {
  const { diff, sold, stripe, pruned, path } = await compare(options);
  if (pruned.length > 0 && !options.dryRun && !options.yes) {
    const list = pruned.map(({ key, text }) => `  ${key}: ${text}\n`).join('');
    const text = `${path} does not name these; nobody can buy them any more:\n${list}Archive them?`;
    await confirm({ text, asker: '--prune', refused: 'Nothing was changed at Stripe.' });
  }
  if (!options.dryRun) await pushCatalogue(stripe, diff.actions, sold);
  print(options, diff, options.dryRun ? 'to do' : 'done');
}

async function runPull({ file, yes, json }: CatalogOptions): Promise<void> {
  const config = await reachStripe(loadConfig());
  const path = file ?? config.plansFile;
  const sold = await readSoldProducts(openStripe(config));
  const text = writePlansFile(sold, readCatalogueRules({ ...config, plansFile: path }));
  const held = existsSync(path) ? readFileSync(path, 'utf8') : null;
  const changed = held === null || !agrees(parsePlansFile(held, path), sold);
  if (held !== null && changed && !yes)
    throw new CommandFailed(`${path} says something else. Give --yes to replace it.`, exitCodes.usage);
  if (changed) writeFileSync(path, text);
  const products = sold.filter(({ active }) => active).length;
  const said = { path, products, changed };
  process.stdout.write(
    json ? `${JSON.stringify(said)}\n` : `${path}: ${products} products${said.changed ? '' : ', as before'}.\n`,
  );
}

/** A file that says the same in its own words and with its own remarks is left as it is. */
function agrees(file: PlansFile, sold: readonly SoldProduct[]): boolean {
  const { actions, unlisted, duplicates } = diffCatalogue(file, sold);
  const twins = duplicates.filter(({ productId }) => archives(unlisted, productId));
  return actions.length === 0 && unlisted.length === twins.length;
}

const archives = (actions: readonly CatalogueAction[], id: string): boolean =>
  actions.some((action) => action.kind === 'archive_product' && action.productId === id);

function print({ json }: CatalogOptions, { actions, unlisted, duplicates }: CatalogueDiff, state: string): void {
  const shown = (list: CatalogueAction[]) => list.map(({ kind, key, text }) => ({ kind, key, text }));
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ state, actions: shown(actions), unlisted: shown(unlisted), duplicates })}\n`,
    );
    return;
  }
  const lines = actions.map(({ key, text }) => `${key}: ${text}`);
  if (lines.length === 0) lines.push('Stripe sells what the file says.');
  else lines.unshift(`${actions.length} step(s) ${state}:`);
  if (unlisted.length > 0) {
    lines.push('Not in the file, and left alone without --prune:');
    lines.push(...unlisted.map(({ key, text }) => `${key}: ${text}`));
  }
  lines.push(...duplicates.map(({ key, text }) => `Warning: ${key}: ${text}.`));
  process.stdout.write(`${lines.join('\n')}\n`);
}
