import { BILLING_PAGE, CANCEL, CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

describe('a mutation beside pending events', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('reads its own write although the only event at hand names something else', async () => {
    const acme = world.as('acme');
    const { data } = await acme.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    const { database } = world.gateway.parts;
    // An event about the customer alone waits in the inbox when the mutation's own look is claimed.
    await database.run(`UPDATE stripe_events SET state = 'pending', pending_at = 0 WHERE type = 'customer.created'`);

    const canceled = await acme.ask(CANCEL);

    expect(canceled.data.cancelSubscription).toMatchObject({ outcome: 'SCHEDULED' });
    expect(canceled.data.cancelSubscription.subscription.cancellation).not.toBeNull();
  });

  it('asks Stripe nothing when a knock finds no event left', async () => {
    const acme = world.as('acme');
    const { data } = await acme.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    const { stripe, sync, database } = world.gateway.parts;
    const [{ subject }] = (await database.read.rows<{ subject: string }>(
      `SELECT subject FROM subjects WHERE subject LIKE 'cus%'`,
    )) as [{ subject: string }];
    const calls: string[] = [];
    stripe.on('request', ({ path }: { path: string }) => calls.push(path));

    sync.knock(subject);
    await sync.idle();

    expect(calls).toEqual([]);
    expect((await acme.ask(BILLING_PAGE)).data.viewer.account.subscription.status).toBe('ACTIVE');
  });
});
