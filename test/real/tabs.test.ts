import { accountIdOf } from '../../src/accounts/account.js';
import { createChance } from '../simulation/chance.js';
import { verifyAudit } from '../support/audit-chain.js';
import { CHANGE, run, standing, subscriber, UNDO } from '../support/change-plan-story.js';
import { databaseKind } from '../support/database.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

/** `REAL_TABS=2000 npx jest test/real/tabs` lets more of them ask, `REAL_SEED` for other things. */
const TABS = Number(process.env.REAL_TABS ?? 40);
const MOST_TOGETHER = 20;
const DAY_MS = 86_400_000;
const ACCEPTED = ['APPLIED', 'SCHEDULED'];

interface Told {
  outcome: string;
  userErrors: { __typename: string; code: string; currentRevision?: number }[];
}

describe('tabs that ask for something at the same time, through two gateways', () => {
  let world: World;
  let other: Awaited<ReturnType<World['startAnother']>>;
  const chance = createChance(Number(process.env.REAL_SEED ?? 1));
  beforeAll(async () => {
    world = await startWorld();
    other = await world.startAnother();
  });
  afterAll(async () => {
    await other.close();
    await world.stop();
  });

  const either = (account: string): Person => (chance.often(0.5) ? world.as(account) : other.as(account));
  const settled = async () => {
    await world.settled();
    await other.gateway.parts.sync.idle();
  };
  const customerOf = async (account: string) => {
    const { read } = world.gateway.parts.database;
    const [row] = await read.rows<{ id: string }>('SELECT id FROM stripe_customers WHERE account_id = ?', [
      accountIdOf(account),
    ]);
    return String(row?.id);
  };
  let newest: string | undefined;
  /** Keys of the callers whose intents have changed a subscription or a schedule at Stripe since this was last asked. */
  async function changedAtStripe(): Promise<string[]> {
    const { stripe, database } = world.gateway.parts;
    const keys = new Set<string>();
    const since = newest;
    newest = undefined;
    for await (const { id, type, request } of stripe.events.list({ limit: 100 })) {
      newest ??= id;
      if (id === since) break;
      if (/^(customer\.subscription|subscription_schedule)\./.test(type)) keys.add(String(request?.idempotency_key));
    }
    const intents = await database.read.rows<{ client_key: string; stripe_key: string }>(
      'SELECT client_key, stripe_key FROM intents WHERE client_key IS NOT NULL',
    );
    return intents
      .filter(({ stripe_key }) => [...keys].some((key) => key.startsWith(stripe_key)))
      .map(({ client_key }) => client_key);
  }

  it(
    'change a plan: each that is accepted is one change at Stripe, and the others learn the revision',
    async () => {
      const { stripe, database } = world.gateway.parts;
      const acme = await subscriber(world, 'team', 'acme');
      const total = { asked: 0, rounds: 0, applied: 0, scheduled: 0, conflicts: 0, nothing: 0 };
      for (; total.asked < TABS; total.rounds++) {
        const before = await standing(acme);
        await changedAtStripe();
        const { seats } = before.subscription;
        const [same, knows] = [chance.often(0.3), chance.often(0.6)];
        const wanted = Array.from({ length: chance.whole(2, knows ? MOST_TOGETHER : 12) }, (_tab, at) => ({
          // More seats are charged at once; fewer are booked for later.
          seats: same ? seats + 1 : Math.max(1, seats + chance.pick([-1, 1, 2, 3])),
          ...(knows && { expectedRevision: before.revision }),
          idempotencyKey: `tab-${total.rounds}-${at}`,
        }));
        const told = (await Promise.all(wanted.map((input) => run(either('acme'), CHANGE, input)))) as Told[];
        await settled();

        const accepted = wanted.filter((_input, at) => ACCEPTED.includes(told[at]?.outcome ?? ''));
        const refused = told.filter(({ outcome }) => outcome === 'REJECTED');
        const count = (outcome: string) => told.filter((one) => one.outcome === outcome).length;
        expect((await changedAtStripe()).sort()).toEqual(accepted.map(({ idempotencyKey }) => idempotencyKey).sort());
        if (knows) expect(accepted.length).toBeLessThanOrEqual(1);
        expect(accepted.length + count('NO_OP')).toBeGreaterThan(0);
        expect(count('APPLIED') + count('SCHEDULED') + count('NO_OP') + refused.length).toBe(told.length);
        for (const { userErrors } of refused) {
          expect(userErrors).toMatchObject([{ __typename: 'ConflictError', code: 'CONFLICT' }]);
          expect(userErrors[0]?.currentRevision).toBeGreaterThanOrEqual(before.revision);
        }
        total.asked += told.length;
        total.applied += count('APPLIED');
        total.scheduled += count('SCHEDULED');
        total.conflicts += refused.length;
        total.nothing += count('NO_OP');
        if ((await standing(acme)).subscription.pendingChange) await run(acme, UNDO);
        // Nobody may change more often than fifteen times a day.
        await database.run('UPDATE intents SET finished_at = finished_at - ? WHERE finished_at IS NOT NULL', [DAY_MS]);
      }
      await settled();

      process.stdout.write(`${databaseKind}: ${JSON.stringify(total)}\n`);
      const customer = await customerOf('acme');
      const live = await stripe.subscriptions.list({ customer });
      const invoices = await stripe.invoices.list({ customer, limit: 100 }).autoPagingToArray({ limit: 10_000 });
      const after = await standing(acme);
      expect(live.data).toMatchObject([{ schedule: null, items: { data: [{ quantity: after.subscription.seats }] } }]);
      expect(invoices.filter(({ billing_reason }) => billing_reason === 'subscription_update')).toHaveLength(
        total.applied,
      );
      expect(await verifyAudit(database, accountIdOf('acme'))).toHaveLength(after.revision);
      expect(total.conflicts).toBeGreaterThan(total.rounds);
    },
    600_000 + TABS * 2_000,
  );

  it(
    'begin a checkout: one is open at the end, and however many pay, one subscription lives',
    async () => {
      const { stripe } = world.gateway.parts;
      const total = { asked: 0, tenants: 0, sessions: 0, refused: 0, paid: 0 };
      for (; total.asked < TABS; total.tenants++) {
        const name = `tenant-${total.tenants}`;
        const plans = chance.often(0.5) ? ['team'] : ['team', 'business'];
        const asked = Array.from({ length: chance.whole(2, MOST_TOGETHER) }, async (_tab, at) => {
          const { data, errors } = await either(name).ask(CHECKOUT, { plan: chance.pick(plans), key: `tab-${at}` });
          if (errors) throw new Error(JSON.stringify(errors));
          return data.createCheckoutSession;
        });
        const told = await Promise.all(asked);
        await settled();
        const customer = await customerOf(name);
        const open = await stripe.checkout.sessions.list({ customer, status: 'open' });
        const sessions = [...new Set(told.flatMap(({ session }) => session?.id ?? []))];
        const paid = await Promise.all(
          sessions.map((id) =>
            payCheckout(world.sandbox, id).then(
              () => 1,
              () => 0,
            ),
          ),
        );
        await settled();

        expect(open.data).toHaveLength(1);
        expect(sessions).toContain(open.data[0]?.id);
        expect(paid.filter((one) => one === 1)).toHaveLength(1);
        expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toMatchObject([
          { status: 'active' },
        ]);
        const refused = told.filter(({ session }) => !session);
        for (const { userErrors } of refused) expect(['CONFLICT', 'IN_PROGRESS']).toContain(userErrors[0]?.code);
        total.asked += told.length;
        total.sessions += sessions.length;
        total.refused += refused.length;
        total.paid += 1;
      }

      process.stdout.write(`${databaseKind}: ${JSON.stringify(total)}\n`);
      const customers = await stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
      const names = customers.map(({ metadata }) => metadata.external_id);
      expect(new Set(names).size).toBe(names.length);
    },
    600_000 + TABS * 2_000,
  );
});
