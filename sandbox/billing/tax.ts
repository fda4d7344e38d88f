import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';
import type { TaxRule } from './price-lines.js';

/** The configured tax of the customer's country; without a country there is none to apply. */
export function taxRuleFor(
  account: Account,
  customer: Tables['customer'] | undefined,
): { rule: TaxRule | null; status: string } {
  const country = customer?.address?.country;
  if (!country) return { rule: null, status: 'requires_location_inputs' };
  const exempt = customer.tax_exempt === 'exempt' || customer.tax_exempt === 'reverse';
  const percent = exempt ? 0 : (account.settings.taxPercent[country] ?? 0);
  return {
    status: 'complete',
    rule: {
      rate: `txr_sandbox_${country.toLowerCase()}`,
      percent,
      inclusive: (line) =>
        account.store.get('price', line.pricing?.price_details?.price ?? '')?.tax_behavior === 'inclusive',
    },
  };
}
