import type { Account } from '../account.js';
import { balanceOf, coversPrice, moveCredit, spendable, type CreditGrant } from '../billing/billing-credits.js';
import { notPossible, parameterInvalid, parameterMissing } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import {
  choice,
  currency,
  integer,
  list,
  mergeMetadata,
  metadata,
  record,
  text,
  timestamp,
  type Values,
} from '../http/parameters.js';
import { route } from '../http/route.js';
import { find, findNamed } from './find.js';

const scope = record({ price_type: choice('metered'), prices: list(record({ id: text().required() }), 20) });

const creating = {
  amount: record({
    monetary: record({ currency: currency().required(), value: integer(1).required() }).required(),
    type: choice('monetary').required(),
  }).required(),
  applicability_config: record({ scope: scope.required() }).required(),
  category: choice('paid', 'promotional'),
  customer: text().required(),
  effective_at: timestamp(),
  expires_at: timestamp(),
  metadata: metadata(),
  name: text(100),
  priority: integer(0, 100),
};

function createGrant(account: Account, params: Values<typeof creating>): CreditGrant {
  const customer = findNamed(account, 'customer', params.customer, 'customer');
  const given = params.applicability_config.scope;
  if (!given.price_type === !given.prices) throw parameterMissing('applicability_config[scope][price_type]');
  for (const { id } of given.prices ?? [])
    if (findNamed(account, 'price', id, 'applicability_config[scope][prices]').recurring?.usage_type !== 'metered')
      throw parameterInvalid(
        'applicability_config[scope][prices]',
        `Credits pay for metered prices only; ${id} is none.`,
      );
  const now = account.now(customer.id);
  if (params.expires_at !== undefined && params.expires_at <= now)
    throw parameterInvalid('expires_at', 'expires_at must be in the future.');
  const grant = account.create(
    'billing.credit_grant',
    {
      id: account.newId('credgr'),
      object: 'billing.credit_grant',
      amount: params.amount,
      applicability_config: params.applicability_config,
      category: params.category ?? 'paid',
      created: now,
      customer: customer.id,
      customer_account: null,
      effective_at: params.effective_at ?? now,
      expires_at: params.expires_at ?? null,
      livemode: false,
      metadata: mergeMetadata({}, params.metadata),
      name: params.name ?? null,
      priority: params.priority ?? 50,
      test_clock: customer.test_clock ?? null,
      updated: now,
      voided_at: null,
    },
    'billing.credit_grant.created',
  );
  moveCredit(account, grant, params.amount.monetary.value, 'credits_granted');
  return grant;
}

/** Ends a grant: expired, what is left is gone; voided, it must never have been spent. */
function endGrant(account: Account, id: string, how: 'expired' | 'voided'): CreditGrant {
  const grant = find(account, 'billing.credit_grant', id);
  const now = account.now(grant.customer);
  if (grant.voided_at !== null || (grant.expires_at ?? Infinity) <= now)
    throw notPossible(`The credit grant '${id}' is already ${grant.voided_at === null ? 'expired' : 'voided'}.`);
  const left = balanceOf(account, id);
  if (how === 'voided' && left !== grant.amount.monetary?.value)
    throw notPossible(`The credit grant '${id}' was spent in part and cannot be voided; expire it instead.`);
  if (left > 0) moveCredit(account, grant, -left, `credits_${how}`);
  const patch = how === 'voided' ? { voided_at: now } : { expires_at: now };
  return account.update('billing.credit_grant', id, { ...patch, updated: now }, 'billing.credit_grant.updated');
}

const summing = {
  customer: text().required(),
  filter: record({
    applicability_scope: scope,
    credit_grant: text(),
    type: choice('applicability_scope', 'credit_grant').required(),
  }).required(),
};

function summarize(account: Account, { customer, filter }: Values<typeof summing>): unknown {
  const now = account.now(findNamed(account, 'customer', customer, 'customer').id);
  const wanted = filter.applicability_scope?.prices;
  const sums = new Map<string, { available: number; ledger: number }>();
  for (const grant of account.store.where('billing.credit_grant', 'customer', customer)) {
    if (filter.credit_grant !== undefined && grant.id !== filter.credit_grant) continue;
    if (wanted && !wanted.every(({ id }) => coversPrice(grant, id))) continue;
    const code = grant.amount.monetary?.currency ?? 'usd';
    const { available, ledger } = sums.get(code) ?? { available: 0, ledger: 0 };
    const left = balanceOf(account, grant.id);
    sums.set(code, { available: available + (spendable(grant, now) ? left : 0), ledger: ledger + left });
  }
  const shown = (code: string, value: number): unknown => ({ monetary: { currency: code, value }, type: 'monetary' });
  return {
    object: 'billing.credit_balance_summary',
    balances: [...sums].map(([code, { available, ledger }]) => ({
      available_balance: shown(code, available),
      ledger_balance: shown(code, ledger),
    })),
    customer,
    customer_account: null,
    livemode: false,
  };
}

const GRANTS = '/v1/billing/credit_grants';
const TRANSACTIONS = '/v1/billing/credit_balance_transactions';

export const creditGrantRoutes = [
  route('POST', GRANTS, creating, ({ account, params }) => createGrant(account, params)),
  route('GET', GRANTS, { ...paging, customer: text() }, ({ account, params }) =>
    page(
      GRANTS,
      account.store.all('billing.credit_grant'),
      params,
      (row) => params.customer === undefined || row.customer === params.customer,
    ),
  ),
  route('GET', `${GRANTS}/:id`, {}, ({ account, id }) => find(account, 'billing.credit_grant', id)),
  route(
    'POST',
    `${GRANTS}/:id`,
    { expires_at: timestamp().clearable(), metadata: metadata() },
    ({ account, params: { metadata: change, ...rest }, id }) => {
      const grant = find(account, 'billing.credit_grant', id);
      const patch = { ...rest, metadata: mergeMetadata(grant.metadata, change), updated: account.now(grant.customer) };
      return account.update('billing.credit_grant', id, patch, 'billing.credit_grant.updated');
    },
  ),
  route('POST', `${GRANTS}/:id/expire`, {}, ({ account, id }) => endGrant(account, id, 'expired')),
  route('POST', `${GRANTS}/:id/void`, {}, ({ account, id }) => endGrant(account, id, 'voided')),
  route('GET', '/v1/billing/credit_balance_summary', summing, ({ account, params }) => summarize(account, params)),
  route('GET', TRANSACTIONS, { ...paging, customer: text().required(), credit_grant: text() }, ({ account, params }) =>
    page(
      TRANSACTIONS,
      account.store.all('billing.credit_balance_transaction'),
      params,
      (row) =>
        account.store.get('billing.credit_grant', row.credit_grant)?.customer === params.customer &&
        (params.credit_grant === undefined || row.credit_grant === params.credit_grant),
    ),
  ),
  route('GET', `${TRANSACTIONS}/:id`, {}, ({ account, id }) => find(account, 'billing.credit_balance_transaction', id)),
];
