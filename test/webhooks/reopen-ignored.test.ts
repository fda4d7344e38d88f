import { CHECKOUT } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

describe('an event type that a new version has learned', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('has its ignored events of the last thirty days looked at once more after the start', async () => {
    await world.as('acme').ask(CHECKOUT, { plan: 'team' });
    await world.settled();
    const database = () => world.gateway.parts.database;
    const states = async () =>
      (
        await database().read.rows<{ state: string }>(`SELECT state FROM stripe_events WHERE type = 'customer.created'`)
      ).map(({ state }) => state);
    await database().run(`UPDATE stripe_events SET state = 'ignored' WHERE type = 'customer.created'`);
    await database().run(`INSERT INTO stripe_events (id, type, created, livemode, subject, body, received_at, state)
      SELECT 'evt_long_ago', type, created, livemode, subject, body, 1, state FROM stripe_events WHERE type = 'customer.created'`);

    await world.restartGateway();
    await world.settled();

    expect((await states()).sort()).toEqual(['done', 'ignored']);
  });
});
