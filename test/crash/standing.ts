import type Stripe from 'stripe';
import { readMailbox } from '../../src/notifications/mailbox.js';
import { mailIdOf } from '../../src/notifications/relay.js';
import { wantedTypes } from '../../src/webhooks/handlers.js';
import { verifyAudit } from '../support/audit-chain.js';
import { STANDING } from '../support/change-plan-story.js';
import { eventually } from '../support/eventually.js';
import { WALLET } from '../support/payment-story.js';
import type { Life } from './life.js';
import { KEYLESS } from './story.js';

/** How everything stands after a step, without what differs between two runs of the same story. */
export interface Standing {
  /** One line for each object at Stripe: what is doubled or missing shows. */
  stripe: string[];
  /** How many rows of each sort are stored. */
  stored: Record<string, number>;
  /** What a client is shown. */
  shown: string;
}

const TABLES = [
  'accounts',
  'stripe_customers',
  'subscriptions',
  'subscription_items',
  'invoices',
  'payment_methods',
  'tax_ids',
  'checkout_sessions',
  'outbox',
  'usage_counters',
  'usage_records',
  'plans',
  'prices',
];

const IDS = /\b(acc|sub|sub_sched|in|cs_test|pm|cus|txi|si|evt)_\w+/g;

export async function standingOf(life: Life): Promise<Standing> {
  const stored: Record<string, number> = {};
  for (const table of TABLES) stored[table] = await count(life, table);
  const [counted] = await life.database.read.rows<{ used: number | string | null }>(
    'SELECT SUM(used) AS used FROM usage_counters',
  );
  stored.used = Number(counted?.used);
  const done = await life.database.read.rows<{ verb: string; times: number | string }>(
    "SELECT verb, COUNT(*) AS times FROM intents WHERE state = 'done' GROUP BY verb",
  );
  for (const { verb, times } of done) if (!KEYLESS.has(verb)) stored[`done: ${verb}`] = Number(times);
  return { stripe: await atStripe(life.stripe), stored, shown: await shownOf(life) };
}

async function count({ database }: Life, table: string): Promise<number> {
  const [row] = await database.read.rows<{ times: number | string }>(`SELECT COUNT(*) AS times FROM ${table}`);
  return Number(row?.times);
}

async function atStripe(stripe: Stripe): Promise<string[]> {
  const lines: string[] = [];
  const customers = await stripe.customers.list().autoPagingToArray({ limit: 100 });
  for (const { id: customer, name, email, balance } of customers) {
    const of = { customer, limit: 100 };
    const add = (what: string, found: object[]) => found.forEach((one) => lines.push(`${what} ${JSON.stringify(one)}`));
    add('customer', [{ name, email, balance }]);
    add(
      'subscription',
      (await stripe.subscriptions.list({ ...of, status: 'all' })).data.map((one) => ({
        status: one.status,
        prices: one.items.data.map(({ price, quantity }) => [price.lookup_key, quantity]),
        cancels: [one.cancel_at, one.cancel_at_period_end],
        scheduled: one.schedule !== null,
      })),
    );
    add(
      'invoice',
      (await stripe.invoices.list(of)).data.map(({ status, billing_reason, total, amount_paid, attempt_count }) => ({
        ...{ status, billing_reason, total, amount_paid, attempt_count },
      })),
    );
    add(
      'payment',
      (await stripe.paymentIntents.list(of)).data.map(({ status, amount }) => ({ status, amount })),
    );
    add(
      'charge',
      (await stripe.charges.list(of)).data.map(({ status, amount }) => ({ status, amount })),
    );
    add(
      'checkout',
      (await stripe.checkout.sessions.list(of)).data.map(({ status }) => ({ status })),
    );
    add(
      'schedule',
      (await stripe.subscriptionSchedules.list(of)).data.map(({ status }) => ({ status })),
    );
    add(
      'setup',
      (await stripe.setupIntents.list(of)).data.map(({ status }) => ({ status })),
    );
    add(
      'card',
      (await stripe.customers.listPaymentMethods(customer)).data.map(({ card }) => ({ brand: card?.brand })),
    );
    add(
      'tax id',
      (await stripe.customers.listTaxIds(customer)).data.map(({ value }) => ({ value })),
    );
  }
  return lines.sort();
}

/** All is of one second, so lists stand in the order of their random ids, which say nothing. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(plain(one))).sort();
  if (typeof value === 'string') return value.replace(IDS, '$1_…');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, name === 'revision' ? 0 : plain(one)]));
}

async function shownOf({ person }: Life): Promise<string> {
  const pages = [await person.ask(STANDING), await person.ask(WALLET)];
  for (const { data, errors } of pages) {
    if (errors) throw new Error(JSON.stringify(errors));
    delete data.viewer.account.timeline;
    delete data.viewer.account.paymentMethods?.pageInfo;
  }
  return JSON.stringify(plain(pages));
}

/** What must hold whatever has died: answers what does not. */
export async function wrongs(life: Life): Promise<string[]> {
  const wrong: string[] = [];
  const { read } = life.database;
  const revisions = async () =>
    (await read.rows<{ id: string; revision: number | string }>('SELECT id, revision FROM accounts')).map(
      ({ id, revision }) => ({ id, revision: Number(revision) }),
    );
  const before = await revisions();
  for (const { id, revision } of before) {
    const steps = await verifyAudit(life.database, id).catch((thrown: Error) => thrown.message);
    if (typeof steps === 'string') wrong.push(steps);
    else if (steps.length !== revision) wrong.push(`revision ${revision} with ${steps.length} entries of audit`);
  }
  await life.call('lookAgain');
  if (JSON.stringify(await revisions()) !== JSON.stringify(before)) {
    const [entry] = await read.rows<{ changes: string }>('SELECT changes FROM audit ORDER BY revision DESC LIMIT 1');
    wrong.push(`another look at Stripe finds a change: ${entry?.changes.replace(IDS, '$1_…')}`);
  }

  const events = await life.stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
  const rows = await read.rows<{ id: string; state: string; type: string }>(
    'SELECT id, state, type FROM stripe_events',
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  for (const { id, type } of events)
    if (wantedTypes.includes(type) && !states.has(id) && !life.untold.has(id))
      wrong.push(`${type} ${id} was delivered and is not stored`);
  for (const { id, state, type } of rows)
    if (state !== (wantedTypes.includes(type) ? 'done' : 'ignored')) wrong.push(`${type} ${id} ended as ${state}`);
  const mails = await read.rows<{ id: string; state: string }>('SELECT id, state FROM outbox');
  for (const { id, state } of mails) {
    const received = (await readMailbox(read, mailIdOf(id))).length;
    // Whether a mail arrived that was on its way when its sender died, nobody knows; it is not sent again.
    const fits = state === 'sent' ? received === 1 : state === 'unclear' && received <= 1;
    if (!fits) wrong.push(`the mail ${id} is ${state} and was received ${received} times`);
  }
  // A round may have begun by itself meanwhile, to see whether what was written still stands; it gives its lease back.
  await eventually(
    () => read.rows('SELECT subject FROM subjects WHERE lease_owner IS NOT NULL'),
    (held) => held.length === 0,
  ).catch(({ message }: Error) => wrong.push(`leases are still held: ${message}`));
  return wrong;
}
