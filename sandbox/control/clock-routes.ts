import { ControlError, json, type ControlCall, type ControlRoute, type Controls } from './control.js';
import { addDuration } from './duration.js';

const KEEP_ALIVE_MS = 15_000;

export function clockShown({ account }: Controls): { now: string; frozen: boolean } {
  return { now: new Date(account.clock.now()).toISOString(), frozen: account.clock.frozen };
}

/** Moves the clock and waits until all that is due has happened and each due delivery was attempted once. */
export async function advanceClock(
  controls: Controls,
  asked: { to?: unknown; by?: unknown },
): Promise<{ now: string; frozen: boolean; steps: number }> {
  const { account, timekeeper, deliverer } = controls;
  const steps = await timekeeper.advance(targetOf(account.clock.now(), asked));
  await deliverer.attemptedOnce();
  return { ...clockShown(controls), steps };
}

function targetOf(now: number, { to, by }: { to?: unknown; by?: unknown }): number {
  if ((to === undefined) === (by === undefined)) {
    throw new ControlError(
      'Send either {"to": "2027-01-31T00:00:00Z"} (RFC 3339) or {"by": "P1M"} (ISO 8601 duration).',
    );
  }
  if (by !== undefined) return addDuration(now, String(by));
  const written = String(to);
  const target = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(written) ? Date.parse(written) : NaN;
  if (Number.isNaN(target))
    throw new ControlError(`'${written}' is not an RFC 3339 time such as 2027-01-31T00:00:00Z.`);
  if (target < now)
    throw new ControlError(`The clock stands at ${new Date(now).toISOString()} and cannot go back to ${written}.`);
  return target;
}

/** One line at once, one for every jump, a blank one now and then so that a broken connection shows. */
function streamClock({ controls, response }: ControlCall): null {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  const tell = (): boolean => response.write(`${JSON.stringify(clockShown(controls))}\n`);
  tell();
  const end = controls.account.clock.onJump(tell);
  let cancel = (): void => undefined;
  const keepAlive = (): void => {
    cancel = controls.account.clock.wall.after(KEEP_ALIVE_MS, () => {
      response.write('\n');
      keepAlive();
    });
  };
  keepAlive();
  response.on('close', () => {
    end();
    cancel();
  });
  return null;
}

export const clockRoutes: ControlRoute[] = [
  {
    method: 'GET',
    path: /^\/_sandbox\/clock$/,
    handle: (call) =>
      call.query.has('once') || call.request.headers['accept'] === 'application/json'
        ? json(clockShown(call.controls))
        : streamClock(call),
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/clock\/advance$/,
    handle: async ({ controls, body }) => json(await advanceClock(controls, body)),
  },
];
