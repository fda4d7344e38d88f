import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface Shot {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Load {
  port: number;
  connections: number;
  shots: number;
  /** Makes one request; all are made before the first is sent. */
  shot(): Shot;
}

export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** Answers that were not 200. */
  failed: number;
}

/**
 * As many requests at a time as there are connections; each connection sends its next as soon as it has its answer.
 * Bytes written to sockets and nothing else: the load shares the cores with what it measures.
 */
export async function fire({ port, connections, shots, shot }: Load): Promise<Measured> {
  const requests = Array.from({ length: shots }, () => render(port, shot()));
  const guns = await Promise.all(Array.from({ length: connections }, () => openGun(port)));
  const took: number[] = [];
  let next = 0;
  let failed = 0;
  const began = performance.now();
  await Promise.all(
    guns.map(async (ask) => {
      while (next < shots) {
        const request = requests[next++] as Buffer;
        const from = performance.now();
        const status = await ask(request);
        took.push(performance.now() - from);
        if (status !== 200) failed += 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  guns.forEach((ask) => ask.end());
  return { perSecond: took.length / seconds, ...percentiles(took), failed };
}

export function percentiles(values: number[]): { p50: number; p99: number } {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function render(port: number, { path, headers, body }: Shot): Buffer {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, 'content-length': String(body.length) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), body]);
}

type Gun = ((request: Buffer) => Promise<number>) & { end(): void };

/** One connection that answers the status of each request. Throws when the server does not say how long its answer is. */
async function openGun(port: number): Promise<Gun> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  let settle = (_status: number, _error?: Error) => {};
  listen(socket, (status, error) => settle(status, error));
  const ask = (request: Buffer) =>
    new Promise<number>((resolve, reject) => {
      settle = (status, error) => (error ? reject(error) : resolve(status));
      socket.write(request);
    });
  return Object.assign(ask, {
    end() {
      settle = () => {};
      socket.destroy();
    },
  });
}

function listen(socket: Socket, answered: (status: number, error?: Error) => void): void {
  let held = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    held += text;
    const head = held.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(held.slice(0, head))?.[1];
    if (length === undefined) return answered(0, new Error(`No content-length in ${held.slice(0, head)}`));
    if (held.length < head + 4 + Number(length)) return;
    const status = Number(held.slice(9, 12));
    held = '';
    answered(status);
  });
  socket.on('error', (error) => answered(0, error));
  socket.on('close', () => answered(0, new Error('The server closed a connection under load.')));
}
