import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import { billedTo } from './billed-to.js';
import { expectCredits } from './billing-credits.js';
import { settleCurrency } from './customer-currency.js';
import { discountRulesFor } from './discounts.js';
import { createLine, type Line, type NewLine, type Subscription } from './lines.js';
import { keepInvoiceLimit } from './invoice-limit.js';
import { takeItems } from './pending-items.js';
import { discountLines, taxLines, totalsOf, type Totals } from './price-lines.js';
import { taxesFor } from './tax.js';

export type Invoice = Tables['invoice'];
type TaxRate = Tables['tax_rate'];

export interface NewInvoice {
  id: string;
  customer: string;
  currency: string;
  subscription: Subscription | null;
  billing_reason: NonNullable<Invoice['billing_reason']>;
  lines: NewLine[];
  period: { start: number; end: number };
  auto_advance?: boolean;
  collection_method?: Invoice['collection_method'];
  days_until_due?: number | null;
  default_payment_method?: string | null;
  description?: string | null;
  discounts?: string[];
  metadata?: Record<string, string>;
  automatic_tax?: boolean;
  default_tax_rates?: TaxRate[];
  proration_date?: number;
}

/** Stores a draft with its lines priced. The caller emits `invoice.created` when the subscription shows it. */
export function draftInvoice(account: Account, given: NewInvoice): Invoice {
  if (given.subscription) keepInvoiceLimit(account, given.subscription);
  settleCurrency(account, given.customer, given.currency);
  const lines = given.lines.map((line) => createLine(account, given.id, line));
  const invoice = pricedInvoice(account, emptyInvoice(account, given), lines);
  rememberDebits(account, invoice);
  takeItems(account, given.id, given.lines);
  return account.create('invoice', invoice);
}

/** The invoice with these lines, its discounts, credits, taxes and totals worked out anew. */
export function pricedInvoice(account: Account, invoice: Invoice, given: Line[], credit = expectCredits): Invoice {
  const { rounding } = account.settings;
  const customer = invoice.customer ? account.store.get('customer', invoice.customer) : undefined;
  const discounts = discountRulesFor(account, invoice, given);
  const { rulesFor, status } = taxesFor(account, invoice, customer);
  const lines = taxLines(credit(account, invoice, discountLines(given, discounts, rounding)), rulesFor, rounding);
  const totals = totalsOf(lines);
  return {
    ...invoice,
    ...dueOf(account, totals, invoice.currency, customer?.balance ?? 0),
    ...totals,
    automatic_tax: { ...invoice.automatic_tax, status },
    discounts: discounts.filter(({ item }) => item === null).map(({ id }) => id),
    lines: { object: 'list', url: `/v1/invoices/${invoice.id}/lines`, has_more: false, data: lines },
  };
}

export interface Due {
  amount_due: number;
  amount_remaining: number;
  starting_balance: number;
  ending_balance: number | null;
}

/** What is to be paid once the customer's balance has been counted in, and what that leaves of the balance. */
export function dueOf(account: Account, { total }: Pick<Totals, 'total'>, currency: string, balance: number): Due {
  const sum = total + balance;
  const tooSmall = sum > 0 && sum < (account.settings.minimumCharge[currency] ?? 0);
  const amount_due = sum < 0 || tooSmall ? 0 : sum;
  return { amount_due, amount_remaining: amount_due, starting_balance: balance, ending_balance: sum - amount_due };
}

function emptyInvoice(account: Account, given: NewInvoice): Invoice {
  const customer = account.store.get('customer', given.customer);
  const { subscription } = given;
  const now = account.now(given.customer);
  const collection_method = given.collection_method ?? subscription?.collection_method ?? 'charge_automatically';
  const daysUntilDue = given.days_until_due ?? subscription?.days_until_due ?? null;
  const metadata = subscription?.metadata ?? {};
  return {
    id: given.id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: given.auto_advance ?? true,
    automatic_tax: {
      disabled_reason: null,
      enabled: given.automatic_tax ?? subscription?.automatic_tax.enabled ?? false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: null,
    billing_reason: given.billing_reason,
    collection_method,
    created: now,
    currency: given.currency,
    custom_fields: null,
    customer: given.customer,
    customer_account: null,
    ...billedTo(account, given.customer),
    default_payment_method: given.default_payment_method ?? null,
    default_source: null,
    default_tax_rates: given.default_tax_rates ?? subscription?.default_tax_rates ?? [],
    description: given.description ?? null,
    discounts: given.discounts ?? subscription?.discounts ?? [],
    due_date: collection_method === 'send_invoice' ? now + (daysUntilDue ?? 30) * 86_400 : null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', url: `/v1/invoices/${given.id}/lines`, has_more: false, data: [] },
    livemode: false,
    metadata: given.metadata ?? {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: subscription
      ? {
          type: 'subscription_details',
          quote_details: null,
          subscription_details: {
            metadata,
            subscription: subscription.id,
            ...(given.proration_date === undefined ? {} : { subscription_proration_date: given.proration_date }),
          },
        }
      : null,
    payment_settings: {
      default_mandate: null,
      payment_method_options: (subscription?.payment_settings?.payment_method_options ?? null) as never,
      payment_method_types: (subscription?.payment_settings?.payment_method_types ?? null) as never,
    },
    period_end: given.period.end,
    period_start: given.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer?.test_clock ?? null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

/** Remembers what each line charged in advance, so that a later credit gives back what was really charged. */
function rememberDebits(account: Account, invoice: Invoice): void {
  const subscription = invoice.parent?.subscription_details?.subscription;
  const memory = subscription ? account.store.get('subscription_memory', subscription) : undefined;
  if (!memory) return;
  const debits = { ...memory.debits };
  for (const line of invoice.lines.data) {
    const item = line.parent?.subscription_item_details;
    if (item?.invoice_item) {
      // A proration's charge is known by its line from now on.
      debits[item.subscription_item] = (debits[item.subscription_item] ?? []).map((debit) =>
        debit.line === item.invoice_item ? { ...debit, line: line.id, invoice: invoice.id } : debit,
      );
    }
    if (!item || item.proration || line.amount <= 0 || line.period.end <= line.period.start) continue;
    if (line.period.end <= invoice.created) continue;
    const off = (line.discount_amounts ?? []).reduce((total, { amount }) => total + amount, 0);
    const fresh = {
      line: line.id,
      invoice: invoice.id,
      amount: line.amount - off,
      start: line.period.start,
      end: line.period.end,
      until: line.period.end,
    };
    debits[item.subscription_item] = [
      ...(debits[item.subscription_item] ?? []).filter((debit) => debit.until > invoice.created),
      fresh,
    ];
  }
  account.store.put('subscription_memory', { ...memory, debits });
}
