import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mysql from 'mysql2/promise';
import { describeMachine, type Line, renderHead, renderLine } from './results.js';
import { apply } from './rows/apply.js';
import { fanOut } from './rows/fan-out.js';
import { measureFootprint } from './rows/footprint.js';
import { graphql } from './rows/graphql.js';
import { intake } from './rows/intake.js';
import { live } from './rows/live.js';
import { rejects } from './rows/rejects.js';
import { statements } from './rows/statements.js';
import { onStage, PROJECT, type Sizes, type Stage } from './stage.js';

/** Measures the gateway beside bare baselines in the same run; see `npm run bench -- --help`. */

const ROWS = [intake, rejects, graphql, statements, live, apply, fanOut];
const FOOTPRINT = 'footprint';
const NAMES = [...ROWS.map(({ name }) => name), FOOTPRINT];
const MARIADB = process.env.BENCH_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306';

const HELP = `Usage: npm run bench -- [rows] [options]

Rows, all of them when none is named:
${ROWS.map(({ name, meaning }) => `  ${name.padEnd(12)}${meaning}`).join('\n')}
  ${FOOTPRINT.padEnd(12)}start to ready, resident memory, installed size

Options:
  --events <n>     size of the backlog of \`apply\` (5000; 100000 for the long run)
  --sockets <n>    how many sockets \`fan-out\` opens (1000)
  --database <d>   only mariadb or only embedded
  -h, --help       show this help

BENCH_MARIADB_URL names a server to make databases on (mariadb://root@127.0.0.1:3306).
A run of all rows writes bench/results.md.
`;

interface Order {
  rows: string[];
  sizes: Sizes;
  databases: Stage['database'][];
}

function readOrder(): Order | null {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      events: { type: 'string', default: '5000' },
      sockets: { type: 'string', default: '1000' },
      database: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`There is no row '${unknown}'; there are ${NAMES.join(', ')}.`);
  const databases = (['MariaDB', 'embedded'] as const).filter(
    (name) => values.database === undefined || name.toLowerCase() === values.database.toLowerCase(),
  );
  if (databases.length === 0) throw new Error(`--database is mariadb or embedded, found '${values.database}'.`);
  const sizes = { events: Number(values.events), sockets: Number(values.sockets) };
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isInteger(size) || size < 1) throw new Error(`--${name} is a whole number above 0, found '${size}'.`);
  return { rows: positionals.length > 0 ? positionals : NAMES, sizes, databases };
}

async function measureOn(order: Order, database: Stage['database'], told: (line: Line) => void): Promise<void> {
  const rows = ROWS.filter(({ name }) => order.rows.includes(name));
  if (rows.length === 0) return;
  const work = async (url: string, bareUrl: string) =>
    onStage({ database, url, bareUrl }, order.sizes, async (stage) => {
      for (const row of rows) (await row.measure(stage)).forEach(told);
    });
  if (database === 'embedded') {
    const folder = mkdtempSync(join(tmpdir(), 'billing-bench-'));
    try {
      await work(`file:${join(folder, 'billing.db')}`, `file:${join(folder, 'bare.db')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return;
  }
  const names = [`billing_bench_${process.pid}`, `billing_bench_${process.pid}_bare`] as const;
  const { hostname: host, port, username: user, password } = new URL(MARIADB);
  const admin = await mysql.createConnection({ host, port: Number(port || 3306), user, password });
  try {
    for (const name of names) await admin.query(`CREATE DATABASE ${name}`);
    await work(`${MARIADB}/${names[0]}`, `${MARIADB}/${names[1]}`);
  } finally {
    for (const name of names) await admin.query(`DROP DATABASE IF EXISTS ${name}`);
    await admin.end();
  }
}

async function main(): Promise<void> {
  const order = readOrder();
  if (!order) return void process.stdout.write(HELP);
  let text = describeMachine() + renderHead();
  process.stdout.write(text);
  const tellOn = (database: string) => (line: Line) => {
    const rendered = renderLine(database, line);
    text += rendered;
    process.stdout.write(rendered);
  };
  if (order.rows.includes(FOOTPRINT))
    (await measureFootprint((progress) => void process.stderr.write(`  ${progress}\n`))).forEach(tellOn('embedded'));
  for (const database of order.databases) await measureOn(order, database, tellOn(database));
  const whole = order.rows.length === NAMES.length && order.databases.length === 2;
  if (whole) writeFileSync(join(PROJECT, 'bench', 'results.md'), text);
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});
