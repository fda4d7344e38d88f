import { Agent, request } from 'node:http';
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
  /** Makes the n-th request; called just before it is sent. */
  shot(n: number): Shot;
}

export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** Answers that were not 200. */
  failed: number;
}

/** As many requests at a time as there are connections; each connection sends its next as soon as it has its answer. */
export async function fire({ port, connections, shots, shot }: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const took: number[] = [];
  let next = 0;
  let failed = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < shots) {
        const { path, headers, body } = shot(next++);
        const from = performance.now();
        const status = await send(agent, port, path, headers, body);
        took.push(performance.now() - from);
        if (status !== 200) failed += 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  took.sort((one, other) => one - other);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { perSecond: took.length / seconds, p50: at(0.5), p99: at(0.99), failed };
}

function send(
  agent: Agent,
  port: number,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject);
    sent.setHeader('content-length', body.length);
    sent.end(body);
  });
}
