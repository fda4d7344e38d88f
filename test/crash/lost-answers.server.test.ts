import { createChance } from '../simulation/chance.js';
import { play, playReference } from './play.js';

/** `CRASH_STORIES=20 npx jest test/crash/lost-answers` plays more, `CRASH_SEED` others. */
const STORIES = Number(process.env.CRASH_STORIES ?? 1);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** How often a step of the default run loses one; with more stories every step does. */
const SHARE = STORIES > 1 ? 1 : 0.12;
const WRITES = ['COMMIT', 'UPDATE ', 'INSERT '];

describe('a gateway whose database has done what it says no more', () => {
  it(
    'asks again, doubles nothing, loses nothing, and ends as if every answer had come',
    async () => {
      const chance = createChance(SEED);
      const reference = await playReference();
      let [lost, failures] = [0, [] as string[]];
      for (let story = 0; story < STORIES; story++) {
        const played = await play(reference, {
          deaths: new Map(),
          befall(wire) {
            // Commits most of all: half of what is written stands or falls with one.
            const text = chance.often(0.6) ? 'COMMIT' : WRITES;
            const counted = wire.loseAnswersTo(text, chance.often(SHARE) ? 1 : 0, chance.whole(0, 6));
            return () => {
              lost += counted();
              wire.loseAnswersTo([], 0);
            };
          },
        });
        if (played.failure) failures = [...failures, `story ${story}: ${played.failure}`];
      }
      process.stdout.write(`seed ${SEED}: ${lost} answers lost in ${STORIES} stories, ${failures.length} end wrong\n`);

      expect(failures.join('\n')).toBe('');
      expect(lost).toBeGreaterThan(STORIES);
    },
    600_000 + STORIES * 600_000,
  );
});
