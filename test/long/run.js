'use strict';

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { rows } = require('./rows.js');

const root = join(__dirname, '..', '..');
const NAMES = { embedded: 'sqlite', mariadb: 'mariadb' };

const help = () => `Runs the tests of the default run in sizes that take long, and prints what each has measured.

  npm run test:long                    every row
  npm run test:long -- R5 R9           some
  npm run test:long -- R5 --database=mariadb

A row's size can be set: CRASH_STORIES=50 npm run test:long -- R5

${Object.entries(rows)
  .map(([name, { what, size }]) => {
    const words = Object.entries(size).map(([setting, value]) => `${setting}=${value}`);
    return `  ${name.padEnd(4)} ${what}\n       ${words.join(' ')}`;
  })
  .join('\n')}
`;

/** What a test has measured stands on its standard output; jest's own report goes to standard error. */
function run(name, database) {
  const { tests, size } = rows[name];
  const began = process.hrtime.bigint();
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--forceExit', '--runInBand', ...tests],
    {
      cwd: root,
      env: { ...size, ...process.env, TEST_DATABASE: NAMES[database] },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    },
  );
  const seconds = Number((process.hrtime.bigint() - began) / 1_000_000_000n);
  const figures = stdout.trim().split('\n').filter(Boolean);
  return { name, database, passed: status === 0, seconds, figures };
}

function main(given) {
  if (given.includes('--help') || given.includes('-h')) return process.stdout.write(help());
  const only = given.find((word) => word.startsWith('--database='))?.split('=')[1];
  const wanted = given.filter((word) => !word.startsWith('--'));
  const unknown = [...wanted.filter((word) => !(word in rows)), ...(only && !(only in NAMES) ? [only] : [])];
  if (unknown.length > 0) {
    process.stderr.write(`There is no ${unknown.join(', no ')}.\n\n${help()}`);
    process.exitCode = 2;
    return;
  }
  const ends = (wanted.length > 0 ? wanted : Object.keys(rows)).flatMap((name) =>
    rows[name].databases.filter((database) => !only || database === only).map((database) => run(name, database)),
  );
  for (const { name, database, passed, seconds, figures } of ends) {
    process.stdout.write(`${name.padEnd(4)} ${database.padEnd(8)} ${passed ? 'passed' : 'FAILED'} in ${seconds} s\n`);
    for (const figure of figures) process.stdout.write(`     ${figure}\n`);
  }
  if (ends.length === 0 || ends.some(({ passed }) => !passed)) process.exitCode = 1;
}

main(process.argv.slice(2));
