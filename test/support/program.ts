import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemTimers, systemWall } from '../../src/clock/system-clock.js';
import { loadConfig } from '../../src/config.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { type Person, personAt } from './world.js';

const MAIN = join(__dirname, '../../dist/src/main.js');

/** The built program as a newcomer starts it: gateway, sandbox and database file, as real processes. */
export interface Program {
  url: string;
  sandboxUrl: string;
  /** What it was started with. */
  env: NodeJS.ProcessEnv;
  as(account: string): Person;
  /** Kills the gateway at once and starts it again on the same port and files. */
  killGateway(): Promise<void>;
  /** Kills the sandbox at once; the gateway starts it again. */
  killSandbox(): Promise<void>;
  /** Asks again and again, also after a failure, until the answer fits. Rejects after minutes with the last answer. */
  eventually<Value>(ask: () => Promise<Value>, fits: (value: Value) => boolean): Promise<Value>;
  stop(): Promise<number | null>;
}

export async function startProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-program-'));
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'development',
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    DATABASE_URL: `file:${join(folder, 'billing.db')}`,
  };
  const config = loadConfig(env);
  const [url, sandboxUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${sandboxPort}`];
  let gateway = await startGateway(env, url);
  const end = async (signal: NodeJS.Signals) => {
    const exited = gateway.exitCode === null ? once(gateway, 'exit') : Promise.resolve([gateway.exitCode]);
    gateway.kill(signal);
    return ((await exited) as [number | null])[0];
  };
  return {
    url,
    sandboxUrl,
    env,
    as: (account) => {
      const request = { account, roles: [Role.BILLING_ADMIN], subject: `user-of-${account}`, ttlSeconds: 3_600 };
      return personAt(() => port, issueToken(config, systemWall, request));
    },
    async killGateway() {
      await end('SIGKILL');
      gateway = await startGateway(env, url);
    },
    async killSandbox() {
      const state = (await (await fetch(`${sandboxUrl}/_sandbox/state`)).json()) as { pid: number };
      process.kill(state.pid, 'SIGKILL');
    },
    eventually: (ask, fits) =>
      eventually(
        () => ask().catch((thrown: unknown) => thrown as never),
        (value) => !(value instanceof Error) && fits(value),
      ),
    async stop() {
      const code = await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** Resolves once it is ready. Rejects with what it printed when it ends before. */
async function startGateway(env: NodeJS.ProcessEnv, url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  child.stderr.on('data', (text: Buffer) => (printed += text.toString()));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The gateway ended before it was ready:\n${printed}`);
  });
  const ready = (async () => {
    for (;;) {
      const answer = await fetch(`${url}/health/ready`).catch(() => null);
      if (answer?.ok && printed.includes('live updates')) return child;
      await systemTimers.sleep(50);
    }
  })();
  const winner = await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return winner;
}
