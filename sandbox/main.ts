import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { defaultSettings } from './settings.js';
import { startSandbox, type Sandbox } from './start-sandbox.js';

const WRONG_OPTIONS = 2;
const PORT_HELD = 3;

interface Flags {
  port: number;
  host: string;
  state?: string;
  catalogue: 'sample' | 'none';
  webhookUrl?: string;
  webhookSecret?: string;
  exitWithParent?: boolean;
  clock?: string;
  seed?: number;
  setting: Record<string, unknown>;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`'${text}' is not a whole number.`);
  return Number(text);
}

function port(text: string): number {
  const wanted = whole(text);
  if (wanted <= 65_535) return wanted;
  throw new InvalidArgumentError(`'${text}' is no port; ports end at 65535.`);
}

function setting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const cut = text.indexOf('=');
  const name = text.slice(0, cut);
  if (!(name in defaultSettings))
    throw new InvalidArgumentError(`'${name}' is no setting. There are ${Object.keys(defaultSettings).join(', ')}.`);
  try {
    return { ...before, [name]: JSON.parse(text.slice(cut + 1)) as unknown };
  } catch {
    return { ...before, [name]: text.slice(cut + 1) };
  }
}

function readFlags(argv: string[]): Flags {
  return new Command('sandbox')
    .description(
      'A local Stripe: its API, a clock that can be moved, signed webhooks, and pages to pay on. Prints one JSON line when it is ready.',
    )
    .option('--port <port>', 'port to listen on; 0 takes any free one', port, 4242)
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--state <file>', 'file that keeps the state; without it the state is lost at the end')
    .addOption(
      new Option('--catalogue <name>', 'what an empty account sells').choices(['sample', 'none']).default('none'),
    )
    .option('--webhook-url <url>', 'endpoint that gets every event; needs --webhook-secret')
    .option('--webhook-secret <whsec>', 'secret the events are signed with')
    .option('--exit-with-parent', 'end when standard input closes')
    .option('--clock <time>', 'RFC 3339 time at which the clock of a new sandbox starts')
    .option('--seed <number>', 'number from which a new sandbox draws its ids', whole)
    .option(
      '--setting <name=value>',
      'a setting of the account, value in JSON, such as afterLastRetry="unpaid"; can be repeated',
      setting,
      {},
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_OPTIONS))
    .parse(argv)
    .opts<Flags>();
}

async function run(flags: Flags): Promise<Sandbox> {
  const { webhookUrl, webhookSecret } = flags;
  if ((webhookUrl === undefined) !== (webhookSecret === undefined)) {
    throw new Error(
      '--webhook-url and --webhook-secret go together: the one says where events are sent, the other how they are signed.',
    );
  }
  return startSandbox({
    port: flags.port,
    host: flags.host,
    file: flags.state,
    catalogue: flags.catalogue,
    clock: flags.clock,
    seed: flags.seed,
    settings: flags.setting,
    ...(webhookUrl !== undefined && webhookSecret !== undefined
      ? { endpoint: { url: webhookUrl, secret: webhookSecret } }
      : {}),
  });
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv);
  const sandbox = await run(flags).catch((error: unknown) => {
    const held = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const told = held
      ? `Port ${flags.port} on ${flags.host} is held by another process. Stop it, or choose another port with --port.`
      : error instanceof Error
        ? error.message
        : String(error);
    // Its parent takes another port, and says so.
    if (!held || !flags.exitWithParent) process.stderr.write(`${told}\n`);
    process.exit(held ? PORT_HELD : 1);
  });
  const stop = (): void => {
    void sandbox.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (flags.exitWithParent) process.stdin.once('end', stop).once('close', stop).resume();
  const ready = {
    sandbox: 'ready',
    url: sandbox.url,
    port: sandbox.port,
    state: flags.state === undefined ? null : resolve(flags.state),
    pid: process.pid,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

void main();
