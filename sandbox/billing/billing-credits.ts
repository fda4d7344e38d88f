import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import { netOf } from './price-lines.js';

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

/** What a grant pays of a line. */
interface Spending {
  grant: CreditGrant;
  line: string;
  amount: number;
}

/** What the customer's grants can pay of the metered lines, once discounts are off. */
function spendings(account: Account, invoice: Invoice, lines: Line[]): Spending[] {
  const grants = grantsInOrder(account, invoice);
  const left = new Map(grants.map(({ id }) => [id, balanceOf(account, id)]));
  return lines.flatMap((line) => {
    const price = account.store.get('price', line.pricing?.price_details?.price ?? '');
    let due = price?.recurring?.usage_type === 'metered' ? netOf(line) : 0;
    return grants.flatMap((grant) => {
      const held = left.get(grant.id) ?? 0;
      const amount = coversPrice(grant, price?.id ?? '') ? Math.min(due, held) : 0;
      if (amount <= 0) return [];
      due -= amount;
      left.set(grant.id, held - amount);
      return [{ grant, line: line.id, amount }];
    });
  });
}

function creditLines(lines: Line[], spent: { line: string; amount: number; transaction: string | null }[]): Line[] {
  return lines.map((line) => {
    const credits = spent
      .filter((one) => one.line === line.id)
      .map(({ amount, transaction }) => ({
        amount,
        credit_balance_transaction: transaction,
        type: 'credit_balance_transaction' as const,
      }));
    return credits.length === 0
      ? line
      : { ...line, pretax_credit_amounts: [...(line.pretax_credit_amounts ?? []), ...credits] };
  });
}

/** The discounted lines with what credits will pay of them; nothing of it is spent yet. */
export function expectCredits(account: Account, invoice: Invoice, lines: Line[]): Line[] {
  if (account.settings.draftCredits === 'at_finalization') return lines;
  return creditLines(
    lines,
    spendings(account, invoice, lines).map((one) => ({ ...one, transaction: null })),
  );
}

/** Spends the customer's grants on the discounted lines, before tax. */
export function spendCredits(account: Account, invoice: Invoice, lines: Line[]): Line[] {
  const spent = spendings(account, invoice, lines).map((one) => {
    const applied = { invoice: invoice.id, invoice_line_item: one.line };
    return { ...one, transaction: moveCredit(account, one.grant, -one.amount, 'credits_applied', applied).id };
  });
  return creditLines(lines, spent);
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
