import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectRoot } from '../../src/project-root';
import { startSandbox } from '../../sandbox/start-sandbox.js';
import { freePort } from '../support/free-port';

/** Built by `npm test`. */
const program = join(projectRoot, 'dist', 'src', 'main.js');
let folder: string;
const started: ChildProcess[] = [];
const held: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'billing-serve-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const server of held.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** A port that another program holds. */
async function heldPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  held.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Running {
  child: ChildProcess;
  env: NodeJS.ProcessEnv;
  output: string;
  url: string;
  sandboxUrl: string;
}

/** Starts the program as a newcomer does, in a folder of its own, and waits for the addresses. */
async function serve(settings: Record<string, string>, ...words: string[]): Promise<Running> {
  const env = { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...settings };
  const child = spawn(process.execPath, [program, 'serve', ...words], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  let errors = '';
  child.stderr?.on('data', (chunk) => (errors += String(chunk)));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      if (/OPERATOR, of no account\neyJ\S+\n/.test(output)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}${errors}`)));
  });
  const url = /GraphQL and explorer\s+(\S+)\/graphql/.exec(output)?.[1] as string;
  return { child, env, output, url, sandboxUrl: /local Stripe\)\s+(\S+)/.exec(output)?.[1] as string };
}

async function ask(url: string, query: string, token?: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data: Record<string, unknown> };
}

const sandboxState = async (url: string) =>
  (await (await fetch(`${url}/_sandbox/state`)).json()) as { pid: number; counts: Record<string, number> };

async function stop({ child }: Running): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  return ((await exit) as [number | null])[0];
}

/** Asks again until it works; processes come and go in their own time. */
async function eventually<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 1_200) throw error;
      await wait(50);
    }
  }
}

describe('billing serve', () => {
  it('takes the next free port, checks everything, and prints addresses and tokens that work', async () => {
    const taken = await heldPort();
    const takenBySandbox = await heldPort();
    const gateway = await serve({ PORT: String(taken), SANDBOX_PORT: String(takenBySandbox) });

    expect(gateway.output).toContain(`Port ${taken} is in use; the gateway takes`);
    expect(gateway.output).toContain(`Port ${takenBySandbox} is in use; the sandbox takes`);
    for (const name of ['settings', 'database', 'sandbox', 'catalogue', 'webhooks', 'live updates']) {
      expect(gateway.output).toMatch(new RegExp(`ok\\s+${name}`));
    }
    const token = /BILLING_ADMIN of the account acme\n(eyJ\S+)\n/.exec(gateway.output)?.[1] as string;
    const { data } = await ask(gateway.url, '{ plans { key } viewer { account { externalId } } }', token);
    expect(data).toEqual({
      plans: [{ key: 'free' }, { key: 'team' }, { key: 'business' }],
      viewer: { account: { externalId: 'acme' } },
    });

    expect(await stop(gateway)).toBe(0);
    await expect(fetch(gateway.sandboxUrl)).rejects.toThrow();
  });

  it('goes on with its sandbox and its data after both were killed', async () => {
    const settings = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) };
    const first = await serve(settings);
    const before = await sandboxState(first.sandboxUrl);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await serve(settings);
    expect(second.sandboxUrl).toBe(first.sandboxUrl);
    const after = await sandboxState(second.sandboxUrl);
    expect(after.pid).not.toBe(before.pid);
    expect(after.counts.product).toBe(before.counts.product);
  });

  it('refuses at once, in one line, a second gateway on the same data, whatever its ports, and no command', async () => {
    const settings = async () => ({ PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) });
    const [own, other] = [await settings(), await settings()];
    const gateway = await serve(own);
    const { pid } = gateway.child;
    const refused = new RegExp(
      `^ended with 1: Another gateway \\(process ${pid}\\) runs with \\S+billing\\.db\\. Stop that one, .*another folder\\.\\n$`,
    );
    await expect(serve(other)).rejects.toThrow(refused);
    await expect(serve(other, '--reset', '--yes')).rejects.toThrow(refused);
    const list = spawnSync(process.execPath, [program, 'events', 'list', '--json'], { cwd: folder, env: gateway.env });
    expect([list.status, list.stderr.toString()]).toEqual([0, '']);

    gateway.child.kill('SIGKILL');
    const fresh = await serve(other, '--reset', '--yes');
    expect(fresh.output).toMatch(/Deleted \d+ files/);
  });

  it('is found well by the doctor, who asks the sandbox that it has started', async () => {
    const gateway = await serve({ PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) });
    const doctor = () => spawnSync(process.execPath, [program, 'doctor'], { cwd: folder, env: gateway.env });
    const { status, stdout, stderr } = doctor();
    expect([status, stderr.toString()]).toEqual([0, '']);
    expect(stdout.toString()).toContain(`${gateway.sandboxUrl} answers`);
    expect(stdout.toString()).toContain(
      `delivers every type to ${gateway.url.replace('localhost', '127.0.0.1')}/webhooks/stripe`,
    );

    await stop(gateway);
    const alone = doctor();
    expect(alone.status).toBe(4);
    expect(alone.stdout.toString()).toMatch(/FAIL {2}stripe .*Start the gateway first/);
  });

  it('ends in order while Stripe leaves a call unanswered', async () => {
    const stripe = await startSandbox({ catalogue: 'sample' });
    try {
      const gateway = await serve({ PORT: String(await freePort()), STRIPE_API_BASE: stripe.url });
      const post = (path: string, headers: Record<string, string>, body: string) =>
        fetch(`${stripe.url}${path}`, { method: 'POST', headers, body });
      const slow = { kind: 'slow', path: '/v1/customers/*', times: 100, probability: 1, delay_ms: 60_000 };
      await post('/_sandbox/faults', { 'content-type': 'application/json' }, JSON.stringify(slow));
      await post('/v1/customers', { authorization: 'Bearer sk_test_any' }, '');
      await eventually(async () => {
        const words = [program, 'events', 'list', '--type', 'customer.created', '--json'];
        const child = spawn(process.execPath, words, { cwd: folder, env: gateway.env });
        const [shown] = await Promise.all([text(child.stdout), once(child, 'exit')]);
        if (!shown.includes('"pending"')) throw new Error('not delivered');
      });

      expect(await stop(gateway)).toBe(0);
    } finally {
      await stripe.stop();
    }
  });

  it('is ready once its first catalogue is there, and not before', async () => {
    const stripe = await startSandbox({ catalogue: 'sample' });
    try {
      const slow = { kind: 'slow', path: '/v1/products', times: 1, probability: 1, delay_ms: 500 };
      const headers = { 'content-type': 'application/json' };
      await fetch(`${stripe.url}/_sandbox/faults`, { method: 'POST', headers, body: JSON.stringify(slow) });
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const serving = serve({ PORT: String(port), STRIPE_API_BASE: stripe.url });
      const answers: number[] = [];
      await eventually(async () => {
        const { status } = await fetch(`${url}/health/ready`);
        answers.push(status);
        if (status !== 200) throw new Error(`answered ${status}`);
      });
      const { data } = await ask(url, '{ plans { key } }');
      await serving;

      expect(answers).toContain(503);
      expect(data.plans).toHaveLength(3);
    } finally {
      await stripe.stop();
    }
  });

  it('stops in order also on a signal that comes in the moment in which it prints its tokens', async () => {
    const hook = join(folder, 'signal.cjs');
    writeFileSync(
      hook,
      `const write = process.stdout.write.bind(process.stdout);
       process.stdout.write = (text, ...rest) => {
         if (String(text).includes('eyJ')) process.kill(process.pid, 'SIGTERM');
         return write(text, ...rest);
       };`,
    );
    const child = spawn(process.execPath, ['--require', hook, program, 'serve'], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) },
      stdio: 'ignore',
    });
    started.push(child);

    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('starts the sandbox again, on the same port, when it dies', async () => {
    const gateway = await serve({ PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) });
    const { pid } = await sandboxState(gateway.sandboxUrl);
    process.kill(pid, 'SIGKILL');
    const next = await eventually(async () => {
      const state = await sandboxState(gateway.sandboxUrl);
      if (state.pid === pid) throw new Error('still the old one');
      return state;
    });
    expect(next.counts.product).toBeGreaterThan(0);
    expect(await stop(gateway)).toBe(0);
  });
});

describe('billing serve in production', () => {
  it('starts with nothing but settings that are safe, and names every problem', async () => {
    const child = spawn(process.execPath, [program], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    });
    started.push(child);
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(2);
    for (const name of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS', 'AUTH_JWT_SECRET', 'PUBLIC_URL']) {
      expect(errors).toContain(name);
    }
  });
});
