import type Stripe from 'stripe';
import { Account } from '../../src/accounts/account.entity.js';
import { accountIdOf } from '../../src/accounts/account.js';
import { CheckoutSession } from '../../src/checkout/checkout-session.entity.js';
import { type Cause, readAuditEntries } from '../../src/history/audit.js';
import { Invoice } from '../../src/invoices/invoice.entity.js';
import { PaymentMethod } from '../../src/payments/payment-method.entity.js';
import { SubscriptionItem } from '../../src/subscriptions/subscription-item.entity.js';
import { BillingSubscription } from '../../src/subscriptions/subscription.entity.js';
import { foresee } from '../../src/sync/foresee.js';
import { subjectKey } from '../../src/sync/subject.js';
import { verifyAudit } from './audit-chain.js';
import { eventually } from './eventually.js';
import type { Person, World } from './world.js';

/** An invoice at Stripe, in minor units. */
export interface Charge {
  status: string | null;
  /** Description and amount, in Stripe's order. */
  lines: [string | null, number][];
  total: number;
  paid: number;
  currency: string;
}

/** A step of the history: what a person reads, who set it off, and by which events and verbs. */
export interface Told {
  kind: string;
  /** Title and detail. Which sentences share a step depends on how the events came in, so look for a part. */
  summary: string;
  actor: string;
  causes: string[];
  revision: number;
}

/** What the stream showed. The fields are those of `ACCOUNT`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Snapshot = { kind: string; revision: number; [field: string]: any };

/**
 * What happens to one account, seen from all sides at once. Each side tells what came since the last mark, when all has
 * settled, and throws where it contradicts another one.
 */
export interface WholeStory {
  person: Person;
  /** Begins a new chapter. */
  mark(): Promise<void>;
  /** Invoices at Stripe that were made or paid or given up, oldest first. */
  charged(): Promise<Charge[]>;
  /** All rows of the account, which are what Stripe answers now. */
  stored(): Promise<Stored>;
  /** What came over the socket: revisions that grow, no step left out, and in the end what a query answers. */
  pushed(): Promise<Snapshot[]>;
  /** Oldest first; one step for each revision, in an unbroken chain. */
  history(): Promise<Told[]>;
  /** All sides of what came since the last mark; then the next chapter begins. */
  chapter(): Promise<Chapter>;
  close(): void;
}

export interface Chapter {
  charged: Charge[];
  stored: Stored;
  pushed: Snapshot[];
  /** Of what was pushed; null when nothing was. */
  last: Snapshot | null;
  history: Told[];
}

export type Stored = Awaited<ReturnType<typeof rowsOf>>;

const ACCOUNT = `revision plan { key } access { allowed reason until } defaultPaymentMethod { label }
  subscription { id status seats unmapped plan { key } price { interval } currentPeriod { start end } cancellation { effectiveAt }
    items { quantity price { plan { key } addOn { key } } } discounts { label }
    pause { since resumesAt } pendingChange { state kind toPlan { key } toPrice { interval } effectiveAt } }
  invoices(first: 5) { nodes { id status total { minor currency } } }`;
const NOW = `{ viewer { account { ${ACCOUNT} } } }`;
const LIVE = `subscription { accountUpdated { kind revision skipped entries { revision title } account { ${ACCOUNT} } } }`;
const TIMELINE = `{ viewer { account { revision timeline(first: 100) { nodes { id kind title detail actor revision } } } } }`;

/** Begins to watch an account, which need not be there yet. */
export async function wholeStory(world: World, account: string): Promise<WholeStory> {
  const person = world.as(account);
  const accountId = accountIdOf(account);
  const live = person.watch(LIVE);
  await live.until(() => true);
  const since = { revision: 0, messages: 0, invoices: new Map<string, string>() };

  const viewed = async (document: string) => {
    await world.settled();
    const { data, errors } = await person.ask(document);
    if (errors) throw new Error(JSON.stringify(errors));
    return data.viewer.account;
  };
  /** The socket has told what a query answers. */
  const caughtUp = async (): Promise<number> => {
    const asked = await viewed(NOW);
    await eventually(
      () => Promise.resolve({ pushed: live.messages.at(-1).accountUpdated.account, asked }),
      ({ pushed }) => JSON.stringify(pushed) === JSON.stringify(asked),
    );
    return asked.revision;
  };

  const story: WholeStory = {
    person,
    async mark() {
      since.revision = await caughtUp();
      since.messages = live.messages.length;
      since.invoices = new Map((await invoicesOf(world, accountId)).map((one) => [one.id, stateOf(one)]));
    },
    async charged() {
      await world.settled();
      const invoices = await invoicesOf(world, accountId);
      return invoices.filter((one) => since.invoices.get(one.id) !== stateOf(one)).map(toCharge);
    },
    async stored() {
      await world.settled();
      await holdWhatStripeSays(world, accountId);
      return rowsOf(world, accountId);
    },
    async pushed() {
      await caughtUp();
      const messages = live.messages.map(({ accountUpdated }) => accountUpdated);
      messages.forEach((message, at) => at > 0 && follows(message, messages[at - 1]));
      return messages.slice(since.messages).map(({ kind, account }) => ({ kind, ...account }));
    },
    async history() {
      const { revision, timeline } = await viewed(TIMELINE);
      const { read } = world.gateway.parts.database;
      const kept = await verifyAudit({ read }, accountId);
      if (kept.length !== revision) throw new Error(`The account is at ${revision}, its history at ${kept.length}.`);
      const steps = (timeline.nodes as Step[]).filter((step) => step.revision > since.revision).reverse();
      const entries =
        steps.length > 0
          ? await readAuditEntries(
              read,
              steps.map(({ id }) => id),
            )
          : [];
      return steps.map((step) => toTold(step, entries.find(({ id }) => id === step.id)?.causes ?? []));
    },
    async chapter() {
      const pushed = await story.pushed();
      const [charged, stored] = [await story.charged(), await story.stored()];
      const chapter = { charged, stored, pushed, last: pushed.at(-1) ?? null, history: await story.history() };
      await story.mark();
      return chapter;
    },
    close: () => live.close(),
  };
  await story.mark();
  return story;
}

/** Matches a step that this actor set off, by this event or verb, and that says this, among other things. */
export const told = (actor: string, sentence: string, cause?: string): unknown =>
  expect.objectContaining({
    actor,
    summary: expect.stringContaining(sentence) as string,
    ...(cause !== undefined && { causes: expect.arrayContaining([cause]) as string[] }),
  });

interface Step extends Omit<Told, 'summary' | 'causes'> {
  id: string;
  title: string;
  detail: string | null;
}

const toTold = ({ kind, title, detail, actor, revision }: Step, causes: readonly Cause[]): Told => ({
  ...{ kind, actor, revision },
  summary: detail === null ? title : `${title} ${detail}`,
  causes: causes.map(({ name }) => name),
});

interface Message {
  revision: number;
  skipped: number;
  entries: { revision: number }[];
}

function follows({ revision, skipped, entries }: Message, before: Message): void {
  const steps = revision - before.revision;
  if (steps < 0 || entries.length + skipped !== steps)
    throw new Error(
      `The socket went from ${before.revision} to ${revision} and told ${entries.length + skipped} steps.`,
    );
}

const stateOf = ({ status, amount_paid: paid }: Stripe.Invoice): string => `${status} ${paid}`;

const toCharge = ({ status, lines, total, amount_paid: paid, currency }: Stripe.Invoice): Charge => ({
  ...{ status, total, paid, currency },
  lines: lines.data.map(({ description, amount }) => [description, amount]),
});

/** Every customer that says to be the account's, whatever is stored of it. */
async function customersOf({ gateway }: World, accountId: string): Promise<string[]> {
  const customers = await gateway.parts.stripe.customers.list().autoPagingToArray({ limit: 1_000 });
  const linked = await gateway.parts.database.read.rows<{ id: string }>(
    'SELECT id FROM stripe_customers WHERE account_id = ?',
    [accountId],
  );
  const claiming = customers.filter(({ metadata }) => metadata.account_id === accountId);
  return [...new Set([...claiming, ...linked].map(({ id }) => id))];
}

async function invoicesOf(world: World, accountId: string): Promise<Stripe.Invoice[]> {
  const { invoices } = world.gateway.parts.stripe;
  const customers = await customersOf(world, accountId);
  const lists = customers.map((customer) => invoices.list({ customer }).autoPagingToArray({ limit: 1_000 }));
  return (await Promise.all(lists)).flat().reverse();
}

/** Asks Stripe what a look would ask: it must find nothing to change. */
async function holdWhatStripeSays(world: World, accountId: string): Promise<void> {
  const { parts } = world.gateway;
  for (const id of await customersOf(world, accountId)) {
    const subject = subjectKey({ kind: 'customer', id });
    const { changes } = await foresee(parts, world.config, parts.catalogueRules, subject, []);
    if (changes.length > 0) throw new Error(`Stripe says otherwise than what is stored: ${JSON.stringify(changes)}`);
  }
}

/** The rows of an account, newest first. */
async function rowsOf({ gateway }: World, accountId: string) {
  const { manager } = gateway.parts.database.read;
  const of = { where: { accountId }, order: { createdAt: 'DESC', id: 'DESC' } } as const;
  const subscriptions = await manager.find(BillingSubscription, {
    where: { accountId },
    order: { startedAt: 'DESC', id: 'DESC' },
  });
  return {
    account: await manager.findOneByOrFail(Account, { id: accountId }),
    subscriptions: await Promise.all(
      subscriptions.map(async (row) => ({
        ...row,
        items: await manager.findBy(SubscriptionItem, { subscriptionId: row.id }),
      })),
    ),
    invoices: await manager.find(Invoice, of),
    checkoutSessions: await manager.find(CheckoutSession, of),
    paymentMethods: await manager.find(PaymentMethod, of),
  };
}
