import DataLoader from 'dataloader';
import type { Queries } from '../database/database.js';
import { LARGEST_COUNT, type Page } from '../graphql/connection.js';
import type { Instant } from '../ports.js';
import { Invoice } from './invoice.entity.js';
import type { InvoiceStatus } from './invoice.js';

export enum InvoiceOrder {
  NEWEST_FIRST = 'NEWEST_FIRST',
  OLDEST_FIRST = 'OLDEST_FIRST',
}

/** Which invoices of an account are wanted; all of what is given must fit. */
export interface InvoiceFilterState {
  statuses?: InvoiceStatus[] | null;
  createdFrom?: Instant | null;
  /** Exclusive. */
  createdTo?: Instant | null;
  /** Part of the printed number, in any case. */
  search?: string | null;
}

/** Where an invoice stands in the list: the id decides between invoices of one second. */
export interface InvoicePosition {
  createdAt: Instant;
  id: string;
}

export interface InvoiceListKey {
  accountId: string;
  filter: InvoiceFilterState;
}

export interface InvoicePageKey extends InvoiceListKey {
  order: InvoiceOrder;
  page: Page<InvoicePosition>;
}

export interface InvoiceLoaders {
  /** One page, in the order it is read in, with one more when there is more. */
  invoicePage: DataLoader<InvoicePageKey, Invoice[], string>;
  /** Null above what is counted. */
  invoiceCount: DataLoader<InvoiceListKey, number | null, string>;
}

/** However many pages and counts a request asks for, they cost three statements: which, their rows, how many. */
export function createInvoiceLoaders(queries: Queries, invoice: DataLoader<string, Invoice | null>): InvoiceLoaders {
  return {
    invoicePage: new DataLoader(
      async (keys) => {
        const pages = await readPages(queries, keys);
        const found = await invoice.loadMany(pages.flat());
        const byId = new Map(found.flatMap((row) => (row instanceof Invoice ? [[row.id, row]] : [])));
        return pages.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
      },
      { cacheKeyFn: JSON.stringify },
    ),
    invoiceCount: new DataLoader((keys) => readCounts(queries, keys), { cacheKeyFn: JSON.stringify }),
  };
}

interface Part {
  sql: string;
  parameters: unknown[];
}

async function readPages(queries: Queries, keys: readonly InvoicePageKey[]): Promise<string[][]> {
  const parts = keys.map(pageStatement);
  const rows = await queries.rows<{ page: number | string; id: string; created_at: number | string }>(
    parts.map(({ sql }, at) => `SELECT ${at} AS page, id, created_at FROM (${sql}) AS page_${at}`).join(' UNION ALL '),
    parts.flatMap(({ parameters }) => parameters),
  );
  return keys.map((key, at) => {
    const mine = rows.filter(({ page }) => Number(page) === at);
    // A union keeps no order of its parts.
    const up = isAscending(key) ? 1 : -1;
    mine.sort((a, b) => up * (Number(a.created_at) - Number(b.created_at) || (a.id < b.id ? -1 : 1)));
    return mine.map(({ id }) => id);
  });
}

async function readCounts(queries: Queries, keys: readonly InvoiceListKey[]): Promise<(number | null)[]> {
  const parts = keys.map(conditionsOf);
  const rows = await queries.rows<{ list: number | string; entries: number | string }>(
    parts
      .map(({ sql }, at) => {
        const some = `SELECT id FROM invoices WHERE ${sql} LIMIT ${LARGEST_COUNT + 1}`;
        return `SELECT ${at} AS list, COUNT(*) AS entries FROM (${some}) AS list_${at}`;
      })
      .join(' UNION ALL '),
    parts.flatMap(({ parameters }) => parameters),
  );
  const counts = new Map(rows.map(({ list, entries }) => [Number(list), Number(entries)]));
  return keys.map((_key, at) => {
    const count = counts.get(at) ?? 0;
    return count > LARGEST_COUNT ? null : count;
  });
}

/** Whether the page is read from the oldest on; a page from the back is read against the order of its list. */
const isAscending = ({ order, page }: InvoicePageKey) => (order === InvoiceOrder.OLDEST_FIRST) !== page.backward;

function pageStatement(key: InvoicePageKey): Part {
  const { order, page } = key;
  const list = conditionsOf(key);
  const oldestFirst = order === InvoiceOrder.OLDEST_FIRST;
  const bounds = [
    ...(page.after ? [beyond(page.after, oldestFirst ? '>' : '<')] : []),
    ...(page.before ? [beyond(page.before, oldestFirst ? '<' : '>')] : []),
  ];
  const direction = isAscending(key) ? 'ASC' : 'DESC';
  return {
    sql: `SELECT id, created_at FROM invoices WHERE ${[list, ...bounds].map(({ sql }) => sql).join(' AND ')}
          ORDER BY created_at ${direction}, id ${direction} LIMIT ${page.size + 1}`,
    parameters: [list, ...bounds].flatMap(({ parameters }) => parameters),
  };
}

const beyond = ({ createdAt, id }: InvoicePosition, sign: '<' | '>'): Part => ({
  sql: `(created_at ${sign} ? OR (created_at = ? AND id ${sign} ?))`,
  parameters: [createdAt, createdAt, id],
});

function conditionsOf({ accountId, filter: { statuses, createdFrom, createdTo, search } }: InvoiceListKey): Part {
  const parts: Part[] = [{ sql: 'account_id = ?', parameters: [accountId] }];
  const add = (sql: string, ...parameters: unknown[]) => parts.push({ sql, parameters });
  if (statuses) add(statuses.length > 0 ? `status IN (${statuses.map(() => '?').join(', ')})` : '1 = 0', ...statuses);
  if (typeof createdFrom === 'number') add('created_at >= ?', createdFrom);
  if (typeof createdTo === 'number') add('created_at < ?', createdTo);
  if (search) add('INSTR(UPPER(number), ?) > 0', search.toUpperCase());
  return {
    sql: parts.map(({ sql }) => sql).join(' AND '),
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}
