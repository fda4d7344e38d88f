import { parseDocument } from 'yaml';
import { z } from 'zod';
import { stepOf } from '../money.js';

type Issue = z.core.$ZodRawIssue;

const shown = (input: unknown): string => {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

/** What is wrong with a value, in words: what it must be, and what was found. */
export function describeIssue(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `has no field ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
  // A key that is wrong says so itself.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'is no key';
  if (issue.input === undefined) return 'is missing';
  return `must be ${wantedBy(issue)}, found ${shown(issue.input)}`;
}

function wantedBy(issue: Issue): string {
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'a text that is not empty' : `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') return 'a whole number or unlimited';
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  return issue.message ?? issue.code;
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields with their values',
  record: 'keys with what stands under each',
};

/** The value of a YAML text, with what is wrong with its writing. A key that stands twice counts once, with its last value. */
export function readYaml(text: string): { value: unknown; problems: string[]; readable: boolean } {
  const document = parseDocument(text, { prettyErrors: true });
  const problems = document.errors.map(({ code, message, linePos }) =>
    code === 'DUPLICATE_KEY' ? `line ${linePos?.[0].line}: this key stands here for the second time` : message,
  );
  const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  try {
    return { value: readable ? document.toJS() : null, problems, readable };
  } catch (thrown) {
    return { value: null, problems: [...problems, String(thrown)], readable: false };
  }
}

/** As much of the file as can be understood; whatever else stands in it is found by its shape. */
const loose = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess((value) => (typeof value === 'object' && !Array.isArray(value) ? (value ?? {}) : {}), z.object(shape));
const named = z.record(z.string(), z.unknown()).catch({});
const names = z.array(z.string()).catch([]);
const code = z.string().toLowerCase();

const entry = loose({
  limits: named,
  metered: named,
  softLimits: names,
  plans: names,
  seats: loose({ min: z.number().catch(1), max: z.number().catch(Infinity) }),
  prices: z
    .array(
      loose({
        interval: z.string().catch(''),
        amount: z.number().catch(0),
        currency: code.optional().catch(undefined),
        currencies: z.record(z.string(), z.number().catch(0)).catch({}),
      }),
    )
    .catch([]),
});
const entries = z.record(z.string(), entry).catch({});
const file = loose({ currency: code.catch('usd'), plans: entries, addOns: entries });

/** Where parts of the file, each well-formed, contradict each other. */
export function contradictions(value: unknown): string[] {
  const { plans, addOns, currency } = file.parse(value);
  const within = (kind: string, all: typeof plans) =>
    Object.entries(all).flatMap(([name, one]) =>
      contradictionsOf(one, currency).map((problem) => `${kind}.${name}.${problem}`),
    );
  return [
    ...within('plans', plans),
    ...within('addOns', addOns),
    ...Object.keys(addOns).flatMap((name) => (name in plans ? [`addOns.${name}: is the key of a plan`] : [])),
    ...Object.entries(addOns).flatMap(([name, { plans: wanted }]) =>
      wanted
        .filter((one) => !(one in plans))
        .map((one) => `addOns.${name}.plans: there is no plan ${shown(one)} in this file`),
    ),
  ];
}

function contradictionsOf({ limits, metered, softLimits, seats, prices }: z.output<typeof entry>, common: string) {
  const problems: string[] = [];
  const limited = [...Object.keys(limits), ...Object.keys(metered)].map(asFeature);
  for (const key of new Set(limited.filter((one, at) => limited.indexOf(one) !== at)))
    problems.push(`limits: '${key}' has two limits; keep one of them, under limits or under metered`);
  for (const key of softLimits.filter((one) => !limited.includes(asFeature(one))))
    problems.push(`softLimits: '${key}' has no limit here, neither under limits nor under metered`);
  if (seats.max < seats.min) problems.push(`seats.max: must be at least min (${seats.min}), found ${seats.max}`);
  const seen = new Set<string>();
  for (const { interval, amount, currency = common, currencies } of prices.filter((price) => price.interval !== '')) {
    for (const [written, minor] of [[currency, amount] as const, ...Object.entries(currencies)]) {
      const sold = written.toLowerCase();
      const price = `a ${interval} in ${sold}`;
      const step = stepOf(sold.toUpperCase());
      if (Number.isInteger(minor) && minor % step !== 0)
        problems.push(`prices: Stripe charges ${sold} in steps of ${step} minor units, found ${minor} ${price}`);
      if (seen.has(price)) problems.push(`prices: two prices ${price}`);
      seen.add(price);
    }
  }
  return problems;
}

const asFeature = (key: string): string => key.replaceAll('_', '-');
