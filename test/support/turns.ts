/** Longer than any read of a test's database takes, by turns of the event loop and not by the clock. */
export async function manyTurns(): Promise<string> {
  for (let turn = 0; turn < 3_000; turn++) await new Promise((resolve) => setImmediate(resolve));
  return 'nothing came';
}
