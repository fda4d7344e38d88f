import type { IncomingMessage } from 'node:http';
import type { Timers } from '../ports.js';

export interface BodyLimits {
  maxBytes: number;
  /** For the whole body, from now on. */
  maxMs: number;
}

/** How much longer a body that is too large is read and thrown away, so that a client that is nearly done hears the 413. */
const LINGER_MS = 100;
const LINGER_BYTES = 1_000_000;

/** The bytes of a request, or the status to refuse it with: 413 too large, 408 too slow or gone. Never holds more than the limit. */
export function readBody(request: IncomingMessage, limits: BodyLimits, timers: Timers): Promise<Buffer | 413 | 408> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let tooLarge = false;
    let stopLingering = () => {};
    const stopWaiting = timers.after(limits.maxMs, () => finish(408));

    function finish(outcome: Buffer | 413 | 408): void {
      stopWaiting();
      stopLingering();
      request.off('data', take).off('end', end).off('error', gone).off('close', gone);
      // A request that errs after its answer must not end the process.
      request.on('error', () => {});
      resolve(outcome);
    }
    function take(chunk: Buffer): void {
      received += chunk.length;
      if (received > limits.maxBytes) refuse();
      else chunks.push(chunk);
      if (received > limits.maxBytes + LINGER_BYTES) finish(413);
    }
    function refuse(): void {
      if (tooLarge) return;
      tooLarge = true;
      chunks.length = 0;
      stopLingering = timers.after(LINGER_MS, () => finish(413));
    }
    const end = () => finish(tooLarge ? 413 : Buffer.concat(chunks, received));
    const gone = () => finish(408);

    request.on('data', take).on('end', end).on('error', gone).on('close', gone);
    if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) refuse();
  });
}
