import Stripe from 'stripe';
import { ConfigError } from '../config.js';

export const exitCodes = {
  fine: 0,
  failed: 1,
  /** Wrong options or settings. */
  usage: 2,
  /** Stripe holds something else than the file says. */
  drift: 3,
  /** The database, Stripe or the sandbox does not answer. */
  unreachable: 4,
} as const;

/** Ends a command with a message and a code, without a stack. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CommandFailed';
  }
}

const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
];

/** The exit code that fits whatever a command threw. */
export function exitCodeFor(thrown: unknown): number {
  if (thrown instanceof CommandFailed) return thrown.exitCode;
  if (thrown instanceof ConfigError) return exitCodes.usage;
  if (thrown instanceof Stripe.errors.StripeConnectionError) return exitCodes.unreachable;
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && networkCodes.includes(code)) return exitCodes.unreachable;
  return cause === undefined ? exitCodes.failed : exitCodeFor(cause);
}
