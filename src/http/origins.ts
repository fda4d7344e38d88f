import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** Which web pages may talk to the gateway: those of its own address and of the origins that the settings list. */
export interface Origins {
  /** True without an Origin header: then no foreign page is involved. */
  allows(request: IncomingMessage): boolean;
  /** Headers by which a browser learns that the page may read the answer; none for its own pages and for foreign ones. */
  corsHeaders(request: IncomingMessage): OutgoingHttpHeaders;
}

export function createOrigins(returnOrigins: readonly string[], publicUrl: () => string): Origins {
  function allows({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined || returnOrigins.includes(origin)) return true;
    return origin === new URL(publicUrl()).origin || origin === `http://${host}` || origin === `https://${host}`;
  }
  return {
    allows,
    corsHeaders(request) {
      const { origin } = request.headers;
      if (origin === undefined || !allows(request)) return {};
      return {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, x-billing-account, x-request-id',
        'access-control-expose-headers': 'x-request-id',
        'access-control-max-age': '600',
        vary: 'accept, origin',
      };
    },
  };
}
