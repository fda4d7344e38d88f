import type { Account } from '../account.js';
import { noSuch, parameterInvalid, parameterMissing } from '../http/errors.js';
import type { Tables } from '../store/tables.js';
import { share, timesQuantity } from './decimal.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import { taxesOn } from './price-lines.js';
import { ruleFor } from './tax.js';

type CreditNote = Tables['credit_note'];
export type CreditNoteLine = CreditNote['lines']['data'][number];

export interface CreditedLine {
  type: 'custom_line_item' | 'invoice_line_item';
  amount?: number;
  description?: string;
  invoice_line_item?: string;
  quantity?: number;
  tax_rates?: Tables['tax_rate'][];
  unit_amount?: number;
  unit_amount_decimal?: string;
}

type Part = { amount: number };

/** What a credit note takes back: parts of the invoice's lines, with their discounts and taxes, or something of its own. */
export function creditedLine(account: Account, invoice: Invoice, given: CreditedLine, param: string): CreditNoteLine {
  if (given.type === 'custom_line_item') return customLine(account, invoice, given, param);
  if (!given.invoice_line_item) throw parameterMissing(`${param}[invoice_line_item]`);
  const line = invoice.lines.data.find(({ id }) => id === given.invoice_line_item);
  if (!line) throw noSuch('invoice line item', given.invoice_line_item, `${param}[invoice_line_item]`, 400);
  const { rounding } = account.settings;
  const { quantity } = given;
  if (given.amount === undefined && quantity === undefined) throw parameterMissing(`${param}[amount]`);
  const amount = given.amount ?? share(line.amount, quantity ?? 0, line.quantity ?? 1, rounding);
  if (amount > line.amount || (quantity ?? 0) > (line.quantity ?? 1))
    throw parameterInvalid(
      `${param}[${quantity === undefined ? 'amount' : 'quantity'}]`,
      `The credit is greater than the line '${line.id}', which is ${line.quantity} for ${line.amount}.`,
    );
  const part = <P extends Part>(parts: P[] | null): P[] =>
    (parts ?? []).map((one) => ({ ...one, amount: share(one.amount, amount, line.amount, rounding) }));
  const discounts = part(line.discount_amounts as { amount: number; discount: string }[] | null);
  return {
    ...emptyLine(account),
    amount,
    description: given.description ?? line.description,
    discount_amount: sum(discounts),
    discount_amounts: discounts,
    invoice_line_item: line.id,
    pretax_credit_amounts: part(line.pretax_credit_amounts) as CreditNoteLine['pretax_credit_amounts'],
    quantity: quantity ?? null,
    taxes: part(line.taxes).map((tax) => ({
      ...tax,
      taxable_amount: share(tax.taxable_amount ?? 0, amount, line.amount, rounding),
    })) as CreditNoteLine['taxes'],
    type: 'invoice_line_item',
  };
}

function customLine(account: Account, invoice: Invoice, given: CreditedLine, param: string): CreditNoteLine {
  const { rounding } = account.settings;
  const { quantity = 1, unit_amount, unit_amount_decimal = String(unit_amount ?? '') } = given;
  if (given.amount === undefined && unit_amount_decimal === '') throw parameterMissing(`${param}[unit_amount]`);
  const amount = given.amount ?? timesQuantity(unit_amount_decimal, quantity, rounding);
  const customer = account.store.get('customer', invoice.customer ?? '');
  const tax_rates = given.tax_rates ?? [];
  return {
    ...emptyLine(account),
    amount,
    description: given.description ?? null,
    quantity,
    tax_rates,
    taxes: taxesOn(
      amount,
      tax_rates.map((rate) => ruleFor(customer, rate)),
      rounding,
      invoice.currency,
    ) as CreditNoteLine['taxes'],
    type: 'custom_line_item',
    unit_amount: unit_amount ?? null,
    unit_amount_decimal: unit_amount_decimal || null,
  };
}

function emptyLine(account: Account): Omit<CreditNoteLine, 'amount' | 'description' | 'quantity' | 'type'> {
  return {
    id: account.newId('cnli'),
    object: 'credit_note_line_item',
    discount_amount: 0,
    discount_amounts: [],
    livemode: false,
    metadata: null,
    pretax_credit_amounts: [],
    tax_rates: [],
    taxes: [],
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

export type NoteTotals = Pick<
  CreditNote,
  | 'amount'
  | 'discount_amount'
  | 'discount_amounts'
  | 'pretax_credit_amounts'
  | 'subtotal'
  | 'subtotal_excluding_tax'
  | 'total'
  | 'total_excluding_tax'
  | 'total_taxes'
>;

/** What the lines of a credit note come to. */
export function noteTotals(lines: CreditNoteLine[]): NoteTotals {
  const taxes = lines.flatMap((line) => line.taxes ?? []);
  const of = (behavior: string): number => sum(taxes.filter(({ tax_behavior }) => tax_behavior === behavior));
  const pretax = lines.flatMap((line) => line.pretax_credit_amounts);
  const subtotal = sum(lines);
  const net = subtotal - sum(pretax);
  const total = net + of('exclusive');
  const discount_amounts = lines.flatMap((line) => line.discount_amounts);
  return {
    amount: total,
    discount_amount: sum(discount_amounts),
    discount_amounts,
    pretax_credit_amounts: pretax as Line['pretax_credit_amounts'] as CreditNote['pretax_credit_amounts'],
    subtotal,
    subtotal_excluding_tax: subtotal - of('inclusive'),
    total,
    total_excluding_tax: net - of('inclusive'),
    total_taxes: taxes as CreditNote['total_taxes'],
  };
}

/** A credit note that names an amount, and nothing that it is for. */
export function plainTotals(amount: number): NoteTotals {
  return {
    amount,
    discount_amount: 0,
    discount_amounts: [],
    pretax_credit_amounts: [],
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
  };
}

function sum(parts: Part[]): number {
  return parts.reduce((all, { amount }) => all + amount, 0);
}
