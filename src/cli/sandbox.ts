import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { exitCodes } from './exit.js';
import { sandboxProgram } from './sandbox-process.js';

export function addSandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description('Run the local Stripe alone, for development and tests of your own. Options are passed on to it.')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]', 'such as --port 4242 --state ./data/sandbox.db --catalogue sample; --help lists them')
    .action(runSandbox);
}

/** Ends as the sandbox ends. Its clock, its webhooks and its state belong to it alone. */
async function runSandbox(options: string[]): Promise<void> {
  const sandbox = spawn(process.execPath, [sandboxProgram, ...options], { stdio: 'inherit' });
  // A terminal signals the sandbox itself; this process only has to outlive it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => sandbox.kill(signal));
  const [code] = (await once(sandbox, 'exit')) as [number | null];
  process.exitCode = code ?? exitCodes.failed;
}
