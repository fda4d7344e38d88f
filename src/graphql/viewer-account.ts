import { Account } from '../accounts/account.entity.js';
import { accountIdOf, newAccount } from '../accounts/account.js';
import { ensureAccount } from '../accounts/ensure-account.js';
import { holds, Role } from '../auth/roles.js';
import { BillingError, notFound } from '../errors.js';
import type { Context } from './context.js';

function externalIdOf({ caller }: Context): string {
  if (caller?.account !== undefined) return caller.account;
  throw new BillingError('FORBIDDEN', 'Your token belongs to no account.', {
    hint: 'Use a token with an `account` claim; it names the tenant by your own id.',
  });
}

/** The caller's account, from the verified token and nowhere else. Before its first write it is the free account at revision 0. */
export async function readViewerAccount(context: Context): Promise<Account> {
  const externalId = externalIdOf(context);
  const held = await context.loaders.account.load(accountIdOf(externalId));
  return (
    held ?? Object.assign(new Account(), newAccount(externalId, context.parts.billing.now()), { announcedAccess: null })
  );
}

/** The same, but created when it is not there: for writes and live streams. What was read before is forgotten. */
export function ensureViewerAccount(context: Context): Promise<Account> {
  context.loaders.forget();
  return ensureAccount(context.parts, externalIdOf(context));
}

/**
 * The account that an input names, for writes: the caller's own, or for your backend any, by its id or by your own.
 * Another tenant's is as absent as one that does not exist. Throws NOT_FOUND.
 */
export async function ensureNamedAccount(context: Context, id: string | null | undefined): Promise<Account> {
  const { caller, parts, loaders } = context;
  const own = caller?.account;
  if (id === null || id === undefined || (own !== undefined && (id === accountIdOf(own) || id === own)))
    return ensureViewerAccount(context);
  if (!holds(caller?.roles ?? [], Role.SERVICE)) throw notFound('account', id);
  loaders.forget();
  const held = await parts.database.read.manager.findOneBy(
    Account,
    id.startsWith('acc_') ? { id } : { externalId: id },
  );
  if (held) return held;
  if (id.startsWith('acc_')) throw notFound('account', id);
  return ensureAccount(parts, id);
}
