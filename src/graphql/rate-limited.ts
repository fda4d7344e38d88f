import { defaultFieldResolver, getOperationAST, type DocumentNode, type GraphQLSchema } from 'graphql';
import { UserErrorCode } from '../refusal.js';
import type { Context } from './context.js';

/** Mutations that lead to the till; each alias of one counts. */
const CHECKOUTS = ['createCheckoutSession', 'startSubscription'];

/** Refused before Stripe was asked: a typing error must not keep a customer from buying. */
const NEVER_BEGUN = [
  UserErrorCode.CONFLICT,
  UserErrorCode.INVALID,
  UserErrorCode.PLAN_NOT_AVAILABLE,
  UserErrorCode.QUANTITY_OUT_OF_RANGE,
  UserErrorCode.RETURN_URL_NOT_ALLOWED,
];

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
      if (!caller) return (await resolve(root, args, context, info)) as unknown;
      const asker = {
        subject: caller.subject,
        account: caller.account ?? null,
        address: caller.account === undefined ? null : (address ?? null),
      };
      await parts.rateLimits.takeCheckout(asker);
      const payload = (await resolve(root, args, context, info)) as { userErrors?: { code: UserErrorCode }[] } | null;
      if (payload?.userErrors?.some(({ code }) => NEVER_BEGUN.includes(code)))
        await parts.rateLimits.giveBackCheckout(asker);
      return payload;
    };
  }
  return schema;
}

/** How many root fields a document asks for; fragments count as one. */
export const rootFieldsOf = (document: DocumentNode, operationName: string | null | undefined): number =>
  Math.max(1, getOperationAST(document, operationName)?.selectionSet.selections.length ?? 1);
