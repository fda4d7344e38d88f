import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start-sandbox.js';
import { StateFile } from '../../sandbox/store/state-file.js';
import { Store } from '../../sandbox/store/store.js';
import { startStory } from './support/story.js';
import { control, stripeFor } from './support/stripe-for.js';

/** The lines of a sandbox's clock, one after the other. */
async function follow({ url }: { url: string }) {
  const stream = await fetch(`${url}/_sandbox/clock`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    type: stream.headers.get('content-type'),
    async line(): Promise<{ now: string; frozen: boolean }> {
      while (!rest.includes('\n')) rest += String((await reader?.read())?.value);
      const end = rest.indexOf('\n');
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      return JSON.parse(line) as { now: string; frozen: boolean };
    },
    close: () => reader?.cancel(),
  };
}

describe('controlling the sandbox', () => {
  it('starts many at once, each at a port of its own', async () => {
    const sandboxes = await Promise.all(Array.from({ length: 10 }, () => startSandbox({ catalogue: 'sample' })));

    expect(new Set(sandboxes.map(({ port }) => port)).size).toBe(10);
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
  });

  it('streams each jump of the clock', async () => {
    const sandbox = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true });
    const { type, line, close } = await follow(sandbox);
    expect(type).toBe('application/x-ndjson');
    expect(await line()).toEqual({ now: '2027-01-01T00:00:00.000Z', frozen: true });

    await sandbox.advance({ by: 'P1M' });

    expect(await line()).toEqual({ now: '2027-02-01T00:00:00.000Z', frozen: true });
    expect((await control(sandbox, 'clock?once')).body).toEqual({ now: '2027-02-01T00:00:00.000Z', frozen: true });
    await close();
    await sandbox.stop();
  });

  it('tells the moments of a long jump before what happened at them is delivered', async () => {
    const story = await startStory('2027-01-01T00:00:00Z');
    const price = await story.price('Team', 2_000);
    await story.stripe.subscriptions.create({ customer: await story.customer(), items: [{ price }] });
    await story.told();
    const { line, close } = await follow(story.sandbox);
    const told = [await line()];

    await story.sandbox.advance({ by: 'P3M' });
    while (told.at(-1)?.now !== '2027-04-01T00:00:00.000Z') told.push(await line());

    const renewals = ['2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z', '2027-04-01T00:00:00.000Z'];
    expect(told.map(({ now }) => now)).toEqual(expect.arrayContaining(renewals));
    await close();
    await story.stop();
  });

  it('tells where the clock has come to, also when a step fails, and goes on after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broken-'));
    const file = join(folder, 'state.db');
    const first = await startSandbox({ clock: '2027-01-01T00:00:00Z', frozen: true, file });
    await stripeFor(first).checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      success_url: 'http://localhost/',
    });
    await first.stop();
    const state = new StateFile(file);
    const store = new Store(state);
    const nobody = { subject: 'sub_nobody', at: Date.parse('2027-01-10T00:00:00Z') / 1000, clock: null };
    store.transaction(() =>
      store.put('agenda', { id: 'subscription.cycle sub_nobody', kind: 'subscription.cycle', ...nobody }),
    );
    state.close();
    const sandbox = await startSandbox({ file });
    const { line, close } = await follow(sandbox);
    await line();

    const failed = await control<{ error: { message: string } }>(sandbox, 'clock/advance', { by: 'P1M' });

    expect(failed).toMatchObject({
      status: 500,
      body: { error: { message: expect.stringContaining('sub_nobody') as unknown } },
    });
    expect(await line()).toEqual({ now: '2027-01-02T00:00:00.000Z', frozen: true });
    expect((await control(sandbox, 'clock?once')).body).toEqual({ now: '2027-01-02T00:00:00.000Z', frozen: true });
    expect((await sandbox.advance({ by: 'P1M' })).now).toBe('2027-02-02T00:00:00.000Z');
    await close();
    await sandbox.stop();
    rmSync(folder, { recursive: true });
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
