import { fire, type Load, type Measured } from './load.js';

export interface Comparison {
  what: string;
  connections: number;
  baseline: string;
  ours: Measured;
  bare: Measured;
  /** Ours against the baseline of the same round; the middle of all rounds. */
  ratio: number;
}

const ROUNDS = 3;

const middle = <Value>(values: Value[], by: (value: Value) => number): Value =>
  [...values].sort((one, other) => by(one) - by(other))[Math.floor(values.length / 2)] as Value;

/** Takes turns, so that whatever else the machine does meets both; shows the middle round of each. */
export async function compare(
  what: string,
  baseline: string,
  load: Omit<Load, 'port'>,
  ports: { ours: number; bare: number },
): Promise<Comparison> {
  const rounds: { ours: Measured; bare: Measured }[] = [];
  const warm = { ...load, shots: Math.ceil(load.shots / 4) };
  for (const port of [ports.ours, ports.bare]) await fire({ ...warm, port });
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await fire({ ...load, port: ports.bare });
    rounds.push({ bare, ours: await fire({ ...load, port: ports.ours }) });
  }
  return {
    what,
    baseline,
    connections: load.connections,
    ours: middle(rounds, ({ ours }) => ours.perSecond).ours,
    bare: middle(rounds, ({ bare }) => bare.perSecond).bare,
    ratio: middle(
      rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond),
      (ratio) => ratio,
    ),
  };
}
