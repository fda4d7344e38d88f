import { verifyAudit } from '../support/audit-chain.js';
import { databaseKind } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Gateways, startGateways } from '../support/gateways.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';

/** `REAL_FREEZES=500 npx jest test/real/frozen-worker` freezes more often. */
const FREEZES = Number(process.env.REAL_FREEZES ?? 3);

describe('a worker that is frozen in the middle of a round until its lease has run out', () => {
  let gateways: Gateways;
  let proxy: StripeProxy;
  beforeAll(async () => {
    gateways = await startGateways({
      count: 2,
      async env(at, { url }) {
        if (at > 0) return {};
        proxy = await startStripeProxy(url);
        return { STRIPE_API_BASE: proxy.url };
      },
    });
  });
  afterAll(async () => {
    await gateways.stop();
    await proxy.stop();
  });

  it(
    'writes nothing of what it had seen when it wakes up',
    async () => {
      const { stripe, database, sandbox } = gateways;
      const [frozen, other] = gateways.all as [(typeof gateways.all)[0], (typeof gateways.all)[0]];
      const acme = other.as('acme');
      const { data } = await acme.ask(CHECKOUT, { plan: 'team' });
      await payCheckout(sandbox, data.createCheckoutSession.session.id);
      const stored = async () =>
        (await database.read.rows<{ quantity: number }>('SELECT quantity FROM subscription_items'))[0]?.quantity;
      await eventually(stored, (quantity) => quantity === 1);
      const [subscription] = (await stripe.subscriptions.list()).data;
      const [item] = subscription?.items.data ?? [];
      const seats = (quantity: number) =>
        stripe.subscriptions.update(subscription?.id ?? '', { items: [{ id: item?.id, quantity }] });

      const isWritable = () =>
        database.run("UPDATE subjects SET fence = fence WHERE subject = ''").then(
          () => true,
          () => false,
        );

      let freezes = 0;
      for (let quantity = 2; freezes < FREEZES; quantity += 2) {
        let [frozenNow, changed] = [() => {}, false];
        const isFrozen = new Promise<void>((resolve) => (frozenNow = resolve));
        // Its question is on the way: the answer, of now, will lie before it when it wakes up.
        proxy.instead = ({ path }) => {
          if (!changed && path.startsWith('/v1/subscriptions')) {
            changed = true;
            frozen.kill('SIGSTOP');
            frozenNow();
          }
          return undefined;
        };
        const look = frozen.call('lookAgain');
        const outcome = await Promise.race([isFrozen.then(() => 'frozen'), look.then(() => 'missed')]);
        if (outcome === 'missed') continue;
        if (!(await isWritable())) {
          // It was stopped in the middle of a write, and a file has nobody who would undo it.
          frozen.kill('SIGCONT');
          await look;
          continue;
        }
        freezes += 1;
        await seats(quantity);
        await eventually(stored, (found) => Number(found) === quantity);
        await seats(quantity + 1);
        await eventually(stored, (found) => Number(found) === quantity + 1);
        frozen.kill('SIGCONT');
        await look;
        expect(Number(await stored())).toBe(quantity + 1);
      }

      const rejected = frozen.printed().split('a lease was lost').length - 1;
      process.stdout.write(`${databaseKind}: ${freezes} freezes, ${rejected} late writes refused\n`);
      expect(rejected).toBeGreaterThan(0);
      const [account] = await database.read.rows<{ id: string; revision: number | string }>('SELECT * FROM accounts');
      expect(await verifyAudit(database, account?.id ?? '')).toHaveLength(Number(account?.revision));
    },
    60_000 + FREEZES * 20_000,
  );
});
