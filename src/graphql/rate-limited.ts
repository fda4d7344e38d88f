import { getOperationAST, type DocumentNode } from 'graphql';

/** How many root fields a document asks for; fragments count as one. */
export const rootFieldsOf = (document: DocumentNode, operationName: string | null | undefined): number =>
  Math.max(1, getOperationAST(document, operationName)?.selectionSet.selections.length ?? 1);
