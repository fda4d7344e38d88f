import { compare } from '../compare.js';
import { createDelivery } from '../deliveries.js';
import type { Line } from '../results.js';
import type { Row } from '../stage.js';

const SHOTS: Record<number, number> = { 1: 300, 16: 1_500, 64: 3_000 };

export const intake: Row = {
  name: 'intake',
  meaning: 'a signed event of 4 kB until it is durably stored, at 1, 16 and 64 connections',
  async measure({ database, port, bare, tell }) {
    const { port: barePort, end } = await bare('bare-intake');
    const lines: Line[] = [];
    for (const [connections, shots] of Object.entries(SHOTS).map(([key, value]) => [Number(key), value] as const)) {
      tell(`webhook intake at ${connections}`);
      const load = { connections, shots, shot: createDelivery };
      lines.push({
        what: 'webhook intake',
        baseline: `node:http, verify, ${database === 'embedded' ? 'batched' : 'prepared'} insert`,
        goal: database === 'embedded' ? '>= 0.9' : `>= ${connections === 64 ? '1.1' : '0.95'}`,
        ...(await compare(load, { ours: port, bare: barePort })),
      });
    }
    await end();
    return lines;
  },
};
