import { systemWall } from '../clock/system-clock.js';

/** What is done in less is not worth a line. */
const QUIET_MS = 2_000;

/** One changing line at a terminal, nothing elsewhere: what is done, and how long the rest will take. */
export function progressLine(what: string, stream: NodeJS.WriteStream = process.stderr) {
  const began = systemWall.now();
  return (done: number, part: number): void => {
    const spent = systemWall.now() - began;
    if (!stream.isTTY || spent < QUIET_MS) return;
    const left = part > 0 ? `, about ${Math.ceil((spent * (1 - part)) / part / 1_000)} s left` : '';
    stream.write(`\r${what}: ${done}${left}\u001b[K\r`);
  };
}
