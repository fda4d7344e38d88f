import { defaultFieldResolver, getOperationAST, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Context } from './context.js';

/** Mutations that lead to the till; each alias of one counts. */
const CHECKOUTS = ['createCheckoutSession', 'startSubscription'];

/** Puts the limit of checkouts before the resolvers of those mutations. */
export function limitCheckouts(schema: GraphQLSchema): GraphQLSchema {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const name of CHECKOUTS) {
    const field = mutations[name];
    if (!field) throw new Error(`There is no mutation ${name} to limit.`);
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (root, args, context: Context, info) => {
      const { caller, address, parts } = context;
      // Without a token the mutation is refused anyway.
      if (caller)
        await parts.rateLimits.takeCheckout({
          subject: caller.subject,
          account: caller.account ?? null,
          address: caller.account === undefined ? null : (address ?? null),
        });
      return (await resolve(root, args, context, info)) as unknown;
    };
  }
  return schema;
}

/** How many root fields a document asks for; fragments count as one. */
export const rootFieldsOf = (document: DocumentNode, operationName: string | null | undefined): number =>
  Math.max(1, getOperationAST(document, operationName)?.selectionSet.selections.length ?? 1);
