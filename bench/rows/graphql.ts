import { compare } from '../compare.js';
import type { Line } from '../results.js';
import type { Row } from '../stage.js';

const DOCUMENTS = {
  plans: '{ plans { key name highlights prices { id interval unit { formatted } } } }',
  'account, subscription, access':
    '{ viewer { account { revision plan { key } subscription { id status } access { allowed reason } } } }',
};
const SHOTS: Record<number, number> = { 1: 300, 16: 1_000, 64: 1_500 };

export const graphql: Row = {
  name: 'graphql',
  meaning: "plans, and an account with its subscription and access, beside Apollo's standalone server",
  async measure({ gateway, port, authorization, tell }) {
    const { port: apollo } = await gateway.ask<{ port: number }>('apollo');
    const headers = { 'content-type': 'application/json', authorization: await authorization('acme') };
    const lines: Line[] = [];
    for (const [what, query] of Object.entries(DOCUMENTS)) {
      const body = Buffer.from(JSON.stringify({ query }));
      for (const [connections, shots] of Object.entries(SHOTS).map(([key, value]) => [Number(key), value] as const)) {
        tell(`${what} at ${connections}`);
        const load = { connections, shots, shot: () => ({ path: '/graphql', headers, body }) };
        lines.push({
          what,
          baseline: "Apollo's standalone server, same resolvers",
          goal: '>= 1.4',
          ...(await compare(load, { ours: port, bare: apollo })),
        });
      }
    }
    return lines;
  },
};
