import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those could come in between, or reach itself. */
const FIRST = 20_000;
const WORKERS = 60;
const OF_EACH = 200;
let next = randomInt(OF_EACH);

/** A port that nobody holds and that no test beside this one is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Workers of one run have one parent; those of another run beside it begin elsewhere.
    const worker = (process.ppid + Number(process.env.JEST_WORKER_ID ?? 0)) % WORKERS;
    const port = FIRST + worker * OF_EACH + (next++ % OF_EACH);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
