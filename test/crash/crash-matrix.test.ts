import { databaseKind } from '../support/database.js';
import { type Chance, createChance } from '../simulation/chance.js';
import type { Death } from './child/points.js';
import { play, playReference, type Reference } from './play.js';
import { keepPoints, knownPoints } from './points-list.js';

/** `CRASH_STORIES=20 npx jest test/crash` plays more, `CRASH_SEED` others. */
const STORIES = Number(process.env.CRASH_STORIES ?? 1);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** Of how many deaths in a hundred the next process dies as well, somewhere in its recovery; and the one after it. */
const [AGAIN, THRICE] = (process.env.CRASH_AGAIN ?? '20,5').split(',').map(Number) as [number, number];
/** Deaths of one step as a failure prints them: `CRASH_AT='{"upgrade":[{"point":"…","pass":1}]}'`. */
const AT = process.env.CRASH_AT;

/** Chooses for each step where to die: points where nothing died so far first. */
class Planner {
  private readonly known = new Set<string>();
  private readonly done = new Set<string>();

  constructor(
    private readonly reference: Reference,
    private readonly chance: Chance,
  ) {}

  next(): Map<string, Death[]> {
    return new Map([...this.reference.counts].map(([step, counts]) => [step, this.deathsOf(step, counts)]));
  }

  /** Distinct points, and points in a step. */
  get reached(): string {
    const all = [...this.reference.counts.values()].map((counts) => Object.keys(counts));
    return `${this.known.size} of ${new Set(all.flat()).size} points, ${this.done.size} of ${all.flat().length} with their step`;
  }

  private deathsOf(step: string, counts: Record<string, number>): Death[] {
    const points = Object.keys(counts);
    const never = points.filter((point) => !this.known.has(point));
    const notHere = points.filter((point) => !this.done.has(`${step} ${point}`));
    const point = this.chance.pick([never, notHere, points].find(({ length }) => length > 0) ?? points);
    const pass = this.chance.often(0.7) ? 1 : this.chance.whole(1, counts[point] ?? 1);
    this.known.add(point);
    this.done.add(`${step} ${point}`);
    const deaths: Death[] = [{ point, pass }];
    const later = this.chance.fraction() * 100;
    if (later < AGAIN) deaths.push({ point: null, pass: this.chance.whole(1, 60) });
    if (later < THRICE) deaths.push({ point: null, pass: this.chance.whole(1, 60) });
    return deaths;
  }
}

describe('a gateway that is killed', () => {
  let reference: Reference;
  beforeAll(async () => (reference = await playReference()), 600_000);

  it('waits for nothing that is not listed: UPDATE_POINTS=1 npx jest test/crash writes the list anew', () => {
    const met = [...new Set([...reference.counts.values()].flatMap((counts) => Object.keys(counts)))];
    if (process.env.UPDATE_POINTS) keepPoints(met);
    const known = new Set(knownPoints());

    // Whether a step is looked for is up to the machine: only an answer that takes long is in doubt.
    const sure = met.filter((point) => !/\.probe: /.test(point));
    expect(sure.filter((point) => !known.has(point))).toEqual([]);
    expect(met.filter((point) => point.startsWith('unnamed'))).toEqual([]);
  });

  it(
    'at any await of a whole life, and again while it recovers, loses nothing, doubles nothing, and ends as if it never had been',
    async () => {
      const planner = new Planner(reference, createChance(SEED));
      const total = { deaths: 0, missed: 0, returns: 0 };
      const met = new Set<string>();
      const failures: string[] = [];
      for (let story = 0; story < (AT ? 1 : STORIES); story++) {
        const plan = AT ? new Map(Object.entries(JSON.parse(AT) as Record<string, Death[]>)) : planner.next();
        const played = await play(reference, { deaths: plan });
        total.deaths += played.deaths;
        total.missed += played.missed.length;
        total.returns += played.returns;
        played.met.forEach((point) => met.add(point));
        if (played.failure) failures.push(played.failure);
      }
      if (process.env.UPDATE_POINTS) keepPoints([...met]);
      process.stdout.write(
        `${databaseKind}, seed ${SEED}: ${total.deaths} deaths (${total.missed} planned ones not reached) at ${planner.reached}; ` +
          `${total.returns} returns of the socket; ${failures.length} stories end wrong\n`,
      );

      expect(failures.join('\n')).toBe('');
      if (!AT) expect(total.deaths).toBeGreaterThan(STORIES * 10);
    },
    600_000 + STORIES * 600_000,
  );
});
