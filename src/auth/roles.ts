/** What the caller may do. A token holds one or more. */
export enum Role {
  PUBLIC = 'PUBLIC',
  MEMBER = 'MEMBER',
  BILLING_ADMIN = 'BILLING_ADMIN',
  SERVICE = 'SERVICE',
  SUPPORT = 'SUPPORT',
  OPERATOR = 'OPERATOR',
}

const implied: Record<Role, readonly Role[]> = {
  [Role.PUBLIC]: [],
  [Role.MEMBER]: [],
  [Role.BILLING_ADMIN]: [Role.MEMBER],
  [Role.SERVICE]: [Role.BILLING_ADMIN, Role.MEMBER],
  [Role.SUPPORT]: [],
  [Role.OPERATOR]: [Role.SUPPORT],
};

/** Whether one of the held roles is, or includes, the required one. PUBLIC is everybody's. */
export function holds(held: readonly Role[], required: Role): boolean {
  return required === Role.PUBLIC || held.some((role) => role === required || implied[role].includes(required));
}

/** Who is asking, as the verified token says it. Null where there is no token. */
export interface Caller {
  subject: string;
  /** External ids of the tenants that the token belongs to, the one meant by default first; none for service and staff. */
  accounts: string[];
  roles: Role[];
  /** When the token ends, in milliseconds of wall time. */
  expiresAt: number;
}

/**
 * Whether the caller may act for any account by naming it: your backend, and an operator who belongs to none and holds
 * BILLING_ADMIN as well.
 */
export function mayActForAny(caller: Caller | null): boolean {
  const { roles, accounts } = caller ?? { roles: [], accounts: [] };
  if (holds(roles, Role.SERVICE)) return true;
  return accounts.length === 0 && holds(roles, Role.OPERATOR) && holds(roles, Role.BILLING_ADMIN);
}
