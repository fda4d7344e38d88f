import { BILLING_PAGE, CANCEL, CHECKOUT, payCheckout } from '../support/story.js';
import { type Program, startProgram } from '../support/program.js';
import type { Person } from '../support/world.js';

describe('the program', () => {
  let program: Program;
  let acme: Person;
  beforeEach(async () => {
    program = await startProgram();
    acme = program.as('acme');
  });
  afterEach(() => program.stop());

  const billing = async () => (await acme.ask(BILLING_PAGE)).data.viewer.account;
  const checkout = async (): Promise<string> =>
    (await acme.ask(CHECKOUT, { plan: 'team' })).data.createCheckoutSession.session.id;
  const sandbox = () => ({ url: program.sandboxUrl });

  it('agrees with its sandbox within five seconds after a SIGKILL of the gateway in mid-payment', async () => {
    const session = await checkout();

    await Promise.all([payCheckout(sandbox(), session).catch(() => undefined), program.killGateway()]);
    await payCheckout(sandbox(), session).catch(() => undefined);

    const account = await program.eventually(billing, ({ subscription }) => subscription?.status === 'ACTIVE');
    expect(account).toMatchObject({
      plan: { key: 'team' },
      access: { reason: 'ACTIVE' },
      invoices: { nodes: [{ status: 'PAID' }] },
    });
  });

  it('agrees with its sandbox within five seconds after a SIGKILL of the sandbox in mid-payment', async () => {
    const session = await checkout();

    await Promise.all([payCheckout(sandbox(), session).catch(() => undefined), program.killSandbox()]);
    await program.eventually(
      () => fetch(`${program.sandboxUrl}/_sandbox/state`),
      ({ ok }) => ok,
    );
    await payCheckout(sandbox(), session).catch(() => undefined);

    const account = await program.eventually(billing, ({ subscription }) => subscription?.status === 'ACTIVE');
    expect(account.invoices.nodes).toEqual([expect.objectContaining({ status: 'PAID' })]);
  });

  it('loses and doubles nothing when it is killed again and again through a whole life', async () => {
    await payCheckout(sandbox(), await checkout());
    await program.killGateway();
    await program.eventually(billing, ({ subscription }) => subscription?.status === 'ACTIVE');
    await acme.ask(CANCEL);
    await program.killGateway();
    const advanced = fetch(`${program.sandboxUrl}/_sandbox/clock/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'P1M1D' }),
    }).catch(() => undefined);
    await program.killGateway();
    await advanced;
    await fetch(`${program.sandboxUrl}/_sandbox/clock/advance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'P1M1D' }),
    });

    const account = await program.eventually(billing, ({ subscription }) => subscription === null);

    expect(account).toMatchObject({ plan: { key: 'free' }, access: { reason: 'FREE_PLAN' } });
    const revisions = account.timeline.nodes.map(({ revision }: { revision: number }) => revision);
    expect(revisions).toEqual(Array.from({ length: account.revision }, (_, step) => account.revision - step));
    const titles = account.timeline.nodes.map(({ title }: { title: string }) => title);
    expect(titles.filter((title: string) => title === 'The subscription ended.')).toHaveLength(1);
    expect(titles.filter((title: string) => title === 'The subscription to Team began.')).toHaveLength(1);
  });

  it('stops on SIGTERM with exit code 0', async () => {
    const other = await startProgram();

    expect(await other.stop()).toBe(0);
  });
});
