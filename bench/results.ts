import { cpus, release, totalmem, type } from 'node:os';
import type { Comparison } from './compare.js';

export interface Start {
  database: string;
  /** From the start of the process to the first answer of a gateway whose catalogue is there. */
  readyMs: number;
  residentMb: number;
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
const ms = (value: number) => value.toFixed(1);

/** The tables as Markdown, with the machine they come from. */
export function renderResults(comparisons: (Comparison & { database: string })[], starts: Start[]): string {
  const [cpu] = cpus();
  return [
    '# Measured figures',
    '',
    `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}. ` +
      'Load, gateway, baseline and database share the machine. Rounds of ours and the baseline take turns; the middle one is shown.',
    '',
    row([
      'what',
      'database',
      'connections',
      'per second',
      'p50 ms',
      'p99 ms',
      'baseline',
      'per second',
      'p50',
      'p99',
      'ratio',
    ]),
    row(Array.from({ length: 11 }, () => '---')),
    ...comparisons.map(({ what, database, connections, baseline, ours, bare, ratio }) =>
      row([
        what,
        database,
        connections,
        Math.round(ours.perSecond) + (ours.failed > 0 ? ` (${ours.failed} failed)` : ''),
        ms(ours.p50),
        ms(ours.p99),
        baseline,
        Math.round(bare.perSecond) + (bare.failed > 0 ? ` (${bare.failed} failed)` : ''),
        ms(bare.p50),
        ms(bare.p99),
        ratio.toFixed(2),
      ]),
    ),
    '',
    row(['database', 'start to ready, ms', 'resident memory after the runs, MB']),
    row(['---', '---', '---']),
    ...starts.map(({ database, readyMs, residentMb }) => row([database, Math.round(readyMs), Math.round(residentMb)])),
    '',
  ].join('\n');
}
