import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { BillingError, badUserInput, toBillingError } from '../errors.js';
import { errorCatalogue } from '../errors-catalogue.js';
import type { Metrics } from '../operations/figures.js';
import type { Log } from '../ports.js';

/** Longer texts mostly repeat the caller's own input. */
const MAX_MESSAGE_LENGTH = 1_000;

const MASKED = 'Something went wrong inside the gateway.';

export interface ErrorPresentation {
  requestId: string;
  publicUrl: string;
  log: Log;
  metrics?: Metrics;
}

/**
 * Turns whatever was thrown into what a caller may see: a catalogued code, a message, where it happened, and the request id
 * under which the log knows more. Only BillingErrors and graphql-js's complaints about the request speak for themselves;
 * anything else is logged with its cause and told as INTERNAL, without stack, SQL or names of the inside.
 */
export function presentError(
  thrown: unknown,
  { requestId, publicUrl, log, metrics }: ErrorPresentation,
): GraphQLFormattedError {
  const error = classifyError(thrown);
  metrics?.count('billing_graphql_errors_total', { code: error.code });
  const located = thrown instanceof GraphQLError ? thrown : undefined;
  if (error.code === 'INTERNAL') {
    log.error(
      { err: error.cause ?? error, requestId, path: located?.path?.join('.') },
      'a request failed inside the gateway',
    );
  }
  return {
    message: error.code === 'INTERNAL' ? MASKED : withoutSuggestion(error.message).slice(0, MAX_MESSAGE_LENGTH),
    locations: located?.locations,
    path: located?.path,
    extensions: {
      code: error.code,
      requestId,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs ?? null,
      hint: error.hint ?? errorCatalogue[error.code].whatToDo,
      docsUrl: errorPageUrl(publicUrl, error.code),
    },
  };
}

/** Address of the page that says what a code means and what to do. */
export function errorPageUrl(publicUrl: string, code: string): string {
  return `${publicUrl}/errors/${code}`;
}

function classifyError(thrown: unknown): BillingError {
  if (!(thrown instanceof GraphQLError)) return toBillingError(thrown);
  const origin = originOf(thrown);
  if (origin instanceof BillingError) return thrown.path ? origin : withMessage(origin, thrown.message);
  if (!(origin instanceof GraphQLError)) return toBillingError(origin);
  return classifyGraphqlError(origin, thrown.path !== undefined);
}

/** graphql-js and Apollo wrap errors, some more than once. */
function originOf(error: GraphQLError): unknown {
  let origin: unknown = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}

/** Before execution graphql-js says which variable or literal was refused, and appends the scalar's own message. */
function withMessage(error: BillingError, message: string): BillingError {
  const { code, hint, retryable, retryAfterMs, cause } = error;
  return new BillingError(code, message, { hint, retryable, retryAfterMs, cause });
}

function classifyGraphqlError(error: GraphQLError, duringExecution: boolean): BillingError {
  // While executing, graphql-js complains about an argument of the caller or about a value that the gateway produced.
  if (duringExecution && !error.message.startsWith('Argument "')) return toBillingError(error);
  if (
    /^(Argument|Variable) "|^Too many errors processing variables|^Unknown operation named|^Must provide (an )?operation/.test(
      error.message,
    )
  ) {
    return badUserInput(error.message, 'Compare the variables and arguments with the schema.');
  }
  return new BillingError('DOCUMENT_REFUSED', error.message, {
    hint: 'Compare the document with the schema at /graphql.',
  });
}

/** Suggestions tell a stranger the names of a schema. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '');
}
