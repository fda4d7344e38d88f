import { BillingError } from '../errors.js';

/** Where a MySQL-compatible server is and who asks; the parts of DATABASE_URL. */
export interface ServerAddress {
  host: string;
  port: number;
  /** Set by `?socketPath=…`; host and port are not used then. */
  socketPath: string | undefined;
  user: string;
  password: string;
  database: string;
  /** Set by `?ssl=true`: encrypted, and the server's certificate is checked. */
  ssl: boolean;
}

/** Reads `mysql://` and `mariadb://` addresses. Throws BillingError when the address names no database or an option nobody knows. */
export function parseServerUrl(url: string): ServerAddress {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const unknown = [...searchParams.keys()].filter((name) => name !== 'socketPath' && name !== 'ssl');
  if (unknown.length > 0) {
    throw wrongAddress(`has the option ${unknown.join(', ')}`, 'Known are ssl=true and socketPath=<path>.');
  }
  const database = decodeURIComponent(pathname.slice(1));
  if (database === '') throw wrongAddress('names no database', 'Write mariadb://user:password@host:3306/<database>.');
  return {
    // An IPv6 address stands in brackets in a URL and without them everywhere else.
    host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(port || 3306),
    socketPath: searchParams.get('socketPath') ?? undefined,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
    ssl: searchParams.get('ssl') === 'true',
  };
}

const wrongAddress = (found: string, hint: string) =>
  new BillingError('INTERNAL', `DATABASE_URL ${found}. ${hint}`, { hint });

/** The address as it may be shown: without the password. */
export const nameOf = ({ host, port, socketPath }: ServerAddress): string => socketPath ?? `${host}:${port}`;

/** Says why a server could not be opened: what was asked, what was found, what to do. The driver's error is the cause. */
export function explainRefusal(address: ServerAddress, thrown: unknown): BillingError {
  const code = String((thrown as { code?: unknown } | null)?.code ?? '');
  const [found, hint] = refusal(address, code, thrown);
  return new BillingError('INTERNAL', `${found} ${hint}`, { hint, cause: thrown, retryable: true });
}

function refusal(address: ServerAddress, code: string, thrown: unknown): [found: string, hint: string] {
  const where = nameOf(address);
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
      return [`The database server at ${where} refused the user '${address.user}'.`, refusedHint];
    case 'ER_DBACCESS_DENIED_ERROR':
      return [
        `The user '${address.user}' may not use the database '${address.database}' at ${where}.`,
        'Grant SELECT, INSERT, UPDATE and DELETE on it.',
      ];
    case 'ER_BAD_DB_ERROR':
      return [
        `The server at ${where} has no database '${address.database}'.`,
        `Create it: CREATE DATABASE \`${address.database}\` CHARACTER SET utf8mb4.`,
      ];
    case 'ER_CON_COUNT_ERROR':
      return [
        `The database server at ${where} has no connection left.`,
        'Raise max_connections or stop other clients.',
      ];
    default:
      return [
        `No database server answers at ${where} (${code || (thrown instanceof Error ? thrown.message : String(thrown))}).`,
        'Start it, or correct DATABASE_URL.',
      ];
  }
}

const refusedHint = 'Check user and password in DATABASE_URL; special characters are written percent-encoded.';
