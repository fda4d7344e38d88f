import type { Config } from '../config.js';
import { CommandFailed, exitCodes } from './exit.js';
import { sandboxStateFile } from './reset-data.js';
import { findOwnSandbox, PORTS_TRIED, withSandbox } from './sandbox-process.js';

/**
 * The settings with the address of Stripe in them. Where the gateway starts the sandbox by itself, a command that runs
 * beside it uses that one; throws when it does not run.
 */
export async function reachStripe(config: Config): Promise<Config> {
  if (!config.stripe.startSandbox) return config;
  const port = await findOwnSandbox(config.stripe.sandboxPort, sandboxStateFile(config.databaseUrl));
  if (port !== undefined) return withSandbox(config, `http://127.0.0.1:${port}`);
  throw new CommandFailed(
    `No sandbox of this data answers on port ${config.stripe.sandboxPort} or the next ${PORTS_TRIED}. Start the gateway first ` +
      '(`billing serve`), set SANDBOX_PORT to the port it started with, or set STRIPE_SECRET_KEY to use Stripe.',
    exitCodes.unreachable,
  );
}
