import { cpus, release, totalmem, type } from 'node:os';

/** One side of a comparison. */
export interface Cells {
  figure: string;
  p50?: number;
  p99?: number;
}

export interface Line {
  what: string;
  /** Connections, sockets or events. */
  load: string;
  ours: Cells;
  baseline: string;
  bare?: Cells;
  /** As the goal counts it. */
  ratio?: number;
  goal: string;
}

const COLUMNS =
  'what | database | load | ours | p50 ms | p99 ms | baseline | its figure | p50 | p99 | ratio | goal'.split(' | ');

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const ms = (value: number | undefined) => value?.toFixed(1) ?? '';

export const renderHead = (): string => `${row(COLUMNS)}\n${row(COLUMNS.map(() => '---'))}\n`;

export const renderLine = (database: string, { what, load, ours, baseline, bare, ratio, goal }: Line): string =>
  `${row([
    what,
    database,
    load,
    ours.figure,
    ms(ours.p50),
    ms(ours.p99),
    baseline,
    bare?.figure ?? '',
    ms(bare?.p50),
    ms(bare?.p99),
    ratio?.toFixed(2) ?? '',
    goal,
  ])}\n`;

/** What the figures come from. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return (
    '# Measured figures\n\n' +
    `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}. ` +
    'Load, gateway, baseline and database share the machine. Rounds of ours and the baseline take turns; the middle one is shown.\n\n'
  );
}
