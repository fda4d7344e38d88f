import { CANCEL_PLAN, run, standing, subscriber } from '../support/change-plan-story.js';
import { startStillWorld, type World } from '../support/world.js';

const HISTORY = '{ viewer { account { timeline { nodes { at title } } } } }';

describe('a long jump of the clock', () => {
  let world: World;
  beforeEach(async () => {
    world = await startStillWorld();
  });
  afterEach(() => world.stop());

  it('leaves no history with a time before it happened', async () => {
    const acme = await subscriber(world, 'team', 'acme');
    await subscriber(world, 'team', 'beta');
    await run(acme, CANCEL_PLAN);
    const { end } = (await standing(acme)).subscription.currentPeriod;

    await world.advance({ by: 'P6M' });

    const { data } = await acme.ask(HISTORY);
    const [last] = data.viewer.account.timeline.nodes;
    expect(last.title).toMatch(/ended/);
    expect(Date.parse(last.at)).toBeGreaterThanOrEqual(Date.parse(end));
  });
});
