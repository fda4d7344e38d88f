import pino from 'pino';
import type { Config } from '../config.js';
import type { Log } from '../ports.js';

/** Keys, secrets, tokens and e-mail addresses, wherever in a line they stand. */
const secrets: [RegExp, string][] = [
  [/\b((?:sk|rk)_(?:test|live)_)[\w-]+/g, '$1[hidden]'],
  [/\b(whsec_)[\w-]+/g, '$1[hidden]'],
  [/\b([a-z]+_\w+_secret_)\w+/g, '$1[hidden]'],
  // Cards begin with 3 to 6; instants in milliseconds, as long as a short card, with 1.
  [/\b[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}\b/g, '[card hidden]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token hidden]'],
  [/\b(Bearer )[\w.-]+/gi, '$1[hidden]'],
  [/([a-z]+:\/\/[^:/\s"]*:)[^@/\s"]+@/gi, '$1[hidden]@'],
  [/[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/g, '[e-mail hidden]'],
  [/("(?:\w*secret|password|\w*token|authorization|stripe-signature)":)"[^"]*"/gi, '$1"[hidden]"'],
];

export function hideSecrets(text: string): string {
  return secrets.reduce((hidden, [pattern, replacement]) => hidden.replace(pattern, replacement), text);
}

/** Writes to standard error: one JSON object per line, or one readable line at a terminal in development. */
export function createLog(
  config: Pick<Config, 'logLevel' | 'production'>,
  stream: NodeJS.WriteStream = process.stderr,
): Log {
  const readable = stream.isTTY && !config.production;
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      hooks: { streamWrite: (line) => hideSecrets(readable ? toReadable(line) : line) },
    },
    stream,
  );
}

/** Only what every error has: drivers and SDKs hang statements, parameters and whole requests on theirs. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return { name, code, message, stack, cause: cause === undefined ? undefined : describeError(cause) };
}

function toReadable(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, string> & {
    err?: { stack?: string };
  };
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stack = err ? `\n${err.stack ?? JSON.stringify(err)}` : '';
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${msg}${rest.join('')}${stack}\n`;
}
