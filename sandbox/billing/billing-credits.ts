import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';

export type CreditGrant = Tables['billing.credit_grant'];
type Transaction = Tables['billing.credit_balance_transaction'];

const USUAL_PRIORITY = 50;

/** Writes down why a grant's balance moved: a positive value is credit, a negative one was spent, expired or voided. */
export function moveCredit(
  account: Account,
  grant: CreditGrant,
  value: number,
  type: string,
  line?: { invoice: string; invoice_line_item: string },
): Transaction {
  const currency = grant.amount.monetary?.currency ?? 'usd';
  const moved = {
    amount: { monetary: { currency, value: Math.abs(value) }, type: 'monetary' as const },
    ...(type === 'credits_application_invoice_voided' ? { [type]: line } : {}),
    ...(value < 0 ? { credits_applied: line ?? null } : {}),
    type,
  };
  const now = account.now(grant.customer);
  return account.create(
    'billing.credit_balance_transaction',
    {
      id: account.newId('cbtxn'),
      object: 'billing.credit_balance_transaction',
      created: now,
      credit: value >= 0 ? moved : null,
      credit_grant: grant.id,
      debit: value < 0 ? moved : null,
      effective_at: now,
      livemode: false,
      test_clock: grant.test_clock,
      type: value >= 0 ? 'credit' : 'debit',
    } as Transaction,
    'billing.credit_balance_transaction.created',
  );
}

/** What is left of a grant, whether or not it may be spent now. */
export function balanceOf(account: Account, grant: string): number {
  return account.store
    .where('billing.credit_balance_transaction', 'credit_grant', grant)
    .reduce(
      (sum, { credit, debit }) => sum + (credit?.amount.monetary?.value ?? 0) - (debit?.amount.monetary?.value ?? 0),
      0,
    );
}

export function spendable(grant: CreditGrant, now: number): boolean {
  return grant.voided_at === null && (grant.effective_at ?? 0) <= now && (grant.expires_at ?? Infinity) > now;
}

/** Which prices a grant pays for: all metered ones, or those it names. */
export function coversPrice({ applicability_config: { scope } }: CreditGrant, price: string): boolean {
  return scope.prices === undefined || scope.prices.some(({ id }) => id === price);
}

/** The grants that may be spent now, in the order in which Stripe spends them. */
function grantsInOrder(account: Account, invoice: Invoice): CreditGrant[] {
  const now = account.now(invoice.customer);
  const rank = (grant: CreditGrant): number[] => [
    grant.priority ?? USUAL_PRIORITY,
    grant.expires_at ?? Infinity,
    grant.category === 'promotional' ? 0 : 1,
    grant.effective_at ?? 0,
    grant.created,
  ];
  return account.store
    .where('billing.credit_grant', 'customer', invoice.customer ?? '')
    .filter((grant) => grant.amount.monetary?.currency === invoice.currency && spendable(grant, now))
    .sort((one, other) => {
      const theirs = rank(other);
      const place = rank(one).findIndex((value, at) => value !== theirs[at]);
      return place < 0 ? 0 : (rank(one)[place] ?? 0) - (theirs[place] ?? 0);
    });
}

/** Spends the customer's grants on the metered lines of a priced invoice, after discounts and before tax. */
export function spendCredits(account: Account, invoice: Invoice): Line[] {
  const grants = grantsInOrder(account, invoice);
  if (grants.length === 0) return invoice.lines.data;
  return invoice.lines.data.map((line) => {
    const price = account.store.get('price', line.pricing?.price_details?.price ?? '');
    if (price?.recurring?.usage_type !== 'metered') return line;
    let left = line.amount - (line.discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
    const spent: NonNullable<Line['pretax_credit_amounts']> = [];
    for (const grant of grants.filter((one) => coversPrice(one, price.id))) {
      const amount = Math.min(left, balanceOf(account, grant.id));
      if (amount <= 0) continue;
      left -= amount;
      const applied = { invoice: invoice.id, invoice_line_item: line.id };
      const { id } = moveCredit(account, grant, -amount, 'credits_applied', applied);
      spent.push({ amount, credit_balance_transaction: id, type: 'credit_balance_transaction' });
    }
    return spent.length === 0 ? line : { ...line, pretax_credit_amounts: spent };
  });
}

/** A voided invoice gives back what credits had paid of it. */
export function returnCredits(account: Account, invoice: Invoice): void {
  for (const line of invoice.lines.data) {
    for (const { amount, credit_balance_transaction: spent } of line.pretax_credit_amounts ?? []) {
      const grant = account.store.get('billing.credit_balance_transaction', spent ?? '')?.credit_grant;
      const held = account.store.get('billing.credit_grant', grant ?? '');
      const from = { invoice: invoice.id, invoice_line_item: line.id };
      if (held) moveCredit(account, held, amount, 'credits_application_invoice_voided', from);
    }
  }
}
