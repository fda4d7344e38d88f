import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface Answer {
  status: number;
  contentType: string;
  body: string | Buffer;
  headers?: OutgoingHttpHeaders;
}

/** Sends a whole answer at once. A request refused in the middle of its body also loses its connection. */
export function send(response: ServerResponse, { status, contentType, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  if (status === 413 || status === 408) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: OutgoingHttpHeaders,
): void {
  send(response, {
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(value)}\n`,
    headers: { 'cache-control': 'no-store', ...headers },
  });
}

export function sendText(response: ServerResponse, status: number, text: string, headers?: OutgoingHttpHeaders): void {
  send(response, { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n`, headers });
}

export function sendHtml(response: ServerResponse, status: number, html: string, headers?: OutgoingHttpHeaders): void {
  send(response, { status, contentType: 'text/html; charset=utf-8', body: html, headers });
}
