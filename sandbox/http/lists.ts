import { parameterInvalid, noSuch } from './errors.js';
import { integer, text, type Values } from './parameters.js';

export const paging = { limit: integer(1, 100), starting_after: text(), ending_before: text() };

export interface ListOf<T> {
  object: 'list';
  url: string;
  has_more: boolean;
  data: T[];
}

export function listOf<T>(url: string, data: T[]): ListOf<T> {
  return { object: 'list', url, has_more: false, data };
}

const SHOWN = 10;
const lists: Record<string, string> = { invoice: 'lines', subscription: 'items' };

export const isCut = ({ data }: ListOf<unknown>): boolean => data.length > SHOWN;

/** A replacer of JSON: an invoice brings its first ten lines, a subscription its first ten items, wherever it is found. */
export function cutLists(_field: string, value: unknown): unknown {
  const object = (value ?? {}) as Record<string, unknown>;
  const field = lists[String(object['object'])];
  const list = field === undefined ? undefined : (object[field] as ListOf<unknown> | undefined);
  if (field === undefined || !list || !isCut(list)) return value;
  return { ...object, [field]: { ...list, has_more: true, data: list.data.slice(0, SHOWN) } };
}

/** One page, newest first, of rows given oldest first. */
export function page<T extends { id: string }>(
  url: string,
  rows: T[],
  params: Values<typeof paging>,
  fits: (row: T) => boolean = () => true,
): ListOf<T> {
  const { limit = 10, starting_after: after, ending_before: before } = params;
  if (after !== undefined && before !== undefined) {
    throw parameterInvalid(
      'starting_after',
      'You may only specify one of these parameters: ending_before, starting_after.',
    );
  }
  const cursor = after ?? before;
  const place = cursor === undefined ? rows.length : rows.findLastIndex((row) => row.id === cursor);
  if (place < 0) throw noSuch('object', cursor ?? '', after !== undefined ? 'starting_after' : 'ending_before', 404);
  const found: T[] = [];
  const step = before === undefined ? -1 : 1;
  let more = false;
  for (let at = place + step; at >= 0 && at < rows.length; at += step) {
    const row = rows[at];
    if (row === undefined || !fits(row)) continue;
    if (found.length === limit) {
      more = true;
      break;
    }
    found.push(row);
  }
  return { object: 'list', url, has_more: more, data: before === undefined ? found : found.reverse() };
}
