import { parameterInvalid, type StripeError } from '../http/errors.js';
import { Parameter, record, text } from '../http/parameters.js';

export function isV2(path: string): boolean {
  return path.startsWith('/v2/');
}

/** A moment as v2 writes it. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** An RFC 3339 moment, read as Unix seconds; the SDK writes dates of a query as seconds. */
export function moment(): Parameter<number> {
  return new Parameter((raw, name) => {
    const value = text().read(raw, name);
    const at = /^\d{1,11}$/.test(value) ? Number(value) : Math.floor(Date.parse(value) / 1000);
    if (!Number.isFinite(at))
      throw parameterInvalid(
        name,
        `'${name}' must be an RFC 3339 time such as 2027-01-31T00:00:00Z (found '${value}').`,
      );
    return at;
  }, false);
}

export const momentRange = record({ gt: moment(), gte: moment(), lt: moment(), lte: moment() });

/** The body of a refusal under /v2: named by its code, as v2's errors are, and without the parts that only v1 has. */
export function v2ErrorBody({ status, body }: StripeError): Record<string, unknown> {
  if (body.type === 'idempotency_error' || body.type === 'temporary_session_expired')
    return { type: body.type, ...(body.code ? { code: body.code } : {}), message: body.message };
  if (status === 404) return { type: body.type, code: 'not_found', message: body.message };
  if (status === 400) return { type: body.type, code: codeOf(body.code), message: body.message };
  return { type: body.type, ...(body.code ? { code: body.code } : {}), message: body.message };
}

function codeOf(code: string | undefined): string {
  return code === undefined || code.startsWith('parameter_') || code === 'resource_missing' ? 'invalid_fields' : code;
}

export interface V2Page<T> {
  data: T[];
  next_page_url: string | null;
  previous_page_url: string | null;
}

/** One page of rows given newest first. Its links carry the filters and where the next or previous page begins. */
export function v2Page<T>(
  path: string,
  rows: T[],
  { limit = 20, page }: { limit?: number; page?: string },
  filters: Record<string, string>,
): V2Page<T> {
  const from = page === undefined ? 0 : Number(Buffer.from(page, 'base64url').toString());
  if (!Number.isInteger(from) || from < 0)
    throw parameterInvalid('page', `'page' is not a page of this list (found '${page}').`);
  const link = (at: number): string =>
    `${path}?${new URLSearchParams({ ...filters, limit: String(limit), page: Buffer.from(String(at)).toString('base64url') }).toString()}`;
  return {
    data: rows.slice(from, from + limit),
    next_page_url: from + limit < rows.length ? link(from + limit) : null,
    previous_page_url: from > 0 ? link(Math.max(0, from - limit)) : null,
  };
}
