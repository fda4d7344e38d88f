import type { Database } from '../../src/database/database.js';
import type { StripeModel } from './stripe-model.js';
import type { Tabs } from './tabs.js';

interface IntentRow {
  id: string;
  account_id: string;
  verb: string;
  client_key: string | null;
  stripe_key: string;
  state: string;
  outcome: string | null;
}

/** `<intent>:<step>:<attempt>`. */
const partsOf = (key: string) => key.split(':') as [intent: string, step: string, attempt: string];

/** What must hold between what was asked for, what the gateway remembers of it, and what Stripe did. */
export async function checkIntents(
  { read }: Database,
  stripe: StripeModel,
  tabs: Tabs,
  fail: (violation: string) => void,
): Promise<void> {
  const intents = await read.rows<IntentRow>(
    'SELECT id, account_id, verb, client_key, stripe_key, state, outcome FROM intents',
  );
  const byKey = new Map(intents.map((intent) => [intent.stripe_key, intent]));
  checkEffects(stripe, byKey, fail);
  for (const { id, verb, state } of intents) if (state === 'open') fail(`${verb} ${id} is open for ever`);
  const changed = new Set(stripe.effects.flatMap(({ key }) => (key === null ? [] : partsOf(key)[0])));
  for (const { key, answer, refusal } of tabs.told) {
    const intent = intents.find(({ client_key }) => key !== null && client_key === key);
    if (answer && key !== null && !['done', 'idle'].includes(intent?.state ?? ''))
      fail(`${key} was answered ${answer.outcome}, and its intent is ${intent?.state}`);
    if (refusal && intent?.state === 'done' && changed.has(intent.stripe_key))
      fail(`${key} was refused with ${refusal}, and it was done`);
  }
}

function checkEffects(
  { effects }: StripeModel,
  intents: ReadonlyMap<string, IntentRow>,
  fail: (violation: string) => void,
): void {
  const seen = new Map<string, number>();
  const closed = new Set<string>();
  const last = new Map<string, string>();
  for (const { key, customer, others } of effects) {
    if (key === null) continue;
    const [intentKey, step] = partsOf(key);
    const intent = intents.get(intentKey);
    if (!intent) fail(`Stripe was asked with ${key}, of no intent`);
    // Whoever looks cannot tell a change that somebody else took back at Stripe from one that never came there.
    if (seen.get(`${intentKey} ${step}`) === others) fail(`${intent?.verb} did its step ${step} twice at Stripe`);
    seen.set(`${intentKey} ${step}`, others);
    if (intent?.outcome?.includes('never reached Stripe')) fail(`${intent.verb} was given up and did its step ${step}`);
    const before = last.get(customer);
    if (before !== undefined && before !== intentKey) closed.add(before);
    if (closed.has(intentKey)) fail(`${intent?.verb} of ${customer} went on while another was under way`);
    last.set(customer, intentKey);
  }
}
