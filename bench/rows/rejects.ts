import { startChild } from '../child.js';
import type { Row } from '../stage.js';

const TIMES = 100_000;

export const rejects: Row = {
  name: 'rejects',
  meaning: 'forged deliveries of 4 kB refused per second of one core, without the network',
  async measure({ database, tell }) {
    // No database is asked.
    if (database !== 'embedded') return [];
    tell(`${TIMES} forged deliveries`);
    const child = startChild('rejects', [], { NODE_ENV: 'development', LOG_LEVEL: 'silent' });
    const { mixed, unsigned, digest } = await child.ask<Record<'mixed' | 'unsigned' | 'digest', number>>(
      'measure',
      TIMES,
    );
    await child.end();
    const line = (load: string, perSecond: number) => ({
      what: 'forged deliveries refused',
      load,
      ours: { figure: `${Math.round(perSecond)} /s of a core` },
      baseline: 'one digest of the body',
      bare: { figure: `${Math.round(digest)} /s of a core` },
      ratio: perSecond / digest,
      goal: '>= 20000 /s of a core',
    });
    return [line('four kinds', mixed), line('wrong by one digit', unsigned)];
  },
};
