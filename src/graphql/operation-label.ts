import { getOperationAST, Kind } from 'graphql';
import type { DocumentNode } from 'graphql';

/** Kind and root field, such as `query viewer`: names of the schema, never a text of the caller's. */
export function labelOf(read: { document: DocumentNode } | { errors: unknown }, operationName?: string | null): string {
  const operation = 'document' in read ? getOperationAST(read.document, operationName) : null;
  if (!operation) return 'query several';
  const fields = new Set(
    operation.selectionSet.selections.map((node) => (node.kind === Kind.FIELD ? node.name.value : null)),
  );
  const [only] = fields;
  return `${operation.operation} ${fields.size === 1 && only ? only : 'several'}`;
}
