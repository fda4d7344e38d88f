import { createHash } from 'node:crypto';
import { GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { BillingError } from '../errors.js';
import { costOf } from './document-cost.js';
import { documentLimits, findExcess, tooCostly, tooNested } from './document-limits.js';

/** A document that fits the schema and the limits. */
export interface ReadDocument {
  document: DocumentNode;
  /** Of its text, hexadecimal. */
  sha256: string;
}

export interface DocumentReader {
  /** Parses, limits and validates; the same text is only worked on once. Returns what is wrong instead of throwing it. */
  read(text: string): ReadDocument | { errors: readonly GraphQLError[] };
  /** Why the operation, with these variables, may not run: its answer could be too large. */
  findCost(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>> | null | undefined,
  ): GraphQLError | undefined;
  /** A document that was read a moment ago. */
  bySha256(sha256: string): DocumentNode | undefined;
}

const MAX_KEPT_DOCUMENTS = 500;
/** Bounds the memory of the kept documents, whose trees take about a hundred times their text. */
const MAX_KEPT_CHARACTERS = 500_000;
const MAX_REPORTED_ERRORS = 5;

/** The one way from text to an executable document, for HTTP and sockets alike. 0 `fieldsPerAnswer` is no limit. */
export function createDocumentReader(schema: GraphQLSchema, fieldsPerAnswer = 0): DocumentReader {
  const byText = new Map<string, ReadDocument>();
  const bySha256 = new Map<string, DocumentNode>();
  let characters = 0;

  function forgetOldest(): void {
    const [text, { sha256 }] = byText.entries().next().value as [string, ReadDocument];
    byText.delete(text);
    bySha256.delete(sha256);
    characters -= text.length;
  }

  function keep(text: string, document: DocumentNode): ReadDocument {
    const read = { document, sha256: createHash('sha256').update(text).digest('hex') };
    byText.set(text, read);
    bySha256.set(read.sha256, document);
    characters += text.length;
    while (byText.size > MAX_KEPT_DOCUMENTS || characters > MAX_KEPT_CHARACTERS) forgetOldest();
    return read;
  }

  return {
    bySha256: (sha256) => bySha256.get(sha256),
    findCost(document, operationName, variables) {
      if (fieldsPerAnswer === 0) return undefined;
      const cost = costOf(schema, document, operationName, variables);
      return cost > fieldsPerAnswer ? tooCostly(cost, fieldsPerAnswer) : undefined;
    },
    read(text) {
      const known = byText.get(text);
      if (known) {
        byText.delete(text);
        byText.set(text, known);
        return known;
      }
      const result = parseWithinLimits(schema, text);
      return 'errors' in result ? result : keep(text, result.document);
    },
  };
}

function parseWithinLimits(
  schema: GraphQLSchema,
  text: string,
): { document: DocumentNode } | { errors: readonly GraphQLError[] } {
  if (Buffer.byteLength(text) > documentLimits.bytes) return { errors: [tooLong(text)] };
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: documentLimits.tokens });
  } catch (error) {
    // Nested so deeply that the parser's own calls overflow, before its tokens are too many.
    return { errors: [error instanceof RangeError ? tooNested() : (error as GraphQLError)] };
  }
  const excess = findExcess(document);
  if (excess) return { errors: [excess] };
  const errors = validate(schema, document, undefined, { maxErrors: MAX_REPORTED_ERRORS, hideSuggestions: true });
  return errors.length > 0 ? { errors } : { document };
}

function tooLong(text: string): GraphQLError {
  const error = new BillingError(
    'DOCUMENT_REFUSED',
    `A document may have ${documentLimits.bytes} bytes; this one has ${Buffer.byteLength(text)}.`,
    { hint: 'Send values as variables, and split large documents.' },
  );
  return new GraphQLError(error.message, { originalError: error });
}
