import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import { invoiceItemOf, type TaxRule } from './price-lines.js';
import { taxLocationOf } from './tax-location.js';

type TaxRate = Tables['tax_rate'];

export interface InvoiceTaxes {
  rulesFor: (line: Line) => TaxRule[];
  status: Invoice['automatic_tax']['status'];
}

/** How the lines of an invoice are taxed: by the customer's country where tax is automatic, else by the rates that were set. */
export function taxesFor(account: Account, invoice: Invoice, customer: Tables['customer'] | undefined): InvoiceTaxes {
  if (invoice.automatic_tax.enabled) return automaticTaxes(account, customer);
  const rulesFor = (line: Line): TaxRule[] => ratesOf(account, invoice, line).map((rate) => ruleFor(customer, rate));
  return { rulesFor, status: null };
}

/** The configured tax of the customer's country; without a country there is none to apply. */
export function automaticTaxes(account: Account, customer: Tables['customer'] | undefined): InvoiceTaxes {
  const location = customer ? taxLocationOf(account, customer) : null;
  if (!location) return { rulesFor: () => [], status: 'requires_location_inputs' };
  const rate = automaticRate(account, location.country);
  const rulesFor = (line: Line): TaxRule[] => {
    const price = account.store.get('price', line.pricing?.price_details?.price ?? '');
    return [ruleFor(customer, { ...rate, inclusive: price?.tax_behavior === 'inclusive' })];
  };
  return { rulesFor, status: 'complete' };
}

export function ruleFor(
  customer: Tables['customer'] | undefined,
  { id: rate, percentage: percent, inclusive }: Pick<TaxRate, 'id' | 'percentage' | 'inclusive'>,
): TaxRule {
  if (customer?.tax_exempt === 'exempt') return { rate, percent: 0, inclusive, reason: 'customer_exempt' };
  if (customer?.tax_exempt === 'reverse') return { rate, percent: 0, inclusive, reason: 'reverse_charge' };
  return { rate, percent, inclusive, reason: percent === 0 ? 'not_subject_to_tax' : 'standard_rated' };
}

/** The rates of the line's own invoice item or subscription item, else those of the whole invoice. */
function ratesOf(account: Account, invoice: Invoice, line: Line): TaxRate[] {
  const item = line.parent?.subscription_item_details?.subscription_item;
  const subscription = account.store.get('subscription', item ? (line.subscription ?? '') : '');
  const own = [
    account.store.get('invoiceitem', invoiceItemOf(line) ?? '')?.tax_rates,
    subscription?.items.data.find(({ id }) => id === item)?.tax_rates,
  ];
  return own.find((rates) => rates && rates.length > 0) ?? invoice.default_tax_rates;
}

/** Automatic tax has rates too, one for each country; nobody can put them on anything. */
function automaticRate(account: Account, country: string): TaxRate {
  const id = `txr_sandbox_${country.toLowerCase()}`;
  const percentage = account.settings.taxPercent[country] ?? 0;
  const held = account.store.get('tax_rate', id);
  if (held?.percentage === percentage) return held;
  const given = { display_name: 'Tax', percentage, inclusive: false, country, jurisdiction: country };
  return account.create('tax_rate', { ...taxRateFrom(account, given), id, active: false });
}

export interface NewTaxRate {
  display_name: string;
  percentage: number;
  inclusive: boolean;
  active?: boolean;
  country?: string | null;
  description?: string | null;
  jurisdiction?: string | null;
  metadata?: Record<string, string>;
  state?: string | null;
  tax_type?: TaxRate['tax_type'];
}

export function taxRateFrom(account: Account, given: NewTaxRate): TaxRate {
  return {
    id: account.newId('txr'),
    object: 'tax_rate',
    active: true,
    country: null,
    created: account.now(),
    description: null,
    effective_percentage: null,
    flat_amount: null,
    jurisdiction: null,
    jurisdiction_level: null,
    livemode: false,
    metadata: {},
    rate_type: 'percentage',
    state: null,
    tax_type: null,
    ...given,
  };
}
