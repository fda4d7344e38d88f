import { type DocumentNode, getOperationAST, Kind } from 'graphql';

const CHECKOUTS = ['checkoutSession', 'checkoutUpdated', '__typename'];

/**
 * Whether every root field tells of a checkout, which needs no token. Only then is an expired one taken for none: whoever
 * comes back from Stripe's page must not meet a dead end, and everywhere else the client must learn that it needs a new one.
 */
export function asksOnlyForCheckouts(document: DocumentNode, operationName: string | null | undefined): boolean {
  const fields = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  return (
    fields.length > 0 && fields.every((field) => field.kind === Kind.FIELD && CHECKOUTS.includes(field.name.value))
  );
}
