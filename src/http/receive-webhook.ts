import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Log, Timers } from '../ports.js';
import type { ClientAddress } from './client-address.js';
import { send } from './answer.js';
import { readBody } from './read-body.js';

export interface WebhookMeta {
  remoteAddress: string | undefined;
  requestId: string;
}

export interface WebhookAnswer {
  status: number;
  body: string;
  /** Sent as Retry-After. */
  retryAfterSeconds?: number;
}

/** What the webhooks' room does with the bytes of a request; the bytes are exactly those that were signed. */
export type ReceiveWebhook = (
  rawBody: Buffer,
  headers: IncomingHttpHeaders,
  meta: WebhookMeta,
) => Promise<WebhookAnswer>;

const limits = { maxBytes: 512 * 1024, maxMs: 10_000 };

/** `POST /webhooks/stripe`: hands over the raw bytes and sends what comes back. Stripe tries again after anything but a 2xx. */
export function createWebhookRoute(
  receive: ReceiveWebhook,
  isDraining: () => boolean,
  timers: Timers,
  log: Log,
  addressOf: ClientAddress,
) {
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    if (isDraining()) return answer(response, { status: 503, body: 'The gateway is stopping.', retryAfterSeconds: 5 });
    const body = await readBody(request, limits, timers);
    if (body === 413) return answer(response, { status: 413, body: `An event may have ${limits.maxBytes} bytes.` });
    if (body === 408)
      return answer(response, { status: 408, body: `The event did not arrive within ${limits.maxMs / 1000} s.` });
    const meta = { remoteAddress: addressOf(request), requestId };
    const received = await receive(body, request.headers, meta).catch((error: unknown): WebhookAnswer => {
      log.error({ err: error, requestId }, 'a webhook failed inside the gateway');
      return { status: 500, body: 'Something went wrong inside the gateway.' };
    });
    answer(response, received);
  };
}

function answer(response: ServerResponse, { status, body, retryAfterSeconds }: WebhookAnswer): void {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  send(response, { status, contentType: 'text/plain; charset=utf-8', body, headers });
}
