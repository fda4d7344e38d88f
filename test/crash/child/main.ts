import { createLog } from '../../../src/cli/log.js';
import { closeSystemPorts, openSystemPorts } from '../../../src/cli/system-ports.js';
import { loadConfig } from '../../../src/config.js';
import { openDatabase } from '../../../src/database/open-database.js';
import { createGateway, type Gateway } from '../../../src/gateway.js';
import { ask } from '../../../src/sync/queue.js';
import { PATIENT } from '../../support/patience.js';
import { type Death, Points } from './points.js';
import { watchAnswers, watchPorts } from './watched-ports.js';

/**
 * A gateway as a process of its own, with the ports of the program, told by its parent what to do. It is loaded before
 * it is needed, so that the next one can stand ready while this one dies.
 */
export interface Commands {
  start(given: { env: NodeJS.ProcessEnv; port: number; leaseMs: number; death: Death | null }): Promise<void>;
  arm(given: { death: Death | null }): Promise<void>;
  counts(): Promise<Record<string, number>>;
  /** Resolves when the sync has nothing to do. */
  idle(): Promise<void>;
  /** Looks at every customer at Stripe once more. */
  lookAgain(): Promise<void>;
  residentMb(): Promise<number>;
}

const points = new Points();
let gateway: Gateway | undefined;
let stop = () => Promise.resolve();

const running = (): Gateway => {
  if (!gateway) throw new Error('The gateway has not been started.');
  return gateway;
};

const commands: Commands = {
  async start({ env, port, leaseMs, death }) {
    const config = loadConfig(env);
    const log = createLog(config);
    const ports = await openSystemPorts(config, log, ({ databaseUrl }, needs) =>
      openDatabase(databaseUrl, needs, PATIENT),
    );
    points.arm(death);
    watchAnswers(points);
    gateway = await createGateway(config, watchPorts(ports, points), { port, leaseMs });
    stop = async () => {
      await running().stop();
      await closeSystemPorts(ports);
    };
  },
  arm: ({ death }) => Promise.resolve(points.arm(death)),
  counts: () => Promise.resolve(points.counts()),
  idle: () => running().parts.sync.idle(),
  async lookAgain() {
    const { database, sync } = running().parts;
    const customers = await database.read.rows<{ id: string }>('SELECT id FROM stripe_customers');
    for (const { id } of customers) {
      const now = await database.now();
      const asked = await database.transaction((transaction) => ask(transaction, database.dialect, id, now));
      while (!(await sync.refreshNow(id, asked)));
    }
  },
  residentMb: () => Promise.resolve(process.memoryUsage.rss() / 1_048_576),
};

process.on('message', ({ id, name, given }: { id: number; name: keyof Commands; given: never }) => {
  void commands[name](given).then(
    (result) => process.send?.({ id, result }),
    (thrown: Error) => process.send?.({ id, failure: thrown.stack }),
  );
});
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', () => void stop().then(() => process.exit(0)));
process.send?.({ id: 0 });
