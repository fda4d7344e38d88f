import { fire, type Load, type Measured } from './load.js';
import type { Line } from './results.js';

const ROUNDS = 3;

/** The middle one when sorted. */
export const middle = <Value>(values: readonly Value[], by: (value: Value) => number): Value =>
  [...values].sort((one, other) => by(one) - by(other))[Math.floor(values.length / 2)] as Value;

const itself = (value: number) => value;

/** Takes turns, so that whatever else the machine does meets both; shows the middle round of each. */
export async function compare(
  load: Omit<Load, 'port'>,
  ports: { ours: number; bare: number },
): Promise<Pick<Line, 'load' | 'ours' | 'bare' | 'ratio'>> {
  const rounds: { ours: Measured; bare: Measured }[] = [];
  const warm = { ...load, shots: Math.ceil(load.shots / 4) };
  for (const port of [ports.ours, ports.bare]) await fire({ ...warm, port });
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await fire({ ...load, port: ports.bare });
    rounds.push({ bare, ours: await fire({ ...load, port: ports.ours }) });
  }
  const cells = (side: 'ours' | 'bare') => {
    const { perSecond, p50, p99, failed } = middle(rounds, (round) => round[side].perSecond)[side];
    return { figure: `${Math.round(perSecond)} /s${failed > 0 ? ` (${failed} failed)` : ''}`, p50, p99 };
  };
  return {
    load: `${load.connections} connection${load.connections > 1 ? 's' : ''}`,
    ours: cells('ours'),
    bare: cells('bare'),
    ratio: middle(
      rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond),
      itself,
    ),
  };
}
