import { databaseKind } from '../support/database.js';
import { createDeliverer, DELIVERY_SECRET } from '../support/deliver.js';
import { type Gateways, startGateways } from '../support/gateways.js';

/** `REAL_DELIVERIES=300 npx jest test/real/copies` delivers more events. */
const DELIVERIES = Number(process.env.REAL_DELIVERIES ?? 10);
const COPIES = 100;

describe('a hundred copies of one delivery, through two gateways at once', () => {
  let gateways: Gateways;
  const deliverer = createDeliverer(COPIES);
  beforeAll(async () => {
    gateways = await startGateways({ count: 2, env: () => ({ STRIPE_WEBHOOK_SECRETS: DELIVERY_SECRET }) });
  });
  afterAll(async () => {
    deliverer.close();
    await gateways.stop();
  });

  it(
    'are all accepted, and are one event',
    async () => {
      const statuses = new Map<number, number>();
      for (let at = 0; at < DELIVERIES; at++) {
        const copies = Array.from({ length: COPIES }, (_copy, copy) =>
          deliverer.deliver(gateways.all[copy % 2]?.port ?? 0, `evt_copied${at}`),
        );
        for (const status of await Promise.all(copies)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }

      const rows = await gateways.database.read.rows<{ id: string }>(
        "SELECT id FROM stripe_events WHERE id LIKE 'evt_copied%'",
      );
      process.stdout.write(`${databaseKind}: ${DELIVERIES} events, ${COPIES} copies each: ${rows.length} rows\n`);
      expect([...statuses]).toEqual([[200, DELIVERIES * COPIES]]);
      expect(rows).toHaveLength(DELIVERIES);
    },
    600_000 + DELIVERIES * 2_000,
  );
});
