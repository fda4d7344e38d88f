import { Agent, request } from 'node:http';
import { databaseKind } from '../support/database.js';
import { createDeliverer, DELIVERY_SECRET, failureOf } from '../support/deliver.js';
import { type Gateways, startGateways } from '../support/gateways.js';

/** `REAL_DRAINS=20 npx jest test/real/drain` stops more gateways. */
const DRAINS = Number(process.env.REAL_DRAINS ?? 1);
const CLIENTS = 16;
const BODY = JSON.stringify({ query: '{ plans { key name } }' });

describe('a gateway that is told to stop under load', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  afterAll(() => agent.destroy());

  /** The status, or the code of what broke. */
  const ask = (port: number): Promise<number | string> =>
    new Promise((resolve) => {
      const call = request(
        {
          ...{ host: '127.0.0.1', port, path: '/graphql', method: 'POST', agent },
          headers: { 'content-type': 'application/json', 'content-length': BODY.length },
        },
        (answer) => {
          answer.resume();
          answer.once('end', () => resolve(answer.statusCode ?? 0)).once('aborted', () => resolve('aborted'));
        },
      );
      call.once('error', (error) => resolve(failureOf(call, error)));
      call.end(BODY);
    });

  it(
    'fails no request that it took, refuses what comes later, leaves no lease behind, and ends with code 0',
    async () => {
      for (let drain = 0; drain < DRAINS; drain++) {
        const gateways: Gateways = await startGateways({
          count: 1,
          leaseMs: 3_000,
          env: () => ({ STRIPE_WEBHOOK_SECRETS: DELIVERY_SECRET }),
        });
        const [gateway] = gateways.all as [(typeof gateways.all)[0]];
        const deliverer = createDeliverer(CLIENTS);
        const outcomes = new Map<number | string, number>();
        const accepted: string[] = [];
        let sent = 0;
        let answered = () => {};
        const loaded = new Promise<void>((resolve) => (answered = resolve));
        const count = (outcome: number | string) => {
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          if (outcomes.get(200) === CLIENTS * 10) answered();
          return outcome === 200;
        };
        // Each goes on until the port is closed to it: that connection was never taken, so another gateway gets it.
        const readers = Array.from({ length: CLIENTS }, async () => {
          for (let open = true; open;) open = count(await ask(gateway.port));
        });
        const senders = Array.from({ length: CLIENTS }, async () => {
          for (let open = true; open;) {
            const id = `evt_drain${sent++}`;
            const outcome = await deliverer.deliver(gateway.port, id).catch((error: Error) => error.message);
            if (outcome === 200) accepted.push(id);
            open = count(outcome) || outcome === 503;
          }
        });
        await loaded;
        gateway.kill('SIGTERM');
        const code = await gateway.ended;
        await Promise.all([...readers, ...senders]);
        deliverer.close();

        const rows = await gateways.database.read.rows<{ id: string }>('SELECT id FROM stripe_events');
        const leases = await gateways.database.read.rows('SELECT 1 FROM subjects WHERE lease_owner IS NOT NULL');
        await gateways.stop();
        process.stdout.write(`${databaseKind}: ${JSON.stringify([...outcomes])}, exit code ${code}\n`);
        expect([...outcomes.keys()].filter((outcome) => ![200, 503, 'NOT_TAKEN'].includes(outcome))).toEqual([]);
        expect(accepted.filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
        expect([code, leases]).toEqual([0, []]);
      }
    },
    600_000 + DRAINS * 30_000,
  );
});
