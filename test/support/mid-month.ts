import { monthOfThirtyDays, subscriber } from './change-plan-story.js';
import { wholeStory, type WholeStory } from './whole-story.js';
import { startStillWorld, type World } from './world.js';

/** People in a still world, each with half of a paid month of thirty days left, and with a story that begins then. */
export interface MidMonth<Player extends string> {
  world: World;
  stories: Record<Player, WholeStory>;
  stop(): Promise<void>;
}

/** Everybody by the plan that was bought; `prepare` comes before. */
export async function startInMidMonth<Player extends string>(
  players: Record<Player, string>,
  prepare: (world: World) => Promise<void> = () => Promise.resolve(),
): Promise<MidMonth<Player>> {
  const world = await startStillWorld();
  await prepare(world);
  const first = monthOfThirtyDays(world.sandbox.now());
  if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
  const bought = Object.entries(players) as [Player, string][];
  for (const [name, plan] of bought) await subscriber(world, plan, name);
  await world.advance({ by: 'P15D' });
  const stories = {} as Record<Player, WholeStory>;
  for (const [name] of bought) stories[name] = await wholeStory(world, name);
  return {
    world,
    stories,
    async stop() {
      Object.values<WholeStory>(stories).forEach((story) => story.close());
      await world.stop();
    },
  };
}
