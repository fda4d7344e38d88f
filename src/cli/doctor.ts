import type { Command } from 'commander';
import { followBillingClock, wallBillingClock } from '../clock/billing-clock.js';
import { createSystemRandom, systemTimers, systemWall } from '../clock/system-clock.js';
import { loadConfigBeforeEndpoint } from '../config.js';
import type { Check } from '../operations/checks.js';
import { examine } from '../operations/doctor.js';
import { openRedis } from '../redis/open-redis.js';
import { CommandFailed, exitCodes } from './exit.js';
import { createLog, hideSecrets } from './log.js';
import { openExistingDatabase } from './open-configured-database.js';
import { reachStripe } from './reach-stripe.js';
import { renderChecks } from './start-up.js';
import { openStripe } from './system-ports.js';
import { wantedBy } from './webhook-endpoints.js';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Look at all that a gateway with these settings needs, and tell what to do. Changes nothing.')
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      `
Looks at keys, addresses, Stripe, this machine's clock beside Stripe's, the webhook endpoint with
its event types and API version, the age of its secret, the database and its migrations, the
catalogue, the deliveries of the last day, and Redis. A gateway need not run.
The exit code is that of the first FAIL; a warning is none.

Examples:
  billing doctor
  billing doctor --json`,
    )
    .action(runDoctor);
}

async function runDoctor({ json }: { json?: boolean }): Promise<void> {
  const settings = loadConfigBeforeEndpoint();
  const reach = reachStripe(settings);
  // Where no sandbox runs that should, the check of Stripe tells of it.
  const config = await reach.catch(() => settings);
  const clocks = { wall: systemWall, timers: systemTimers, log: createLog({ ...config, logLevel: 'error' }) };
  const random = createSystemRandom();
  const closing: (() => unknown)[] = [];
  const closed = <Opened extends { close(): unknown }>(opened: Opened): Opened => {
    closing.push(() => opened.close());
    return opened;
  };
  const { billingClockUrl, databaseUrl, redisUrl = '' } = config;
  try {
    const checks = await examine({
      config,
      wall: systemWall,
      wanted: () => wantedBy(config),
      stripe: async () => openStripe(await reach),
      billing: async () =>
        closed(billingClockUrl ? await followBillingClock(billingClockUrl, clocks) : wallBillingClock(systemWall)),
      database: async () => closed(await openExistingDatabase(config, { ...clocks, random })),
      redis: async () => closed(await openRedis({ redisUrl, databaseUrl }, { ...clocks, random })),
    });
    const lines = json ? checks.map((one) => JSON.stringify(shown(one))).join('\n') : renderChecks(checks);
    process.stdout.write(`${hideSecrets(lines)}\n`);
    const failed = checks.filter(({ problem }) => problem !== undefined);
    if (failed[0])
      throw new CommandFailed(`${failed.length} of ${checks.length} checks failed.`, exitCodeOf(failed[0]));
  } finally {
    for (const close of closing) await close();
  }
}

const shown = ({ name, detail, problem, warning }: Check) => ({
  name,
  state: problem !== undefined ? 'failed' : warning !== undefined ? 'warning' : 'fine',
  detail,
  remedy: problem ?? warning ?? null,
});

const byCause = { settings: exitCodes.usage, drift: exitCodes.drift, unreachable: exitCodes.unreachable };
const exitCodeOf = ({ cause }: Check) => (cause === undefined ? exitCodes.failed : byCause[cause]);
