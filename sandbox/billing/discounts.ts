import type { Account } from '../account.js';
import type { Invoice } from './draft-invoice.js';
import type { Line } from './lines.js';
import type { DiscountRule } from './price-lines.js';

/** The discounts that bear on an invoice: those of its items, then those of its subscription or itself. */
export function discountRulesFor(_account: Account, _invoice: Invoice, _lines: Line[]): DiscountRule[] {
  return [];
}
