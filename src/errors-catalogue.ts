import type { ErrorCode } from './errors.js';

export interface CatalogueEntry {
  /** What happened, for somebody who meets the code for the first time. */
  meaning: string;
  /** What the calling code or its operator does next. */
  whatToDo: string;
}

/** Every code of the top-level `errors` list; `/errors/<code>` shows these. */
export const errorCatalogue = {
  UNAUTHENTICATED: {
    meaning: 'The request carries no token where one is needed, or the token was refused.',
    whatToDo:
      'Send `Authorization: Bearer <token>` (over a socket: connectionParams.authorization). Get a fresh token if it may have expired. The log, at level debug, names the check that failed.',
  },
  FORBIDDEN: {
    meaning: 'The token is good, but does not hold the role that the field needs.',
    whatToDo: 'Ask for a token with the role that the message names. Do not try again with the same token.',
  },
  NOT_FOUND: {
    meaning: 'There is no such object that you may see. Objects of other accounts look the same as absent ones.',
    whatToDo: 'Check the id, and that the token belongs to the account that owns the object.',
  },
  RATE_LIMITED: {
    meaning: 'Too much was asked at once.',
    whatToDo: 'Wait for `retryAfterMs` if it is given, then send less at a time.',
  },
  QUERY_TOO_COMPLEX: {
    meaning: 'The document is valid, but asks for more than one request may: too deep, too many aliases or fields.',
    whatToDo: 'Split the document, or ask for fewer fields and shorter pages.',
  },
  DOCUMENT_REFUSED: {
    meaning: 'The GraphQL document cannot be read or does not fit the schema; nothing was executed.',
    whatToDo: 'Compare the document with the schema. The explorer at /graphql checks while you type.',
  },
  BAD_USER_INPUT: {
    meaning: 'A variable, an argument or the request itself has the wrong form; nothing was executed.',
    whatToDo: 'The message names what was expected and what was found. Correct it and send the request again.',
  },
  PROVIDER_UNAVAILABLE: {
    meaning: 'Stripe did not answer, or answered with an outage.',
    whatToDo: 'Try again after `retryAfterMs` with the same idempotency key. Nothing is lost.',
  },
  IN_PROGRESS: {
    meaning: 'An earlier request with the same key, or on the same object, is still running.',
    whatToDo: 'Try again after `retryAfterMs`; the answer of the earlier request is kept for you.',
  },
  INTERNAL: {
    meaning: 'Something went wrong inside the gateway.',
    whatToDo: 'Search the log of the gateway for the `requestId`; the cause stands there.',
  },
} satisfies Record<ErrorCode, CatalogueEntry>;
