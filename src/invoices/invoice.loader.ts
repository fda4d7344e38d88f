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

/**
 * Where an invoice stands in the list. Stripe tells whole seconds and gives ids no order; between invoices of one second
 * the printed number decides, which she counts up, and between drafts, which have none, the id.
 */
export interface InvoicePosition {
  createdAt: Instant;
  /** Empty for a draft. */
  number: string;
  id: string;
}

export const positionOf = ({ createdAt, number, id }: Invoice): InvoicePosition => ({
  createdAt,
  number: number ?? '',
  id,
});

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
        // A union keeps no order of its parts.
        return keys.map((key, at) => {
          const page = (pages[at] ?? []).flatMap((id) => byId.get(id) ?? []).sort(oldestFirst);
          return isAscending(key) ? page : page.reverse();
        });
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

function oldestFirst(a: Invoice, b: Invoice): number {
  const [left, right] = [positionOf(a), positionOf(b)];
  if (left.createdAt !== right.createdAt) return left.createdAt - right.createdAt;
  return left.number === right.number ? (left.id < right.id ? -1 : 1) : left.number < right.number ? -1 : 1;
}

async function readPages(queries: Queries, keys: readonly InvoicePageKey[]): Promise<string[][]> {
  const parts = keys.map(pageStatement);
  const rows = await queries.rows<{ page: number | string; id: string }>(
    parts.map(({ sql }, at) => `SELECT ${at} AS page, id FROM (${sql}) AS page_${at}`).join(' UNION ALL '),
    parts.flatMap(({ parameters }) => parameters),
  );
  return keys.map((_key, at) => rows.flatMap(({ page, id }) => (Number(page) === at ? [id] : [])));
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
  const grows = order === InvoiceOrder.OLDEST_FIRST;
  const bounds = [
    ...(page.after ? [beyond(page.after, grows ? '>' : '<')] : []),
    ...(page.before ? [beyond(page.before, grows ? '<' : '>')] : []),
  ];
  const direction = isAscending(key) ? 'ASC' : 'DESC';
  return {
    sql: `SELECT id FROM invoices WHERE ${[list, ...bounds].map(({ sql }) => sql).join(' AND ')}
          ORDER BY created_at ${direction}, number ${direction}, id ${direction} LIMIT ${page.size + 1}`,
    parameters: [list, ...bounds].flatMap(({ parameters }) => parameters),
  };
}

const beyond = ({ createdAt, number, id }: InvoicePosition, sign: '<' | '>'): Part => ({
  sql: `(created_at ${sign} ? OR (created_at = ? AND
         (COALESCE(number, '') ${sign} ? OR (COALESCE(number, '') = ? AND id ${sign} ?))))`,
  parameters: [createdAt, createdAt, number, number, id],
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
