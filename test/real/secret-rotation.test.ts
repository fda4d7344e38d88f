import { systemTimers } from '../../src/clock/system-clock.js';
import { databaseKind } from '../support/database.js';
import { createDeliverer } from '../support/deliver.js';
import { startWorld, type World } from '../support/world.js';

/** `REAL_ROTATIONS=50 npx jest test/real/secret-rotation` exchanges the secret more often. */
const ROTATIONS = Number(process.env.REAL_ROTATIONS ?? 2);
const SENDERS = 8;
/** Of each stage of an exchange, before the next begins. */
const DELIVERIES = 25;

describe('a secret that is exchanged while Stripe delivers', () => {
  let world: World;
  const deliverer = createDeliverer(SENDERS);
  beforeAll(async () => {
    world = await startWorld({ STRIPE_WEBHOOK_SECRETS: 'whsec_0' });
  });
  afterAll(async () => {
    deliverer.close();
    await world.stop();
  });

  it(
    'costs no genuine delivery, and the old one is worth nothing afterwards',
    async () => {
      const { stripe: settings } = world.config;
      let running = { port: world.gateway.port, close: () => Promise.resolve() };
      let [ports, signing] = [[running.port], ['whsec_0']];
      const outcomes = new Map<number | string, number>();
      const accepted: string[] = [];
      let [sent, sending] = [0, true];
      const senders = Array.from({ length: SENDERS }, async () => {
        while (sending) {
          const id = `evt_rotated${sent++}`;
          // Stripe signs with every secret that has not expired, and comes again after anything but a 200.
          for (let outcome: number | string = 0; outcome !== 200;) {
            const port = ports[sent % ports.length] as number;
            outcome = await deliverer.deliver(port, id, {}, signing).catch((error: Error) => error.message);
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
            if (outcome === 400) break;
            if (outcome === 200) accepted.push(id);
          }
        }
      });
      const more = async () => {
        for (const before = accepted.length; accepted.length < before + DELIVERIES;) await systemTimers.sleep(5);
      };
      for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
        const [old, fresh] = [`whsec_${rotation - 1}`, `whsec_${rotation}`];
        await more();
        // Both are told to a new gateway; only then is the secret rolled at Stripe, which signs with both for a while.
        settings.webhookSecrets = [fresh, old];
        const both = await world.startAnother();
        ports = [running.port, both.gateway.port];
        await more();
        signing = [old, fresh];
        await more();
        ports = [both.gateway.port];
        await running.close();
        signing = [fresh];
        await more();
        settings.webhookSecrets = [fresh];
        const one = await world.startAnother();
        ports = [one.gateway.port];
        await both.close();
        running = { port: one.gateway.port, close: one.close };
      }
      await more();
      sending = false;
      await Promise.all(senders);

      const rows = await world.gateway.parts.database.read.rows<{ id: string }>('SELECT id FROM stripe_events');
      const there = new Set(rows.map(({ id }) => id));
      process.stdout.write(`${databaseKind}: ${ROTATIONS} rotations, ${JSON.stringify([...outcomes])}\n`);
      expect(accepted.filter((id) => !there.has(id))).toEqual([]);
      expect([...outcomes.keys()].filter((outcome) => ![200, 503, 'NOT_TAKEN'].includes(outcome))).toEqual([]);
      expect(await deliverer.deliver(running.port, 'evt_old', {}, [`whsec_${ROTATIONS - 1}`])).toBe(400);
      await running.close();
    },
    600_000 + ROTATIONS * 60_000,
  );
});
