import { Field, ID, InputType } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { accountIdOf, isAccountId, newAccount } from '../accounts/account.js';
import { ensureAccount } from '../accounts/ensure-account.js';
import { isExternalId } from '../auth/external-id.js';
import { type Caller, holds, mayActForAny, Role } from '../auth/roles.js';
import { BillingError, notFound } from '../errors.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import type { Context } from './context.js';

/** How every argument and input field reads that names an account. */
export const ACCOUNT = {
  nullable: true,
  description:
    "Id of the account, or your own id for it. One of the token's when not given: the one that the X-Billing-Account header names, or else the first. Your backend names any.",
} as const;

@InputType()
export class OfAccount {
  @Field(() => ID, ACCOUNT)
  account?: string | null;
}

/** What an operation says of the account that it works for. */
export interface Named {
  account?: string | null;
  /** Your own id for it, and nothing else. */
  externalId?: string;
  /** Reads whose the thing is that is named instead of an account; null when there is no such thing. */
  owner?: (() => Promise<string | null>) | null;
}

type Chosen = { externalId: string } | { id: string };

/**
 * The account an operation works for: the one it names, else the header's, else the owner of what it names, else the
 * token's first. Names select among the token's accounts; only your backend names any other. Another tenant's is as absent
 * as one that does not exist. Throws NOT_FOUND, FORBIDDEN when nothing names one, or the refusal of an input that cannot be stored.
 */
async function chooseAccount(
  { caller, account: header, unusable }: Context,
  { account, externalId, owner }: Named,
): Promise<Chosen> {
  if (unusable) throw unusable;
  const own = caller?.accounts ?? [];
  const any = mayActForAny(caller);
  if (externalId !== undefined && (any || own.includes(externalId))) return { externalId };
  const name = account ?? externalId ?? header;
  if (name !== undefined) return ownNamed(own, name) ?? anyNamed(any, name);
  if (owner && (any || own.length > 1)) {
    const id = await owner();
    const mine = own.find((externalId) => accountIdOf(externalId) === id);
    if (mine !== undefined) return { externalId: mine };
    if (any && id !== null) return { id };
    if (own.length === 0)
      throw new Refusal(UserErrorCode.NOT_FOUND, 'No account has what the input names.', { field: ['input'] });
  }
  const [first] = own;
  if (first !== undefined) return { externalId: first };
  throw new BillingError('FORBIDDEN', 'Your token belongs to no account, and none is named.', {
    hint: 'Name one: your backend by `account` or the X-Billing-Account header, an issuer by the `account` claim.',
  });
}

function ownNamed(own: readonly string[], name: string): Chosen | undefined {
  const mine = own.find((externalId) => name === externalId || name === accountIdOf(externalId));
  return mine === undefined ? undefined : { externalId: mine };
}

function anyNamed(any: boolean, name: string): Chosen {
  if (!any) throw notFound('account', name);
  if (isAccountId(name)) return { id: name };
  if (isExternalId(name)) return { externalId: name };
  throw notFound('account', name);
}

/** The account to read. Before its first write it is the free account at revision 0. Throws NOT_FOUND, FORBIDDEN. */
export async function readViewerAccount(context: Context, named: Named = {}): Promise<Account> {
  const chosen = await chooseAccount(context, named);
  const { loaders, parts } = context;
  if ('id' in chosen) {
    const held = await loaders.account.load(chosen.id);
    if (held) return held;
    throw notFound('account', chosen.id);
  }
  return readOwnAccount({ loaders, parts }, chosen.externalId);
}

const NOTHING_KEPT = { announcedAccess: null, timeZone: null, metadata: null };

export async function readOwnAccount(
  { loaders, parts }: Pick<Context, 'loaders' | 'parts'>,
  externalId: string,
): Promise<Account> {
  const held = await loaders.account.load(accountIdOf(externalId));
  return held ?? Object.assign(new Account(), newAccount(externalId, parts.billing.now()), NOTHING_KEPT);
}

/** The same where no account is no error: null for who belongs to none and names none. */
export async function readViewerAccountIfAny(context: Context): Promise<Account | null> {
  const { caller, account } = context;
  return caller === null || (caller.accounts.length === 0 && account === undefined) ? null : readViewerAccount(context);
}

/** The same for writes and live streams: created when it is not there. What was read before is forgotten. */
export async function ensureViewerAccount(context: Context, named: Named = {}): Promise<Account> {
  const chosen = await chooseAccount(context, named);
  context.loaders.forget();
  if ('externalId' in chosen) return ensureAccount(context.parts, chosen.externalId);
  const held = await context.loaders.account.load(chosen.id);
  if (held) return held;
  throw notFound('account', chosen.id);
}

/** The account that staff name, of whatever tenant; whether they may is declared on the field. Throws Refusal: NOT_FOUND. */
export async function readAnyAccount({ loaders, unusable }: Context, name: string): Promise<Account> {
  if (unusable) throw unusable;
  const held = await loaders.account.load(isAccountId(name) ? name : accountIdOf(name));
  if (held) return held;
  throw new Refusal(UserErrorCode.NOT_FOUND, 'There is no such account.', { field: ['input', 'account'] });
}

/** Whether the caller may read what belongs to this account: her own, or any for your backend and staff. */
export function maySeeAccount(caller: Caller | null, accountId: string | null): boolean {
  const roles = caller?.roles ?? [];
  if (holds(roles, Role.SERVICE) || holds(roles, Role.SUPPORT)) return true;
  return (caller?.accounts ?? []).some((externalId) => accountIdOf(externalId) === accountId);
}
