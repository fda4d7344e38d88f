import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start-sandbox.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('controlling the sandbox', () => {
  it('starts many at once, each at a port of its own', async () => {
    const sandboxes = await Promise.all(Array.from({ length: 10 }, () => startSandbox({ catalogue: 'sample' })));

    expect(new Set(sandboxes.map(({ port }) => port)).size).toBe(10);
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
  });

  it('streams each jump of the clock', async () => {
    const sandbox = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true });
    const stream = await fetch(`${sandbox.url}/_sandbox/clock`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const line = async (): Promise<unknown> => JSON.parse(String((await reader?.read())?.value));
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await line()).toEqual({ now: '2027-01-01T00:00:00.000Z', frozen: true });

    await sandbox.advance({ by: 'P1M' });

    expect(await line()).toEqual({ now: '2027-02-01T00:00:00.000Z', frozen: true });
    expect((await control(sandbox, 'clock?once')).body).toEqual({ now: '2027-02-01T00:00:00.000Z', frozen: true });
    await reader?.cancel();
    await sandbox.stop();
  });

  it.each([
    [{}, 'either'],
    [{ by: 'P1D', to: '2027-01-01T00:00:00Z' }, 'either'],
    [{ by: '1 month' }, 'ISO 8601'],
    [{ by: '-P1D' }, 'ISO 8601'],
    [{ to: 'tomorrow' }, 'RFC 3339'],
    [{ to: '2020-01-01T00:00:00Z' }, 'cannot go back'],
  ])('refuses to advance by %j and says what to send', async (body, told) => {
    const sandbox = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true });
    const answer = await control<{ error: { message: string } }>(sandbox, 'clock/advance', body);

    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(told);
    await sandbox.stop();
  });

  it('goes on from a snapshot, ids and clock included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
    const file = join(folder, 'copy.db');
    const first = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true, catalogue: 'sample', seed: 4 });
    const customer = await stripeFor(first).customers.create({ email: 'kept@example.com' });
    await control(first, 'snapshot', { file });
    const following = await stripeFor(first).customers.create();
    await first.stop();

    const second = await startSandbox({ file });

    expect((await stripeFor(second).customers.create()).id).toBe(following.id);
    expect(second.now()).toBe(Date.parse('2027-01-01T00:00:00Z'));
    expect(await stripeFor(second).customers.retrieve(customer.id)).toMatchObject({ email: 'kept@example.com' });
    await second.stop();
    rmSync(folder, { recursive: true });
  });

  it('forgets everything on reset, but not where its clock stands', async () => {
    const sandbox = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true });
    await stripeFor(sandbox).customers.create();

    await control(sandbox, 'reset', { catalogue: 'sample' });

    expect((await stripeFor(sandbox).customers.list()).data).toEqual([]);
    expect((await stripeFor(sandbox).products.list()).data).toHaveLength(3);
    expect(sandbox.now()).toBe(Date.parse('2027-01-01T00:00:00Z'));
    await sandbox.stop();
  });

  it('shows clock, customers, events, faults and delivery on a page that works without scripts', async () => {
    const sandbox = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true });
    await stripeFor(sandbox).customers.create({ email: 'seen@example.com' });

    const page = await (await fetch(sandbox.url)).text();
    expect(page).toContain('seen@example.com');
    for (const part of ['Clock', 'Customers (1)', 'Events (1)', 'Faults', 'Delivery'])
      expect(page).toContain(`>${part}</h2>`);
    expect(page).not.toMatch(/https?:\/\//);
    const jump = await fetch(`${sandbox.url}/_sandbox/console/advance`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ by: 'P1M' }),
    });

    expect(jump.status).toBe(303);
    expect(sandbox.now()).toBe(Date.parse('2027-02-01T00:00:00Z'));
    await sandbox.stop();
  });

  it('says which control paths there are not', async () => {
    const sandbox = await startSandbox();
    expect((await control(sandbox, 'nothing')).status).toBe(404);
    expect((await control(sandbox, 'state', {})).status).toBe(405);
    await sandbox.stop();
  });
});
