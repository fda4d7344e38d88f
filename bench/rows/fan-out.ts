import { createEvent, tenant } from '../backlog.js';
import { middle } from '../compare.js';
import { sign } from '../deliveries.js';
import { fire } from '../load.js';
import { gather } from '../sockets.js';
import type { Row } from '../stage.js';

const ROUNDS = 5;
const WATCH =
  'subscription { accountUpdated { kind revision account { subscription { status cancellation { effectiveAt } } } } }';
const LIKE_A_PUSH = 'x'.repeat(110);

export const fanOut: Row = {
  name: 'fan-out',
  meaning: 'one change to `--sockets` sockets, from the first to the last, beside bare graphql-ws; memory of each',
  async measure({ gateway, port, ids, sizes: { sockets: size }, authorization, bare, tell }) {
    await gateway.ask('accounts', 1);
    tell(`opening ${size} sockets twice`);
    const before = await gateway.ask<number>('residentMb');
    const ours = await gather(`ws://127.0.0.1:${port}/graphql`, size, WATCH, (n) =>
      authorization(tenant(0), `person ${Math.floor(n / 20)}`),
    );
    await ours.started();
    const after = await gateway.ask<number>('residentMb');
    const server = await bare('bare-sockets');
    const theirs = await gather(`ws://127.0.0.1:${server.port}/`, size, 'subscription { published }');
    while ((await server.ask<number>('watchers')) < size) await new Promise((resolve) => setTimeout(resolve, 20));

    const rounds: { ours: number; bare: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const heard = theirs.next();
      await server.ask('publish', LIKE_A_PUSH);
      const bareTook = await heard;
      const pushed = ours.next();
      await fire({ port, connections: 1, shots: 1, shot: () => sign(createEvent(0, ids, Date.now())) });
      const took = await pushed;
      rounds.push({ ours: took.last - took.first, bare: bareTook.last - bareTook.first });
    }
    ours.leave();
    theirs.leave();
    await server.end();
    const shown = (side: 'ours' | 'bare') => `${middle(rounds, (round) => round[side])[side].toFixed(0)} ms`;
    return [
      {
        what: 'one change to all sockets, first to last',
        load: `${size} sockets`,
        ours: { figure: shown('ours') },
        baseline: 'graphql-ws on ws, nothing behind it',
        bare: { figure: shown('bare') },
        ratio: middle(
          rounds.map((round) => round.ours / round.bare),
          (ratio) => ratio,
        ),
        goal: '<= 1.5',
      },
      {
        what: 'memory of a socket',
        load: `${size} sockets`,
        ours: { figure: `${(((after - before) * 1024) / size).toFixed(0)} kB` },
        baseline: '',
        goal: '<= 32 kB',
      },
    ];
  },
};
