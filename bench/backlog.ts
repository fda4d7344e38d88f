import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Account } from '../src/accounts/account.entity.js';
import { newAccount } from '../src/accounts/account.js';
import type { Parts } from '../src/parts.js';
import { subjectKey } from '../src/sync/subject.js';
import { idsOf, type TemplateIds } from './template-ids.js';

const AT_ONCE = 50;
/** Longer than a round that waits for a Stripe which does not answer. */
const STUCK_MS = 60_000;

/** The account that the n-th customer belongs to, named by the product. */
export const tenant = (n: number) => `bench-${n}`;

/** Accounts 0 to `count` - 1; those that are there already stay. */
export async function storeAccounts({ database, billing }: Parts, count: number): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    const rows = Array.from({ length: size }, (_, at) => ({
      ...newAccount(tenant(from + at), billing.now()),
      announcedAccess: null,
    }));
    await database.transaction(({ manager }) =>
      manager.createQueryBuilder().insert().into(Account).values(rows).orIgnore().execute(),
    );
  }
}

export interface BacklogOrder {
  events: number;
  /** They come round and round over so many customers. */
  customers: number;
  ids: TemplateIds;
}

const COLUMNS = 'id type created api_version livemode subject body received_at state attempts pending_at'.split(' ');

/** Stores events as the intake would, while nobody works on them. */
export async function storeBacklog({ database, sync, wall }: Parts, order: BacklogOrder): Promise<void> {
  await sync.stop();
  for (let from = 0; from < order.events; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, order.events - from);
    const rows = Array.from({ length: size }, (_, at) => rowOf((from + at) % order.customers, order.ids, wall.now()));
    await database.insertIfAbsent('stripe_events', COLUMNS, rows);
  }
}

function rowOf(n: number, template: TemplateIds, now: number): unknown[] {
  const event = createEvent(n, template, now);
  const subject = subjectKey({ kind: 'customer', id: idsOf(n, template).customer });
  const body = Buffer.from(JSON.stringify(event));
  return [event.id, event.type, event.created, event.api_version, 0, subject, body, now, 'pending', 0, 0];
}

/** "The subscription of the n-th customer was updated", with 2 kB of what nobody reads. */
export function createEvent(n: number, template: TemplateIds, now: number) {
  const { customer, subscription } = idsOf(n, template);
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    type: 'customer.subscription.updated',
    api_version: '2026-10-28.endive',
    created: Math.floor(now / 1000),
    livemode: false,
    data: { object: { id: subscription, object: 'subscription', customer, filler: 'x'.repeat(2_000) } },
  };
}

/** Lets the sync work until no stored event waits. Tells how far it is on standard error; answers the seconds it took. */
export async function drainBacklog({ database, sync }: Parts): Promise<number> {
  const left = async () => {
    const [row] = await database.read.rows<{ left: number | string }>(
      'SELECT COUNT(*) AS `left` FROM stripe_events WHERE pending_at IS NOT NULL',
    );
    return Number(row?.left);
  };
  const all = await left();
  const began = performance.now();
  sync.start();
  let moved = began;
  for (let now = all, told = began; now > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await left();
    if (next !== now) moved = performance.now();
    else if (performance.now() - moved > STUCK_MS) throw new Error(`${now} of ${all} events are not applied.`);
    now = next;
    if (performance.now() - told < 5_000) continue;
    told = performance.now();
    process.stderr.write(`  ${all - now} of ${all} events applied\n`);
  }
  return (performance.now() - began) / 1000;
}
