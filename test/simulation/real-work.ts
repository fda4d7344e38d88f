/** Work of the engine's own threads that a run waits for: it takes no time of the run's. */
let underWay = 0;

const { subtle } = globalThis.crypto;
for (const name of ['importKey', 'sign', 'verify'] as const) {
  const work = subtle[name].bind(subtle) as (...given: unknown[]) => Promise<unknown>;
  const counted = (...given: unknown[]) => {
    underWay += 1;
    return work(...given).finally(() => (underWay -= 1));
  };
  Object.defineProperty(subtle, name, { value: counted, configurable: true });
}

/** Every promise that can go on has gone on as far as it gets. */
export async function rest(): Promise<void> {
  do await new Promise<void>((resolve) => setImmediate(resolve));
  while (underWay > 0);
}
