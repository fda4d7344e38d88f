/** What stood in the way of an event. `paused` says nothing about it: Stripe was not asked, or had too much to do. */
export type Obstacle = 'transient' | 'permanent' | 'stale' | 'parked' | 'paused';

/** How often each obstacle was met. One says nothing about another, so none shortens another's patience. */
export interface Tries extends Record<Exclude<Obstacle, 'paused'>, number> {
  /** How long the event has backed off from transient failures, in milliseconds. */
  waitedMs: number;
}

export const NO_TRIES: Tries = { transient: 0, permanent: 0, stale: 0, parked: 0, waitedMs: 0 };

/** What is stored of them; an event without attempts, such as one that is replayed, begins anew. */
export function readTries(stored: string | null, attempts: number): Tries {
  return attempts === 0 || stored === null ? NO_TRIES : { ...NO_TRIES, ...(JSON.parse(stored) as Partial<Tries>) };
}

/** Only what is not zero; null for none. */
export function writeTries(tries: Tries): string | null {
  const met = Object.entries(tries).filter(([, count]) => count !== 0);
  return met.length === 0 ? null : JSON.stringify(Object.fromEntries(met));
}
