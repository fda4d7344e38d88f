import type { AccessDecision } from '../access/access.js';
import { type Change, changeOf } from '../history/change.js';
import type { StoredAccount } from './decide.js';

/** What a person of the account would see differently: her details, her plan, what she may use. */
export function accountChanges(before: StoredAccount, after: StoredAccount): Change[] {
  const visible = ({ name, email, currency, phone, locale, address, defaultPaymentMethodId }: StoredAccount) => ({
    name,
    email,
    currency,
    phone,
    locale,
    address,
    defaultPaymentMethodId,
  });
  const answer = (decision: AccessDecision | null) =>
    decision && { allowed: decision.allowed, level: decision.level, reason: decision.reason, until: decision.until };
  return [
    changeOf('account', before.id, visible(before), visible(after)),
    changeOf('plan', before.id, { key: before.planKey }, { key: after.planKey }),
    changeOf('access', before.id, answer(before.announcedAccess) ?? {}, answer(after.announcedAccess)),
  ].filter((change) => change !== null);
}
