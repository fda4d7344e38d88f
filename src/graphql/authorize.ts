import type { AuthChecker } from 'type-graphql';
import { holds, Role } from '../auth/roles.js';
import { BillingError } from '../errors.js';
import type { Context } from './context.js';

/**
 * Guards every field that carries `@Authorized(Role.X)`: one of the named roles is enough. type-graphql asks before a
 * resolver runs, and for a subscription before its stream is opened and again before each push. Throws UNAUTHENTICATED
 * without a caller and FORBIDDEN with too little.
 *
 * An arrow function on purpose: type-graphql takes whatever has a `prototype` for a class and would try to build it.
 */
export const authorize: AuthChecker<Pick<Context, 'caller'>, Role> = ({ context: { caller }, info }, required) => {
  if (required.length > 0 && required.some((role) => holds(caller?.roles ?? [], role))) return true;
  if (caller === null) {
    throw new BillingError('UNAUTHENTICATED', `'${info.fieldName}' needs a token; none was sent.`, {
      hint: 'Send `Authorization: Bearer <token>`; over a socket as connectionParams.authorization.',
    });
  }
  if (required.length === 0) return true;
  throw new BillingError('FORBIDDEN', `'${info.fieldName}' needs the role ${required.join(' or ')}.`, {
    hint: `Your token holds ${caller.roles.join(', ')}.${waysOf(caller.roles, required)}`,
  });
};

/** An operator spends for others only where her token says so. */
const waysOf = (held: readonly Role[], required: readonly Role[]): string =>
  held.includes(Role.OPERATOR) && required.includes(Role.BILLING_ADMIN)
    ? ' With BILLING_ADMIN beside OPERATOR it may do so for the account that the input names.'
    : '';
