/** Whether tax is taken, and from whom. */
export enum TaxStatus {
  TAXABLE = 'TAXABLE',
  EXEMPT = 'EXEMPT',
  REVERSE_CHARGE = 'REVERSE_CHARGE',
  UNKNOWN_LOCATION = 'UNKNOWN_LOCATION',
  NOT_COLLECTED = 'NOT_COLLECTED',
}

/** From Stripe's words about the customer, and from whether the gateway has tax worked out at all. */
export function taxStatusOf(
  { taxExempt, taxLocation }: { taxExempt: string | null; taxLocation: string | null },
  automaticTax: boolean,
): TaxStatus {
  if (taxExempt === 'exempt') return TaxStatus.EXEMPT;
  if (taxExempt === 'reverse') return TaxStatus.REVERSE_CHARGE;
  if (!automaticTax || taxLocation === 'not_collecting') return TaxStatus.NOT_COLLECTED;
  return taxLocation === 'supported' ? TaxStatus.TAXABLE : TaxStatus.UNKNOWN_LOCATION;
}
