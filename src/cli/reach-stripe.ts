import type { Config } from '../config.js';
import { CommandFailed, exitCodes } from './exit.js';
import { sandboxStateFile } from './reset-data.js';
import { findOwnSandbox, withSandbox } from './sandbox-process.js';

/**
 * The settings with the address of Stripe in them. Where the gateway starts the sandbox by itself, a command that runs
 * beside it uses that one; throws when it does not run.
 */
export async function reachStripe(config: Config): Promise<Config> {
  if (!config.stripe.startSandbox) return config;
  const port = await findOwnSandbox(config.stripe.sandboxPort, sandboxStateFile(config.databaseUrl));
  if (port !== undefined) return withSandbox(config, `http://127.0.0.1:${port}`);
  throw new CommandFailed(
    'The sandbox does not run. Start the gateway first (`billing serve`), or set STRIPE_SECRET_KEY to use Stripe.',
    exitCodes.unreachable,
  );
}
