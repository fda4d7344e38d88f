import { parameterInvalid } from '../http/errors.js';
import { integer, text, type Values } from '../http/parameters.js';

export const searchFields = { query: text().required(), limit: integer(1, 100), page: text() };

interface Clause {
  field: string;
  key: string | null;
  operator: string;
  value: string;
  negated: boolean;
}

/** Stripe's search language: `metadata['k']:'v'`, `email~"x"`, `created>1`, joined by one of AND, OR. */
export function search<T extends { id: string }>(url: string, rows: T[], params: Values<typeof searchFields>): object {
  const any = / OR /i.test(params.query);
  const clauses = params.query.split(any ? / OR /i : / AND /i).map((part) => clauseOf(part.trim()));
  const found = rows
    .filter((row) => (any ? clauses.some((one) => fits(row, one)) : clauses.every((one) => fits(row, one))))
    .reverse();
  const start = Number(params.page ?? 0);
  const end = start + (params.limit ?? 10);
  return {
    object: 'search_result',
    url,
    has_more: end < found.length,
    next_page: end < found.length ? String(end) : null,
    data: found.slice(start, end),
  };
}

function clauseOf(part: string): Clause {
  const match = /^(-?)(\w+)(?:\[["'](.+?)["']\])?(:|~|>=|<=|>|<)(?:"(.*)"|'(.*)'|(\S+))$/s.exec(part);
  if (!match)
    throw parameterInvalid(
      'query',
      `We were unable to parse your search query near: ${part}. Write clauses such as email:'a@b.c' or metadata['key']:'value'.`,
    );
  const [, minus, field = '', key, operator = ':', double, single, bare] = match;
  return { field, key: key ?? null, operator, value: double ?? single ?? bare ?? '', negated: minus === '-' };
}

function fits(row: object, { field, key, operator, value, negated }: Clause): boolean {
  const held = (row as Record<string, unknown>)[field];
  const found = key === null ? held : (held as Record<string, unknown> | null)?.[key];
  return compare(found, operator, value) !== negated;
}

function compare(found: unknown, operator: string, value: string): boolean {
  if (operator === ':')
    return value === 'null'
      ? found === null || found === undefined
      : String(found).toLowerCase() === value.toLowerCase();
  if (operator === '~') return typeof found === 'string' && found.toLowerCase().includes(value.toLowerCase());
  if (typeof found !== 'number') return false;
  if (operator === '>') return found > Number(value);
  if (operator === '<') return found < Number(value);
  return operator === '>=' ? found >= Number(value) : found <= Number(value);
}
