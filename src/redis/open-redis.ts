import { createHash } from 'node:crypto';
import type { Redis, RedisOptions } from 'ioredis';
import type { Log, Random, SharedRedis, Timers } from '../ports.js';

/** A command that takes longer is given up, and its connection with it. */
const ANSWER_MS = 250;
const CONNECT_MS = 2_000;
/** How long a start waits for Redis before it goes on without. */
const START_MS = 1_000;
const LONGEST_PAUSE_MS = 1_000;
/** Whoever only listens is never told that the other side is gone. */
const PING_MS = 2_000;

/**
 * Connects, and goes on trying for as long as it takes. Never rejects: without Redis everything works, only slower.
 * `answerMs` is how long an answer is waited for; tests on busy machines wait longer.
 */
export async function openRedis(
  { redisUrl, databaseUrl, answerMs = ANSWER_MS }: { redisUrl: string; databaseUrl: string; answerMs?: number },
  { random, timers, log }: { random: Random; timers: Timers; log: Log },
): Promise<SharedRedis> {
  // Loaded only where it is used: it costs a start more than all the rest of the network.
  const { Redis } = await import('ioredis');
  const options: RedisOptions = {
    ...{ connectTimeout: CONNECT_MS, commandTimeout: answerMs, socketTimeout: 2 * answerMs },
    ...{ lazyConnect: true, enableOfflineQueue: false, autoResubscribe: false, autoResendUnfulfilledCommands: false },
    retryStrategy: (times) => random.fraction() * Math.min(LONGEST_PAUSE_MS, 50 * 2 ** times),
  };
  const commands = new Redis(redisUrl, options);
  const listener = commands.duplicate();
  tellOnce(commands, log);
  // Whatever happens to the second connection happens to the first, which tells.
  listener.on('error', () => {});
  for (const connection of [commands, listener]) void connection.connect().catch(() => undefined);
  const stopPinging = pingAgainAndAgain(listener, timers);
  if (!(await readyWithin(commands, timers))) log.warn({}, 'the gateway starts without Redis');
  return {
    prefix: prefixOf(databaseUrl),
    commands,
    listener,
    isReady: () => commands.status === 'ready',
    close() {
      stopPinging();
      for (const connection of [commands, listener]) connection.removeAllListeners('close').disconnect();
      return Promise.resolve();
    },
  };
}

/** Of a server, whether or not it is written. */
const DEFAULT_PORT = '3306';

/** Gateways of one database meet, those of another on the same Redis do not; who logs in makes no difference. */
function prefixOf(databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl);
  const host = port === '' || port === DEFAULT_PORT ? hostname : `${hostname}:${port}`;
  return `billing:${createHash('sha256').update(`${host}${pathname}`).digest('hex').slice(0, 12)}`;
}

/** One line when it goes and one when it is back, however often it is tried in between. */
function tellOnce(connection: Redis, log: Log): void {
  let away = false;
  const gone = (err?: Error) => {
    if (!away) log.warn({ err }, 'Redis is away: limits count for each gateway, changes of others are read again');
    away = true;
  };
  connection.on('error', gone).on('close', () => gone());
  connection.on('ready', () => {
    if (away) log.info({}, 'Redis is back');
    away = false;
  });
}

/** An answer that does not come ends the connection, and the next one begins with a new subscription. */
function pingAgainAndAgain(connection: Redis, timers: Timers): () => void {
  let cancel = () => {};
  const wait = () => {
    cancel = timers.after(PING_MS, () => {
      if (connection.status === 'ready') connection.ping().catch(() => undefined);
      wait();
    });
  };
  wait();
  return () => cancel();
}

async function readyWithin(connection: Redis, timers: Timers): Promise<boolean> {
  let cancel = () => {};
  await Promise.race([
    new Promise<void>((resolve) => connection.once('ready', resolve)),
    new Promise<void>((resolve) => (cancel = timers.after(START_MS, resolve))),
  ]);
  cancel();
  return connection.status === 'ready';
}
