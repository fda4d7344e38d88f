import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateFile } from '../../sandbox/store/state-file.js';
import { startReceiver, SECRET } from './support/receiver.js';
import { runProgram } from './support/program.js';
import { control, stripeFor } from './support/stripe-for.js';

describe('the program', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sandbox-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on after a SIGKILL with its clock, its objects and the deliveries it still owed', async () => {
    const state = join(folder, 'state.db');
    const receiver = await startReceiver();
    receiver.answerWith(503);
    const flags = [
      '--port',
      '0',
      '--state',
      state,
      '--catalogue',
      'sample',
      '--webhook-url',
      receiver.url,
      '--webhook-secret',
      SECRET,
    ];
    const first = await runProgram(...flags);
    expect(() => new StateFile(state, 0)).toThrow(`Another sandbox works with ${state}.`);
    const customer = await stripeFor(first.ready).customers.create({ email: 'killed@example.com' });
    await control(first.ready, 'clock/advance', { by: 'P10D' });
    first.child.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });

    receiver.answerWith(200);
    const second = await runProgram(...flags);
    const idle = await control(second.ready, 'idle');

    expect(idle.body).toMatchObject({ idle: true });
    expect(receiver.types()).toContain('customer.created');
    expect(await stripeFor(second.ready).customers.retrieve(customer.id)).toMatchObject({
      email: 'killed@example.com',
    });
    const { body } = await control<{ clock: { now: string }; webhook_endpoints: unknown[] }>(second.ready, 'state');
    expect(Date.parse(body.clock.now)).toBeGreaterThan(Date.now() + 9.9 * 86_400_000);
    expect(body.webhook_endpoints).toHaveLength(1);
    second.child.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
    await receiver.stop();
  });

  it('bills every month once, though it is killed in the middle of a jump', async () => {
    const flags = ['--port', '0', '--state', join(folder, 'state.db'), '--clock', '2027-01-15T00:00:00Z'];
    const first = await runProgram(...flags);
    const stripe = stripeFor(first.ready);
    const price = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 1000,
      recurring: { interval: 'month' },
      product_data: { name: 'Team' },
    });
    const subscribe = async (): Promise<string> => {
      const customer = await stripe.customers.create({
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      });
      return (await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })).id;
    };
    const subscriptions = await Promise.all(Array.from({ length: 25 }, subscribe));
    const jump = control(first.ready, 'clock/advance', { to: '2027-07-20T00:00:00Z' });
    const interrupted = expect(jump).rejects.toThrow();
    while ((await stripe.invoices.list({ limit: 1 })).data[0]?.billing_reason !== 'subscription_cycle') continue;
    first.child.kill('SIGKILL');
    await interrupted;

    const second = await runProgram(...flags);
    const answer = await control(second.ready, 'clock/advance', { to: '2027-07-20T00:00:00Z' });

    expect(answer.status).toBe(200);
    for (const subscription of subscriptions) {
      const invoices = await stripeFor(second.ready).invoices.list({ subscription });
      expect(invoices.data.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 'paid'));
    }
    second.child.kill('SIGTERM');
    await second.ended;
  });

  it('updates its managed endpoint instead of doubling it when it is started with another address', async () => {
    const state = join(folder, 'state.db');
    const one = await runProgram(
      '--port',
      '0',
      '--state',
      state,
      '--webhook-url',
      'http://127.0.0.1:9/one',
      '--webhook-secret',
      SECRET,
    );
    one.child.kill('SIGTERM');
    await one.ended;
    const two = await runProgram(
      '--port',
      '0',
      '--state',
      state,
      '--webhook-url',
      'http://127.0.0.1:9/two',
      '--webhook-secret',
      SECRET,
    );

    const endpoints = await stripeFor(two.ready).webhookEndpoints.list();

    expect(endpoints.data.map(({ url }) => url)).toEqual(['http://127.0.0.1:9/two']);
    two.child.kill('SIGTERM');
    await two.ended;
  });

  it('ends with code 3 and a reason when another process holds the port', async () => {
    const holder = await runProgram('--port', '0');

    const refused = runProgram('--port', String(holder.ready.port));

    await expect(refused).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining(`Port ${holder.ready.port}`) as string,
    });
    holder.child.kill('SIGTERM');
    await holder.ended;
  });

  it('refuses a port that cannot be, with the code of wrong options', async () => {
    await expect(runProgram('--port', '99999')).rejects.toMatchObject({
      code: 2,
      message: expect.stringContaining("'99999' is no port; ports end at 65535.") as string,
    });
  });

  it('ends with its parent when asked to', async () => {
    const program = await runProgram('--port', '0', '--exit-with-parent');

    program.child.stdin?.end();

    expect(await program.ended).toMatchObject({ code: 0 });
  });
});
