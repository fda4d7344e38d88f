import { systemTimers, systemWall } from '../../src/clock/system-clock.js';

/** Asks again and again until the answer fits. Rejects after the limit with the last answer. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  fits: (value: Value) => boolean,
  limitMs = 300_000,
): Promise<Value> {
  const until = systemWall.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (systemWall.now() > until) throw new Error(`Not so within ${limitMs / 1000} s: ${JSON.stringify(value)}`);
    await systemTimers.sleep(20);
  }
}
