import type { Death } from './child/points.js';
import { Life } from './life.js';
import type { Proxy } from '../support/proxy.js';
import { type Standing, standingOf, wrongs } from './standing.js';
import { START, STORY } from './story.js';

/** A story without a death: what every other must end like, step by step. */
export interface Reference {
  /** Points of each step, and how often each was passed. */
  counts: Map<string, Record<string, number>>;
  standings: Map<string, Standing>;
  answers: Map<string, string>;
  /** What does not hold even so. */
  wrongs: Map<string, string[]>;
}

export interface Played {
  /** Deaths that came to pass. */
  deaths: number;
  /** Steps that ended without the death that was planned, since they never came there. */
  missed: string[];
  /** How many sockets were lost and came back. */
  returns: number;
  /** Points met after a death. */
  met: Set<string>;
  /** The first step that ended otherwise than without a death, and in what. */
  failure: string | null;
}

export async function playReference(): Promise<Reference> {
  const reference: Reference = { counts: new Map(), standings: new Map(), answers: new Map(), wrongs: new Map() };
  const life = await Life.begin();
  try {
    reference.counts.set(START, await life.call('counts'));
    for (const { name, take } of STORY) {
      await life.arm([]);
      await take(life, name.replaceAll(' ', '-'));
      await life.settled();
      reference.counts.set(name, await life.call('counts'));
      // What the same key is answered once it is over; the first answer may be that it is still under way.
      reference.answers.set(name, JSON.stringify(await take(life, name.replaceAll(' ', '-'))));
      await life.settled();
      reference.wrongs.set(name, await wrongs(life));
      reference.standings.set(name, await standingOf(life));
    }
  } finally {
    await life.stop();
  }
  return reference;
}

export interface Disturbance {
  /** Where it dies, step by step. */
  deaths: ReadonlyMap<string, readonly Death[]>;
  /** What else befalls it in each step; answers how to end that. With it the database is reached through a proxy. */
  befall?: (wire: Proxy) => () => void;
}

/** Plays the story while it is disturbed. */
export async function play(reference: Reference, { deaths: plan, befall }: Disturbance): Promise<Played> {
  const life = await Life.begin({ deaths: plan.get(START), throughProxy: befall !== undefined });
  const follower = life.follow();
  const played: Played = { deaths: 0, missed: [], returns: 0, met: new Set(), failure: null };
  let at = START;
  try {
    await life.disarm();
    for (const { name, take } of STORY) {
      at = name;
      const deaths = plan.get(name) ?? [];
      const before = life.died;
      await life.arm(deaths);
      const relent = life.wire && befall?.(life.wire);
      await take(life, name.replaceAll(' ', '-'));
      const met = await life.disarm();
      relent?.();
      if (life.died > before) met.forEach((point) => played.met.add(point));
      else if (deaths.length > 0) played.missed.push(name);
      const differences = await compare(life, reference, name, await take(life, name.replaceAll(' ', '-')));
      if (differences.length > 0) throw new Error(differences.join('\n  '));
    }
    await life.settled();
    const [row] = await life.database.read.rows<{ revision: number | string }>('SELECT revision FROM accounts');
    await follower.reaches(Number(row?.revision));
    if (follower.complaints.length > 0) throw new Error(follower.complaints.join('\n  '));
  } catch (thrown) {
    played.failure = `${at}: ${JSON.stringify(plan.get(at))} ends wrong:\n  ${(thrown as Error).message}`;
  } finally {
    [played.deaths, played.returns] = [life.died, follower.returns()];
    follower.close();
    await life.stop();
  }
  return played;
}

async function compare(life: Life, reference: Reference, step: string, answer: unknown): Promise<string[]> {
  const differences: string[] = [];
  const differ = (what: string, found: unknown, expected: unknown) => {
    const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
    if (one === other) return;
    const from = Math.max(0, [...one].findIndex((character, at) => character !== other[at]) - 100);
    const part = (text: string) => text.slice(from, from + 400);
    differences.push(`${what}: … ${part(one)}\n    instead of … ${part(other)}`);
  };
  await life.settled();
  const excused = reference.wrongs.get(step) ?? [];
  differences.push(...(await wrongs(life)).filter((wrong) => !excused.includes(wrong)));
  const [standing, expected] = [await standingOf(life), reference.standings.get(step)];
  differ('stored', standing.stored, expected?.stored);
  differ('shown', standing.shown, expected?.shown);
  differ('at Stripe', standing.stripe, expected?.stripe);
  differ(
    'the answer to the same key',
    withoutIds(answer),
    withoutIds(JSON.parse(reference.answers.get(step) ?? 'null')),
  );
  return differences;
}

const withoutIds = (answer: unknown) => JSON.stringify(answer ?? null).replace(/\b(cs_test)_\w+/g, '$1_…');
