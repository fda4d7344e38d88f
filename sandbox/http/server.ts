import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ApiAnswer, ApiRequest } from './api.js';

export type Answerer = (request: ApiRequest, response: ServerResponse) => Promise<ApiAnswer | null>;

const LARGEST_BODY = 4_000_000;

/** Listens on a loopback address. `answer` gives null where it has written the response itself. */
export async function listen(host: string, port: number, answer: Answerer): Promise<Server> {
  const server = createServer((incoming, response) => {
    serve(incoming, response, answer).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      response.writeHead(500, { 'content-type': 'application/json' });
      const message = `The sandbox failed on ${incoming.method} ${incoming.url}: ${error instanceof Error ? error.stack : String(error)}`;
      process.stderr.write(`${message}\n`);
      return response.end(JSON.stringify({ error: { type: 'api_error', message } }));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return server;
}

async function serve(incoming: IncomingMessage, response: ServerResponse, answer: Answerer): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_BODY) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    chunks.push(chunk as Buffer);
  }
  const target = incoming.url ?? '/';
  const cut = target.indexOf('?');
  const result = await answer(
    {
      method: incoming.method ?? 'GET',
      path: cut < 0 ? target : target.slice(0, cut),
      query: cut < 0 ? '' : target.slice(cut + 1),
      headers: incoming.headers as Record<string, string | undefined>,
      body: Buffer.concat(chunks).toString('utf8'),
    },
    response,
  );
  if (!result) return;
  if (result.broken === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(result.status, { ...result.headers, 'content-length': String(Buffer.byteLength(result.body)) });
  if (result.broken !== 'truncated') return void response.end(result.body);
  response.write(result.body.slice(0, Math.floor(result.body.length / 2)), () => response.destroy());
}
