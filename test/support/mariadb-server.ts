import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { systemTimers } from '../../src/clock/system-clock.js';
import { freePort } from './free-port.js';

/** A MariaDB of one test, which may be killed and started again without harm to anybody. */
export interface MariadbServer {
  url: string;
  start(): Promise<void>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Kills it and removes its files. */
  remove(): Promise<void>;
}

export async function startMariadb(): Promise<MariadbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-mariadb-'));
  const data = join(folder, 'data');
  // A server that starts removes the temporary tables it finds, those of another one in use among them.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  execFileSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    // What it says on its way out is part of the error.
    { stdio: 'pipe' },
  );
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: MariadbServer = {
    url: `mariadb://root@127.0.0.1:${port}`,
    async start() {
      child = spawn(
        'mariadbd',
        [
          '--no-defaults',
          `--datadir=${data}`,
          `--tmpdir=${temporary}`,
          `--port=${port}`,
          '--bind-address=127.0.0.1',
          `--socket=${join(folder, 'socket')}`,
          `--pid-file=${join(folder, 'pid')}`,
          `--user=${userInfo().username}`,
          '--innodb-buffer-pool-size=32M',
        ],
        { stdio: 'ignore' },
      );
      while (!(await greets(port))) await systemTimers.sleep(20);
    },
    async kill(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill(signal);
      await ended;
    },
    async remove() {
      await server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** A server that is ready says hello first. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
