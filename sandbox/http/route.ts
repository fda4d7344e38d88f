import type { Account } from '../account.js';
import { type Fields, readFields, type Values } from './parameters.js';
import type { RawGroup } from './form.js';

/** One thing that can be asked of the API. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  segments: string[];
  /** Checks the parameters, before anything is done; the answer does it. */
  prepare(account: Account, raw: RawGroup, ids: string[]): () => unknown;
}

export interface Call<F extends Fields> {
  account: Account;
  params: Values<F>;
  /** The first id of the path. */
  id: string;
  /** The second id of the path. */
  innerId: string;
}

/** Declares a route: its parameters are checked first, then `handle` runs in one transaction. */
export function route<F extends Fields>(
  method: Route['method'],
  path: string,
  fields: F,
  handle: (call: Call<F>) => unknown,
): Route {
  return {
    method,
    segments: path.split('/').slice(1),
    prepare(account, raw, ids) {
      const params = readFields(fields, raw);
      return () => handle({ account, params, id: ids[0] ?? '', innerId: ids[1] ?? '' });
    },
  };
}

export function findRoute(routes: Route[], method: string, path: string): { route: Route; ids: string[] } | undefined {
  const segments = path.split('/').slice(1);
  let best: { route: Route; ids: string[] } | undefined;
  for (const candidate of routes) {
    if (candidate.method !== method || candidate.segments.length !== segments.length) continue;
    const ids: string[] = [];
    const fits = candidate.segments.every((segment, place) => {
      if (!segment.startsWith(':')) return segment === segments[place];
      ids.push(decodeURIComponent(segments[place] ?? ''));
      return true;
    });
    // A literal path such as /v1/customers/search goes before /v1/customers/:id.
    if (fits && (!best || ids.length < best.ids.length)) best = { route: candidate, ids };
  }
  return best;
}
