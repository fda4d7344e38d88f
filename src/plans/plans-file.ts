import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Config } from '../config.js';
import { isPlanKey } from './metadata.js';
import { contradictions, describeIssue, readYaml } from './plans-file-problems.js';
import type { CatalogueRules } from './rules.js';

const key = z.string().refine(isPlanKey, { message: 'must be a slug such as team' });
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be a currency code such as usd')
  .transform((code) => code.toLowerCase());
/** Stripe takes no larger amount. */
const minor = z.number().int().min(0).max(99_999_999);
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
  /** The same for what is counted by the month. */
  metered: z.record(key, limit).default({}),
  /** Keys of `limits` and `metered` above which use is counted on. */
  softLimits: z.array(key).default([]),
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
  const { value, problems, readable } = readYaml(text);
  if (!readable) throw new PlansFileError(path, problems);
  const parsed = plansFile.safeParse(value ?? {}, { error: describeIssue });
  for (const issue of parsed.error?.issues ?? [])
    problems.push(`${issue.path.join('.') || 'the file'}: ${issue.message}`);
  problems.push(...contradictions(value));
  if (!parsed.success || problems.length > 0) throw new PlansFileError(path, problems);
  return parsed.data;
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
