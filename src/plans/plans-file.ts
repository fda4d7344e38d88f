import { existsSync, readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Config } from '../config.js';
import { isPlanKey } from './metadata.js';
import type { CatalogueRules } from './rules.js';

const key = z.string().refine(isPlanKey, { message: 'must be a slug such as team' });
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be a currency code such as usd')
  .transform((code) => code.toLowerCase());
const minor = z.number().int().min(0);
const limit = z.union([z.number().int().min(0), z.literal('unlimited')]);

const price = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  /** Minor units of `currency`. */
  amount: minor,
  /** The file's `currency` when left out. */
  currency: currency.optional(),
  /** The same price in further currencies, in their minor units. */
  currencies: z.record(currency, minor).optional(),
  taxBehavior: z.enum(['inclusive', 'exclusive']).optional(),
});

const seats = z.strictObject({
  min: z.number().int().min(1).default(1),
  max: z.number().int().min(1).optional(),
  step: z.number().int().min(1).default(1),
});

const sold = {
  name: z.string().min(1),
  description: z.string().min(1).optional(),
  capabilities: z.array(key).default([]),
  /** By feature key; `unlimited` or a number. */
  limits: z.record(key, limit).default({}),
  seats: seats.optional(),
  prices: z.array(price).default([]),
};

const plan = z.strictObject({
  ...sold,
  rank: z.number().int().min(0).max(999_999),
  /** Name of the tier written to Stripe; the rank itself when left out. */
  tier: z.string().min(1).optional(),
  highlights: z.array(z.string().min(1)).default([]),
  recommended: z.boolean().default(false),
  trialDays: z.number().int().min(0).max(730).default(0),
  region: z.string().min(1).optional(),
  tenancy: z.string().min(1).optional(),
});

/** Only for these plans; for all when left out. */
const addOn = z.strictObject({ ...sold, plans: z.array(key).optional() });

const feature = z.strictObject({
  name: z.string().min(1).optional(),
  description: z.string().min(1).optional(),
  unit: z.string().min(1).optional(),
});

const plansFile = z.strictObject({
  currency: currency.default('usd'),
  plans: z.record(key, plan).default({}),
  addOns: z.record(key, addOn).default({}),
  features: z.record(key, feature).default({}),
});

/** The catalogue as code: what Stripe should sell. */
export type PlansFile = z.output<typeof plansFile>;
export type PlanEntry = PlansFile['plans'][string];
export type AddOnEntry = PlansFile['addOns'][string];
export type PriceEntry = z.output<typeof price>;

/** Thrown with every problem of the file at once, each named by its path. */
export class PlansFileError extends Error {
  constructor(path: string, problems: readonly string[]) {
    super(`${path} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'PlansFileError';
  }
}

/** Reads the text of a plans.yaml. Throws PlansFileError. */
export function parsePlansFile(text: string, path: string): PlansFile {
  const parsed = plansFile.safeParse(readYaml(text, path) ?? {});
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) throw new PlansFileError(path, problems);
  return parsed.data;
}

function readYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (thrown) {
    if (thrown instanceof YAMLParseError) throw new PlansFileError(path, [thrown.message]);
    throw thrown;
  }
}

function contradictions({ plans, addOns, currency: common }: PlansFile): string[] {
  const problems: string[] = [];
  for (const [kind, entries] of [
    ['plans', plans],
    ['addOns', addOns],
  ] as const) {
    for (const [name, { prices }] of Object.entries(entries)) {
      const seen = new Set<string>();
      for (const { interval, currency: own = common, currencies = {} } of prices) {
        for (const code of [own, ...Object.keys(currencies)]) {
          if (seen.has(`${interval} ${code}`))
            problems.push(`${kind}.${name}.prices: two prices a ${interval} in ${code}`);
          seen.add(`${interval} ${code}`);
        }
      }
    }
  }
  for (const name of Object.keys(addOns)) if (name in plans) problems.push(`addOns.${name}: is the key of a plan`);
  for (const [name, { plans: wanted = [] }] of Object.entries(addOns)) {
    for (const one of wanted) if (!(one in plans)) problems.push(`addOns.${name}.plans: there is no plan '${one}'`);
  }
  return problems;
}

/** What the settings and the file, if there is one, say about the catalogue. Throws PlansFileError. */
export function readCatalogueRules({
  plansFile: path,
  planPrices,
}: Pick<Config, 'plansFile' | 'planPrices'>): CatalogueRules {
  const file = existsSync(path) ? parsePlansFile(readFileSync(path, 'utf8'), path) : null;
  const ranked = Object.entries(file?.plans ?? {});
  return {
    ranks: new Map(
      ranked.flatMap(
        ([name, { rank, tier }]) => [[name, rank], ...(tier ? [[tier, rank] as const] : [])] as [string, number][],
      ),
    ),
    prices: planPrices,
    features: new Map(
      Object.entries(file?.features ?? {}).map(([name, texts]) => [
        name,
        { name: texts.name ?? null, description: texts.description ?? null, unit: texts.unit ?? null },
      ]),
    ),
  };
}
