import { systemTimers } from '../../src/clock/system-clock.js';
import { createOnMariadb } from '../support/database.js';
import { createDeliverer, DELIVERY_SECRET } from '../support/deliver.js';
import { eventually } from '../support/eventually.js';
import { type Gateways, startGateways } from '../support/gateways.js';
import { type MariadbServer, startMariadb } from '../support/mariadb-server.js';

/** `REAL_OUTAGES=50 npx jest test/real/database-outage` kills more often. */
const OUTAGES = Number(process.env.REAL_OUTAGES ?? 2);
const SENDERS = 16;

describe('a gateway whose database is killed while Stripe delivers', () => {
  let server: MariadbServer;
  let gateways: Gateways;
  const deliverer = createDeliverer(SENDERS);
  beforeAll(async () => {
    server = await startMariadb();
    const fresh = await createOnMariadb(server.url);
    gateways = await startGateways({ count: 1, fresh, env: () => ({ STRIPE_WEBHOOK_SECRETS: DELIVERY_SECRET }) });
  });
  afterAll(async () => {
    deliverer.close();
    await gateways.stop();
    await server.remove();
  });

  it(
    'lives on, answers 503 while it is away, takes events again as soon as it is back, and has lost none it accepted',
    async () => {
      const [gateway] = gateways.all as [(typeof gateways.all)[0]];
      const accepted: string[] = [];
      const refused = new Map<number, number>();
      let [sending, sent] = [true, 0];
      const senders = Array.from({ length: SENDERS }, async () => {
        while (sending) {
          const id = `evt_outage${sent++}`;
          const status = await deliverer.deliver(gateway.port, id);
          if (status === 200) accepted.push(id);
          else {
            refused.set(status, (refused.get(status) ?? 0) + 1);
            await systemTimers.sleep(20);
          }
        }
      });
      const residentMb: number[] = [];
      const more = (count: number) => {
        const before = accepted.length;
        return eventually(
          () => Promise.resolve(accepted.length - before),
          (now) => now >= count,
        );
      };
      for (let outage = 0; outage < OUTAGES; outage++) {
        await more(100);
        residentMb.push(await gateway.call('residentMb'));
        await server.kill('SIGKILL');
        // What was under way may still have been committed; from here on nothing can be.
        const away = sent;
        await systemTimers.sleep(100 + 200 * (outage % 5));
        expect(await deliverer.deliver(gateway.port, `evt_gone${outage}`)).toBe(503);
        expect(accepted.filter((id) => Number(id.slice('evt_outage'.length)) >= away)).toEqual([]);
        await server.start();
      }
      await more(100);
      sending = false;
      await Promise.all(senders);

      const rows = await gateways.database.read.rows<{ id: string }>('SELECT id FROM stripe_events');
      const there = new Set(rows.map(({ id }) => id));
      const grown = (await gateway.call('residentMb')) - (residentMb[0] ?? 0);
      process.stdout.write(
        `${OUTAGES} outages: ${accepted.length} accepted, ${refused.get(503) ?? 0} refused, resident +${grown.toFixed(0)} MB\n`,
      );
      expect(accepted.filter((id) => !there.has(id))).toEqual([]);
      expect([...refused.keys()]).toEqual([503]);
      expect(gateway.hasEnded()).toBe(false);
    },
    600_000 + OUTAGES * 20_000,
  );
});
