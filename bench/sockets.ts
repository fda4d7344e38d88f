import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';

export interface Audience {
  /** Milliseconds until the first and the last socket had the next message, from now on. */
  next(): Promise<{ first: number; last: number }>;
  leave(): void;
}

/** Opens so many sockets that all run one subscription, and waits until `ready` says that each of them is heard. */
export async function gather(
  url: string,
  size: number,
  query: string,
  authorization?: (n: number) => Promise<string>,
): Promise<Audience & { started(): Promise<void> }> {
  const sockets: WebSocket[] = [];
  let heard = 0;
  let onHeard = () => {};
  let failed: Error | undefined;
  for (let from = 0; from < size; from += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, size - from) }, async (_, at) => {
        const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
        sockets.push(socket);
        await once(socket, 'open');
        const payload = { authorization: await authorization?.(from + at) };
        socket.send(JSON.stringify({ type: 'connection_init', payload }));
        const refused = once(socket, 'close').then(([code, reason]) => {
          throw new Error(`A socket was closed with ${code} ${String(reason)}.`);
        });
        refused.catch(() => {});
        await Promise.race([once(socket, 'message'), refused]);
        socket.on('message', (data: Buffer) => {
          const text = data.toString('utf8');
          if (text.includes('"type":"ping"')) return socket.send('{"type":"pong"}');
          if (text.includes('"type":"error"') || text.includes('"errors":')) failed = new Error(text);
          heard += 1;
          onHeard();
        });
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      }),
    );
  }
  const all = (until: number) =>
    new Promise<{ first: number; last: number }>((resolve, reject) => {
      const began = performance.now();
      let first = 0;
      onHeard = () => {
        first ||= performance.now() - began;
        if (failed) reject(failed);
        if (heard >= until) resolve({ first, last: performance.now() - began });
      };
      if (failed !== undefined || heard >= until) onHeard();
    });
  return {
    next() {
      heard = 0;
      return all(size);
    },
    async started() {
      await all(size);
    },
    leave: () => sockets.forEach((socket) => socket.terminate()),
  };
}
