import type { AccessDecision } from '../access/access.js';
import { type Change, changeOf } from '../history/change.js';
import type { StoredAccount } from './decision.js';

const VISIBLE = [
  'name',
  'email',
  'currency',
  'phone',
  'locale',
  'address',
  'defaultPaymentMethodId',
  'credit',
  'taxExempt',
  'taxLocation',
  'discounts',
] as const satisfies readonly (keyof StoredAccount)[];

/** What a person of the account would see differently: her details, her plan, what she may use. */
export function accountChanges(before: StoredAccount, after: StoredAccount): Change[] {
  const visible = (account: StoredAccount) => Object.fromEntries(VISIBLE.map((field) => [field, account[field]]));
  const answer = (decision: AccessDecision | null) =>
    decision && { allowed: decision.allowed, level: decision.level, reason: decision.reason, until: decision.until };
  return [
    changeOf('account', before.id, visible(before), visible(after)),
    changeOf('plan', before.id, { key: before.planKey }, { key: after.planKey }),
    changeOf('access', before.id, answer(before.announcedAccess) ?? {}, answer(after.announcedAccess)),
  ].filter((change) => change !== null);
}
