import type { Command } from 'commander';
import { systemTimers } from '../clock/system-clock.js';
import { loadConfig, settingsTable } from '../config.js';
import type { Config } from '../config.js';
import { createGateway } from '../gateway.js';
import { findFreePort, isFree } from '../http/free-port.js';
import type { Log } from '../ports.js';
import { lockData } from './data-lock.js';
import { CommandFailed, exitCodes } from './exit.js';
import { createLog } from './log.js';
import { openConfiguredDatabase } from './open-configured-database.js';
import { resetData, sandboxStateFile } from './reset-data.js';
import { startSandboxProcess, withSandbox } from './sandbox-process.js';
import type { SandboxProcess } from './sandbox-process.js';
import { renderAddresses, renderChecks, renderTokens } from './start-up.js';
import { checkStartUp } from './start-up-checks.js';
import { closeSystemPorts, openSystemPorts } from './system-ports.js';
import { wrap } from './table.js';

/** After this the process ends whatever still runs. */
const LONGEST_STOP_MS = 10_000;

interface ServeOptions {
  reset?: boolean;
  yes?: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('Start the gateway; without a Stripe key, outside production, with a local Stripe beside it.')
    .option('--reset', 'delete the embedded database and the sandbox first; asks before it does')
    .option('-y, --yes', 'with --reset: do not ask')
    .allowExcessArguments()
    .addHelpText('after', () => `\nSettings:\n${renderSettings()}`)
    .addHelpText(
      'after',
      `
Examples:
  billing serve
  PORT=8080 billing serve
  billing serve --reset --yes`,
    )
    .action(runServe);
}

async function runServe({ reset, yes }: ServeOptions, { args: [unknown] }: Command): Promise<void> {
  // Whatever is no command arrives here, because this is the default one.
  if (unknown !== undefined) {
    throw new CommandFailed(`There is no command '${unknown}'; \`billing --help\` lists them.`, exitCodes.usage);
  }
  const config = loadConfig();
  const unlock = lockData(config);
  if (reset) await resetData(config.databaseUrl, yes ?? false);
  const log = createLog(config);
  const port = await choosePort(config);
  const sandbox = config.stripe.startSandbox ? await startSandbox(config, port, log) : undefined;
  const joined = sandbox ? withSandbox(config, sandbox.url) : config;
  const { stop, greeting } = await startGateway(joined, port, log, sandbox).catch(async (error: unknown) => {
    await sandbox?.stop();
    throw error;
  });
  const whenStopped = stopped(stop, log);
  process.stdout.write(greeting);
  await whenStopped;
  unlock();
  // A call to Stripe that nobody waits for any more would keep the process alive.
  process.exit();
}

/** Takes the port of the settings; outside production the next free one. */
async function choosePort({ host, port, production }: Config): Promise<number> {
  if (port === 0 || (await isFree(host, port))) return port === 0 ? findFreePort(host, 49_152) : port;
  if (production) throw new CommandFailed(`Port ${port} on ${host} is in use. Stop what holds it, or set PORT.`);
  const next = await findFreePort(host, port + 1);
  process.stdout.write(`Port ${port} is in use; the gateway takes ${next}.\n`);
  return next;
}

function startSandbox(config: Config, port: number, log: Log): Promise<SandboxProcess> {
  const { stripe, databaseUrl } = config;
  return startSandboxProcess(
    {
      port: stripe.sandboxPort,
      stateFile: sandboxStateFile(databaseUrl),
      webhookUrl: `http://127.0.0.1:${port}/webhooks/stripe`,
      webhookSecret: stripe.webhookSecrets[0] as string,
    },
    { timers: systemTimers, log },
  );
}

async function startGateway(
  config: Config,
  port: number,
  log: Log,
  sandbox: SandboxProcess | undefined,
): Promise<{ stop: () => Promise<void>; greeting: string }> {
  const ports = await openSystemPorts(config, log, openConfiguredDatabase);
  const gateway = await createGateway(config, ports, { port }).catch(async (error: unknown) => {
    await closeSystemPorts(ports);
    throw error;
  });
  const checks = await checkStartUp(config, gateway, sandbox?.url);
  const tokens = await renderTokens(config);
  const addresses = renderAddresses({ url: gateway.url, sandboxUrl: sandbox?.url });
  const stop = async () => {
    await gateway.stop();
    await closeSystemPorts(ports);
    await sandbox?.stop();
  };
  return { stop, greeting: `\n${[renderChecks(checks), addresses, tokens].filter(Boolean).join('\n\n')}\n\n` };
}

/** Resolves when a signal has stopped everything. A second signal, or ten seconds, end the process at once. */
function stopped(stop: () => Promise<void>, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'stopping');
      systemTimers.after(LONGEST_STOP_MS, () => {
        log.error({}, 'the gateway did not stop within 10 s; it is ended');
        process.exit(1);
      });
      stop().then(() => {
        log.info({}, 'stopped');
        resolve();
      }, reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function renderSettings(): string {
  return settingsTable()
    .map(({ name, default: value, meaning }) => `  ${name}${value && ` (${value})`}\n${wrap(meaning, '      ')}`)
    .join('\n');
}
