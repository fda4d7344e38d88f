import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { entities } from '../src/database/entities.js';
import { createSchema } from '../src/graphql/schema.js';

const root = join(__dirname, '..');

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

interface Import {
  from: string;
  /** A path of the project, or the name of a package. */
  to: string;
  typeOnly: boolean;
}

const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
/** What the program does, without what is said about it. */
const codeOf = (file: string) =>
  textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

function importsOf(file: string): Import[] {
  const pattern = /(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/g;
  return [...codeOf(file).matchAll(pattern)].map(([, type, specifier = '']) => ({
    from: file,
    to: specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts') : specifier,
    typeOnly: type !== undefined,
  }));
}

const source = filesBelow('src');
const imports = source.flatMap(importsOf);
const outside = (allowed: RegExp, pattern: RegExp) =>
  source.filter((file) => !allowed.test(file) && pattern.test(codeOf(file)));
const shown = (list: Import[]) => list.map(({ from, to }) => `${from} imports ${to}`);

/** What stands between the parentheses that open at the end of each match. */
const argumentsOf = (code: string, call: RegExp): string[] =>
  [...code.matchAll(call)].map(({ 0: head, index }) => {
    let [depth, at] = [1, index + head.length];
    for (; depth > 0 && at < code.length; at++) depth += code[at] === '(' ? 1 : code[at] === ')' ? -1 : 0;
    return code.slice(index + head.length, at);
  });

/** Rules that must be right: they import nothing but each other, so no clock and no network can get in. */
const pure = [
  'src/access/access.ts',
  'src/access/entitlement.ts',
  'src/access/usage-window.ts',
  'src/access/usage.ts',
  'src/accounts/account.ts',
  'src/accounts/tax-id.ts',
  'src/accounts/tax-status.ts',
  'src/checkout/checkout-session.ts',
  'src/checkout/promotion-code.ts',
  'src/checkout/return-url.ts',
  'src/history/change.ts',
  'src/history/describe-change.ts',
  'src/history/describe-subscription.ts',
  'src/history/describe.ts',
  'src/history/sentence.ts',
  'src/invoices/invoice.ts',
  'src/jobs/job.ts',
  'src/money.ts',
  'src/notifications/decide-mails.ts',
  'src/payments/invoice-payment.ts',
  'src/payments/payment-method.ts',
  'src/plans/metadata.ts',
  'src/plans/feature.ts',
  'src/plans/plan.ts',
  'src/plans/price-seller.ts',
  'src/plans/rules.ts',
  'src/plans/viewer-action.ts',
  'src/portal/portal-flow.ts',
  'src/refusal.ts',
  'src/subscriptions/add-interval.ts',
  'src/subscriptions/classify-change.ts',
  'src/subscriptions/judge-change.ts',
  'src/subscriptions/pending-change.ts',
  'src/subscriptions/subscription.ts',
  'src/sync/account-changes.ts',
  'src/sync/decide-account.ts',
  'src/sync/drift.ts',
  'src/sync/decide-members.ts',
  'src/sync/decide-payments.ts',
  'src/sync/decide-subscriptions.ts',
  'src/sync/decide.ts',
  'src/sync/plan-item.ts',
  'src/sync/seen.ts',
  'src/sync/subject.ts',
  'src/sync/suspect.ts',
  'src/sync/tries.ts',
  'src/sync/verdict.ts',
  'src/sync/wake.ts',
  'src/webhooks/handlers.ts',
  'src/webhooks/signature.ts',
  'src/webhooks/stripe-event.ts',
];
/** Packages without a clock, chance or network: shapes and hashes. */
const harmless = ['node:crypto', 'zod'];

describe('the house', () => {
  it('keeps src apart from the sandbox, the tests and the benchmarks', () => {
    expect(shown(imports.filter(({ to }) => /^(sandbox|test|bench)\//.test(to)))).toEqual([]);
  });

  it('keeps the sandbox apart from src', () => {
    expect(
      shown(
        filesBelow('sandbox')
          .flatMap(importsOf)
          .filter(({ to }) => to.startsWith('src/')),
      ),
    ).toEqual([]);
  });

  it('lets rules import nothing but other rules', () => {
    const allowed = new Set([...pure, ...harmless]);
    const foreign = imports.filter(({ from, to, typeOnly }) => pure.includes(from) && !typeOnly && !allowed.has(to));
    expect(shown(foreign)).toEqual([]);
  });

  it('keeps the rooms apart from the servers and the command line', () => {
    const rooms =
      /^src\/(access|accounts|checkout|history|intents|invoices|jobs|live|notifications|operations|payments|plans|portal|redis|stripe|subscriptions|sync|webhooks|database)\//;
    const servers =
      /^src\/(http|cli)\/|^src\/graphql\/(http-handler|socket-server|apollo|schema)\.ts|^src\/(gateway|main)\.ts/;
    expect(shown(imports.filter(({ from, to }) => rooms.test(from) && servers.test(to)))).toEqual([]);
  });

  it('reads the environment in one place', () => {
    expect(outside(/^src\/config\.ts$/, /process\.env/)).toEqual([]);
  });

  it('makes Stripe clients in one place', () => {
    expect(outside(/^src\/stripe\/client\.ts$/, /new Stripe\(/)).toEqual([]);
  });

  it('asks the machine for time, chance and timers only behind the ports', () => {
    const behaviour =
      /Date\.now|new Date\(\)|Math\.random|\bset(Timeout|Interval|Immediate)\(|randomUUID|randomBytes|performance\.now/;
    expect(outside(/^src\/clock\//, behaviour)).toEqual([]);
  });

  it('writes what Stripe owns only in the apply of the sync', () => {
    const owned = 'Plan|Price|BillingSubscription|SubscriptionItem|Invoice|CheckoutSession|PaymentMethod|TaxId';
    const writes = new RegExp(`\\.(insert|update|upsert|save|delete|remove)\\(\\s*(${owned})\\b`);
    expect(outside(/^src\/sync\/apply[\w-]*\.ts$/, writes)).toEqual([]);
  });

  it('takes no second connection in a transaction: whoever held the last ones would wait for each other', () => {
    const second = /\bdatabase\.(now|run|read|transaction|insertIfAbsent)\b/;
    const within = (file: string) => argumentsOf(codeOf(file), /\.transaction\(/g).some((body) => second.test(body));
    expect(source.filter((file) => !file.startsWith('src/database/') && within(file))).toEqual([]);
  });

  it('publishes hints only where the parts are joined, after a commit', () => {
    expect(outside(/^src\/(live\/|join-parts\.ts|cli\/)/, /\.publish\(/)).toEqual([]);
  });

  it('lists every entity', () => {
    const classes = source
      .filter((file) => file.endsWith('.entity.ts'))
      .map((file) => /export class (\w+)/.exec(textOf(file))?.[1]);
    expect(entities.map(({ name }) => name).sort()).toEqual(classes.sort());
  });

  it('names no file for want of a room', () => {
    const homeless = /(^|\/)(utils?|helpers?|common|shared|misc|manager|service|base)(\.|\/|-)/;
    expect([...source, ...filesBelow('sandbox'), ...filesBelow('test')].filter((file) => homeless.test(file))).toEqual(
      [],
    );
  });

  it('keeps files small enough to read in one go', () => {
    const long = [...source, ...filesBelow('sandbox')].filter((file) => textOf(file).split('\n').length > 350);
    expect(long).toEqual([]);
  });
});

describe('the schema', () => {
  const schema = createSchema();
  const { queries, mutations, subscriptions } = getMetadataStorage();

  it('declares a role on every root field', () => {
    const open = [...queries, ...mutations, ...subscriptions].filter(({ roles }) => !roles || roles.length === 0);
    expect(open.map(({ schemaName }) => schemaName)).toEqual([]);
  });

  it('has only live fields on its Subscription root', () => {
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toEqual(
      subscriptions.map(({ schemaName }) => schemaName),
    );
  });

  it('describes every type, field, argument and value of its own', () => {
    const silent: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (
        type.name.startsWith('__') ||
        ['Query', 'Mutation', 'Subscription', 'String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name)
      )
        continue;
      if (!type.description) silent.push(type.name);
      if ('getValues' in type)
        silent.push(
          ...type
            .getValues()
            .filter((value) => !value.description)
            .map((value) => `${type.name}.${value.name}`),
        );
    }
    for (const type of Object.values(schema.getTypeMap()).filter(
      (type) => !type.name.startsWith('__') && 'getFields' in type,
    )) {
      for (const field of Object.values(
        (
          type as {
            getFields(): Record<
              string,
              {
                name: string;
                description?: string | null;
                args?: readonly { name: string; description?: string | null }[];
              }
            >;
          }
        ).getFields(),
      )) {
        if (!field.description) silent.push(`${type.name}.${field.name}`);
        silent.push(
          ...(field.args ?? [])
            .filter(({ description }) => !description)
            .map(({ name }) => `${type.name}.${field.name}(${name})`),
        );
      }
    }
    expect(silent).toEqual([]);
  });

  it('is the one that is committed', () => {
    const committed = readFileSync(join(root, 'schema/schema.graphql'), 'utf8');
    expect(committed.replace(/^#.*\n/gm, '').trim()).toBe(printSchema(lexicographicSortSchema(schema)).trim());
  });
});
