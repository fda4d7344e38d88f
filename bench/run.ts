import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import mysql from 'mysql2/promise';
import { startSandbox } from '../sandbox/start-sandbox.js';
import { issueToken } from '../src/auth/issue-token.js';
import { Role } from '../src/auth/roles.js';
import { systemWall } from '../src/clock/system-clock.js';
import { loadConfig } from '../src/config.js';
import { startChild } from './child.js';
import { type Comparison, compare } from './compare.js';
import { createDelivery, SECRET } from './deliveries.js';
import { renderResults, type Start } from './results.js';

/** Measures the gateway beside a bare baseline in the same run. `npm run bench`; BENCH_MARIADB_URL names a server to make a database on. */

const MARIADB = process.env.BENCH_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306';
const CONNECTIONS = [1, 16, 64];
const PLANS = '{ plans { key name highlights prices { id interval unit { formatted } } } }';
const ACCOUNT = '{ viewer { account { revision plan { key } subscription { id status } access { allowed reason } } } }';

const shotsOf = (connections: number) => (connections === 1 ? 250 : 1_000);

async function measure(database: string, url: string, stripe: string) {
  process.stderr.write(`Measuring on ${database} …\n`);
  const env = {
    NODE_ENV: 'development',
    REQUESTS_PER_MINUTE: '0',
    DATABASE_URL: url,
    STRIPE_API_BASE: stripe,
    STRIPE_WEBHOOK_SECRETS: SECRET,
  };
  const began = performance.now();
  const gateway = startChild('gateway', [], { ...env, LOG_LEVEL: 'error' });
  const ours = await gateway.told<number>('port');
  const readyMs = performance.now() - began;
  const apollo = await gateway.told<number>('apolloPort');
  const bareUrl = url.startsWith('file:') ? url.replace('.db', '-bare.db') : url;
  const bareIntake = startChild('bare-intake', [bareUrl]);
  const bare = await bareIntake.told<number>('port');

  const comparisons: Comparison[] = [];
  for (const connections of CONNECTIONS) {
    const load = { connections, shots: shotsOf(connections), shot: createDelivery };
    const baseline = `node:http, verify, ${url.startsWith('file:') ? 'batched' : 'prepared'} insert`;
    comparisons.push(await compare('webhook intake', baseline, load, { ours, bare }));
  }
  const authorization = `Bearer ${await token(env)}`;
  for (const [what, query] of Object.entries({ plans: PLANS, 'account, subscription, access': ACCOUNT })) {
    const body = Buffer.from(JSON.stringify({ query }));
    const shot = () => ({ path: '/graphql', headers: { 'content-type': 'application/json', authorization }, body });
    for (const connections of CONNECTIONS) {
      const load = { connections, shots: shotsOf(connections), shot };
      comparisons.push(await compare(what, "Apollo's standalone server, same resolvers", load, { ours, bare: apollo }));
    }
  }
  gateway.ask();
  const residentMb = await gateway.told<number>('residentMb');
  await gateway.end();
  await bareIntake.end();
  return { comparisons: comparisons.map((each) => ({ ...each, database })), start: { database, readyMs, residentMb } };
}

const token = (env: Record<string, string>) =>
  issueToken(loadConfig(env), systemWall, {
    account: 'acme',
    roles: [Role.BILLING_ADMIN],
    subject: 'bench',
    ttlSeconds: 3_600,
  });

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-bench-'));
  const name = `billing_bench_${process.pid}`;
  const server = new URL(MARIADB);
  const admin = await mysql.createConnection({
    host: server.hostname,
    port: Number(server.port || 3306),
    user: server.username,
    password: server.password,
  });
  await admin.query(`CREATE DATABASE ${name}`);
  const sandbox = await startSandbox({ catalogue: 'sample' });
  try {
    const measured = [
      await measure('MariaDB', `${MARIADB}/${name}`, sandbox.url),
      await measure('embedded', `file:${join(folder, 'billing.db')}`, sandbox.url),
    ];
    const starts: Start[] = measured.map(({ start }) => start);
    const text = renderResults(
      measured.flatMap(({ comparisons }) => comparisons),
      starts,
    );
    writeFileSync(join(process.cwd(), 'bench', 'results.md'), text);
    process.stdout.write(text);
  } finally {
    await sandbox.stop();
    await admin.query(`DROP DATABASE ${name}`);
    await admin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
