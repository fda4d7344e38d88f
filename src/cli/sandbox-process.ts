import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../config.js';
import { projectRoot } from '../project-root.js';
import type { Log, Timers } from '../ports.js';
import { CommandFailed, exitCodes } from './exit.js';

export const sandboxProgram = join(projectRoot, 'dist', 'sandbox', 'main.js');

/** The sandbox's exit code for "another process holds the port". */
const PORT_HELD = 3;
const READY_MS = 20_000;
const STOP_MS = 3_000;
const SHORTEST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 5_000;
/** How many ports after the wanted one are stepped to. */
export const PORTS_TRIED = 20;

export interface SandboxOptions {
  port: number;
  /** File that keeps its state between starts. */
  stateFile: string;
  webhookUrl: string;
  webhookSecret: string;
}

export interface SandboxProcess {
  url: string;
  port: number;
  /** Whether it runs at the moment; after a crash it is on its way back. */
  isRunning(): boolean;
  stop(): Promise<void>;
}

interface Started {
  child: ChildProcess;
  url: string;
  port: number;
}

interface SandboxPorts {
  timers: Timers;
  log: Log;
}

/**
 * Starts the sandbox as a process of its own, which ends when this one does, however this one ends. It waits for an old
 * sandbox of the same state that is about to end; a port that is held then is stepped past. If the sandbox dies it is
 * started again, on the same port, since the gateway and the pages that people have open know that one.
 */
export async function startSandboxProcess(options: SandboxOptions, ports: SandboxPorts): Promise<SandboxProcess> {
  const { timers, log } = ports;
  let running: Started | undefined = await startOnSomePort(options, timers);
  const { url, port } = running;
  let stopping = false;

  async function keepAlive(): Promise<void> {
    while (running && !stopping) {
      await ended(running.child);
      running = undefined;
      for (
        let backOff = SHORTEST_BACK_OFF_MS;
        !stopping && !running;
        backOff = Math.min(2 * backOff, LONGEST_BACK_OFF_MS)
      ) {
        log.warn({ port, inMs: backOff }, 'the sandbox ended; it is started again');
        await timers.sleep(backOff);
        if (stopping) return;
        const started = await start({ ...options, port }, timers).catch((error: unknown) => {
          log.error({ err: error }, 'the sandbox could not be started');
          return undefined;
        });
        if (started !== 'port held') running = started;
      }
    }
  }
  const kept = keepAlive();

  return {
    url,
    port,
    isRunning: () => running !== undefined,
    async stop() {
      stopping = true;
      const child = running?.child;
      child?.stdin?.end();
      const cancel = timers.after(STOP_MS, () => child?.kill('SIGKILL'));
      await kept;
      cancel();
      running?.child.stdin?.end();
    },
  };
}

async function startOnSomePort(options: SandboxOptions, timers: Timers): Promise<Started> {
  const lastPort = options.port === 0 ? 0 : options.port + PORTS_TRIED;
  for (let port = options.port; port <= lastPort; port += 1) {
    const started = await start({ ...options, port }, timers);
    if (started === 'port held') continue;
    if (port !== options.port) process.stdout.write(`Port ${options.port} is in use; the sandbox takes ${port}.\n`);
    return started;
  }
  throw new CommandFailed(`No port from ${options.port} to ${lastPort} is free for the sandbox; set SANDBOX_PORT.`);
}

/** The port on which a sandbox that keeps its state in this file answers; undefined when none does. */
export async function findOwnSandbox(firstPort: number, stateFile: string): Promise<number | undefined> {
  for (let port = firstPort; port <= firstPort + PORTS_TRIED; port += 1) {
    if (await isOwnSandbox(port, stateFile)) return port;
  }
  return undefined;
}

/** Whether a sandbox that keeps its state in the same file answers on the port. */
async function isOwnSandbox(port: number, stateFile: string): Promise<boolean> {
  const state = await askState(port).catch(() => undefined);
  return typeof state?.state_file === 'string' && resolve(state.state_file) === resolve(stateFile);
}

async function askState(port: number): Promise<{ state_file?: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}/_sandbox/state`, { signal: AbortSignal.timeout(2_000) });
  return (await response.json()) as { state_file?: unknown };
}

/** The settings with a running sandbox as Stripe, and its clock as the time of billing. */
export function withSandbox(config: Config, url: string): Config {
  return {
    ...config,
    stripe: { ...config.stripe, apiBase: url },
    billingClockUrl: config.billingClockUrl ?? `${url}/_sandbox/clock`,
  };
}

async function start(options: SandboxOptions, timers: Timers): Promise<Started | 'port held'> {
  const { port, stateFile, webhookUrl, webhookSecret } = options;
  const flags = {
    '--port': String(port),
    '--state': stateFile,
    '--catalogue': 'sample',
    '--webhook-url': webhookUrl,
    '--webhook-secret': webhookSecret,
  };
  const child = spawn(process.execPath, [sandboxProgram, ...Object.entries(flags).flat(), '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Out of reach of a terminal's Ctrl-C, which the gateway answers by stopping first itself and then the sandbox.
    detached: true,
  });
  // A sandbox that is gone takes its pipe with it; its end is noticed by its exit.
  child.stdin?.on('error', () => {});
  const cancel = timers.after(READY_MS, () => child.kill('SIGKILL'));
  try {
    const ready = await Promise.race([readyLine(child), ended(child)]);
    if (typeof ready === 'object') return { child, url: ready.url, port: ready.port };
    if (ready === PORT_HELD) return 'port held';
    throw new CommandFailed(`The sandbox ended with code ${ready} before it was ready.`, exitCodes.unreachable);
  } finally {
    cancel();
  }
}

/** The sandbox's first line on standard output that says it is ready; what else it prints is not ours. */
async function readyLine(child: ChildProcess): Promise<{ url: string; port: number }> {
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('{"sandbox":"ready"')) resolve(JSON.parse(line) as { url: string; port: number });
    });
  });
}

async function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? -1;
}
