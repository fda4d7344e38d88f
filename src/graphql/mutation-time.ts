import { defaultFieldResolver, getNamedType, type GraphQLField, type GraphQLSchema, isInputObjectType } from 'graphql';
import { answeredBy } from '../stripe/patience.js';
import type { Context } from './context.js';
import { findUnusable } from './unusable.js';

/**
 * Gives all that one mutation asks Stripe a common limit, so that its caller has an answer in time. Arguments that cannot
 * be used are noted in the context, for the refusal to come where any other does. The Idempotency-Key header stands in for a
 * key that the input could give, and does not.
 */
export function limitMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    const takesKey = hasKey(field);
    field.resolve = (root, given: object, context: Context, info) => {
      const args = takesKey ? withKey(given, context.idempotencyKey) : given;
      const { wall, config } = context.parts;
      const mine = { ...context, unusable: findUnusable(args) };
      return answeredBy(wall.now() + config.stripe.calls.mutationMs, async () => resolve(root, args, mine, info));
    };
  }
  return schema;
}

function hasKey({ args }: GraphQLField<unknown, Context>): boolean {
  const input = args.map(({ type }) => getNamedType(type)).find(isInputObjectType);
  return input?.getFields().idempotencyKey !== undefined;
}

function withKey(args: { input?: { idempotencyKey?: string | null } }, header: string | undefined): object {
  const { input } = args;
  return header === undefined || typeof input?.idempotencyKey === 'string'
    ? args
    : { ...args, input: { ...input, idempotencyKey: header } };
}
