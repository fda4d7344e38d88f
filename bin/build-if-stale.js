'use strict';

const { spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
/** Carries the time at which the last good build began, so that a file saved while it ran is built next time. */
const stamp = join(root, 'dist', '.built');
const sources = [
  'src',
  'sandbox',
  'migrations',
  'test/crash/child',
  'test/simulation',
  'codegen.ts',
  'tsconfig.json',
  'tsconfig.build.json',
];

function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale() {
  if (!existsSync(stamp) || !existsSync(join(root, 'dist', 'src', 'main.js'))) return true;
  const built = statSync(stamp).mtimeMs;
  return sources.some((source) => existsSync(join(root, source)) && newest(join(root, source)) > built);
}

/** Compiles the sources when `dist` is missing or older than they are. False when they do not compile. */
function buildIfStale() {
  if (!isStale()) return true;
  const began = new Date();
  // Standard output belongs to the command: `billing token` ends with the token.
  process.stderr.write('Building, because dist/ is missing or older than the sources; this takes up to a minute …\n');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    process.stderr.write('The compiler is not installed. Run `npm ci` first.\n');
    return false;
  }
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write('The sources do not compile; the errors stand above.\n');
    return false;
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
  process.stderr.write(`Built in ${((Date.now() - began.getTime()) / 1000).toFixed(0)} s.\n`);
  return true;
}

module.exports = { buildIfStale };
if (require.main === module && !buildIfStale()) process.exitCode = 1;
