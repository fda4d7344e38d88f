import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { findFreePort } from '../../src/http/free-port.js';
import { middle } from '../compare.js';
import type { Line } from '../results.js';
import { PROJECT } from '../stage.js';

const STARTS = 5;
const SETTLES_MS = 5_000;

/** `billing serve` as it is built, with its sandbox, on the embedded database of an empty and of a known folder. */
export async function measureFootprint(tell: (progress: string) => void): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-start-'));
  try {
    const first = await start(folder, 0);
    const starts: { readyMs: number; residentMb: number }[] = [];
    for (let round = 0; round < STARTS; round++) {
      tell(`start ${round + 1} of ${STARTS}`);
      starts.push(await start(folder, round === STARTS - 1 ? SETTLES_MS : 0));
    }
    const readyMs = middle(starts, (each) => each.readyMs).readyMs;
    const nothing = { baseline: '', ...{ load: 'embedded, with its sandbox' } };
    return [
      { ...nothing, what: 'first start to ready', ours: { figure: `${Math.round(first.readyMs)} ms` }, goal: '' },
      { ...nothing, what: 'start to ready', ours: { figure: `${Math.round(readyMs)} ms` }, goal: '<= 2000 ms' },
      {
        ...nothing,
        what: 'resident memory, idle for 5 s',
        ours: { figure: `${Math.round(starts.at(-1)?.residentMb ?? 0)} MB` },
        goal: '<= 150 MB',
      },
      {
        ...nothing,
        what: 'production dependencies as installed',
        load: '',
        ours: { figure: `${Math.round(installedBytes() / 1e6)} MB` },
        goal: '<= 150 MB',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until /health/ready says 200; then the memory after `settleMs`. */
async function start(folder: string, settleMs: number): Promise<{ readyMs: number; residentMb: number }> {
  const port = await findFreePort('127.0.0.1', 49_152);
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    LOG_LEVEL: 'error',
    PORT: String(port),
    DATABASE_URL: `file:${join(folder, 'billing.db')}`,
  };
  const began = performance.now();
  const child = spawn(process.execPath, [join(PROJECT, 'dist', 'src', 'main.js'), 'serve'], { cwd: folder, env });
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`billing serve ended with ${child.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const readyMs = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const resident = execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' });
    return { readyMs, residentMb: Number(resident) / 1024 };
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    if (child.exitCode === null) await ended;
  }
}

const isReady = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Bytes of the packages that an installation without development dependencies has. */
function installedBytes(): number {
  const args = ['ls', '--omit=dev', '--all', '--parseable'];
  const [, ...packages] = execFileSync('npm', args, { cwd: PROJECT, encoding: 'utf8' }).trim().split('\n');
  return packages.reduce((sum, path) => sum + bytesBelow(path), 0);
}

function bytesBelow(path: string): number {
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const inside = join(path, entry.name);
      return sum + (entry.isDirectory() ? bytesBelow(inside) : lstatSync(inside).size);
    }, 0);
}
