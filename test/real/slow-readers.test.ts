import { WebSocket } from 'ws';
import { accountIdOf } from '../../src/accounts/account.js';
import { Role } from '../../src/auth/roles.js';
import { databaseKind } from '../support/database.js';
import { type Person, startWorld, type World } from '../support/world.js';

/** `REAL_READERS=200 REAL_SLOW=50 npx jest test/real/slow-readers` opens more sockets. */
const READERS = Number(process.env.REAL_READERS ?? 10);
const SLOW = Number(process.env.REAL_SLOW ?? 3);
const PUSHES = Number(process.env.REAL_PUSHES ?? 80);
/** Long enough that no buffer of the system takes them all. */
const NAME = 'x'.repeat(60_000);
const WATCH = 'subscription { accountUpdated { revision account { one: name two: name three: name } } }';

/** One socket that watches an account. */
interface Reader {
  /** Of each message that came, in their order. */
  revisions: number[];
  /** Reads nothing any more, as a client does whose process stands still. */
  pause(): void;
  resume(): void;
  close(): void;
}

async function watch(port: number, person: Person, heard: () => void): Promise<Reader> {
  const payload = await person.authorization();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  const revisions: number[] = [];
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      type: string;
      payload?: { data: { accountUpdated: { revision: number } } };
    };
    if (message.type === 'connection_ack')
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH } }));
    if (message.type === 'next') revisions.push(message.payload?.data.accountUpdated.revision ?? -1);
    heard();
  });
  return { revisions, pause: () => socket.pause(), resume: () => socket.resume(), close: () => socket.terminate() };
}

describe('readers that have stopped reading', () => {
  let world: World;
  const [readers, slow]: [Reader[], Reader[]] = [[], []];
  const id = accountIdOf('acme');
  beforeAll(async () => {
    world = await startWorld();
    for (let at = 0; at < READERS + SLOW; at++)
      (at < READERS ? readers : slow).push(await watch(world.gateway.port, reader(at), () => heard()));
    await everybodyHas(0, [...readers, ...slow]);
    await world.gateway.parts.database.run('UPDATE accounts SET name = ? WHERE id = ?', [NAME, id]);
  });
  afterAll(async () => {
    [...readers, ...slow].forEach((reader) => reader.close());
    await world.stop();
  });

  let heard = () => {};
  // One person may hold twenty sockets.
  const reader = (at: number) => world.holding({ account: 'acme', roles: [Role.MEMBER], subject: `reader-${at}` });
  const everybodyHas = (revision: number, some: readonly Reader[]) =>
    new Promise<void>((resolve) => {
      heard = () => some.every(({ revisions }) => (revisions.at(-1) ?? -1) >= revision) && resolve();
      heard();
    });
  let revision = 0;
  /** Until every reader that reads has seen it; how long that took. */
  async function push(): Promise<number> {
    const { database, hints } = world.gateway.parts;
    revision += 1;
    await database.run('UPDATE accounts SET revision = ? WHERE id = ?', [revision, id]);
    const began = performance.now();
    hints.publish({ topic: id, revision });
    await everybodyHas(revision, readers);
    return performance.now() - began;
  }
  async function pushes(): Promise<number> {
    const took: number[] = [];
    for (let at = 0; at < PUSHES; at++) took.push(await push());
    return took.sort((one, other) => one - other)[Math.floor(PUSHES * 0.99)] ?? 0;
  }

  it(
    'hold up nobody, are sent the newest state and not each one, and end at the revision of the database',
    async () => {
      const before = await pushes();
      await everybodyHas(revision, slow);
      const pausedAt = revision;
      slow.forEach((reader) => reader.pause());
      const resident = process.memoryUsage().rss;
      const beside = await pushes();
      const grown = (process.memoryUsage().rss - resident) / 1e6;
      slow.forEach((reader) => reader.resume());
      await everybodyHas(revision, slow);

      const came = slow.map(({ revisions }) => revisions.filter((one) => one > pausedAt).length);
      process.stdout.write(
        `${databaseKind}: ${PUSHES} pushes of 180 kB to ${READERS} readers, p99 ${before.toFixed(0)} ms, beside ${SLOW} that ` +
          `stand still ${beside.toFixed(0)} ms; those were sent ${Math.max(...came)} at most; resident ${grown < 0 ? '' : '+'}${grown.toFixed(0)} MB\n`,
      );
      for (const { revisions } of [...readers, ...slow]) {
        expect(revisions).toEqual([...new Set(revisions)].sort((one, other) => one - other));
        expect(revisions.at(-1)).toBe(revision);
      }
      expect(Math.max(...came)).toBeLessThan(PUSHES);
    },
    600_000 + PUSHES * READERS * 20,
  );
});
