import type Stripe from 'stripe';
import { toCustomer } from '../../src/accounts/customer.fetch.js';
import { TaxStatus, taxStatusOf } from '../../src/accounts/tax-status.js';

const raw = (differs: object = {}) =>
  ({
    id: 'cus_1',
    metadata: {},
    email: null,
    balance: 0,
    tax_exempt: 'none',
    invoice_settings: { default_payment_method: null },
    discount: null,
    ...differs,
  }) as unknown as Stripe.Customer;

describe('a customer as Stripe shows her', () => {
  it('has credit where Stripe writes that she owes less than nothing', () => {
    expect(
      [-500, 0, 300].map((balance) => Object.is(toCustomer(raw({ balance })).credit, balance === 0 ? 0 : -balance)),
    ).toEqual([true, true, true]);
  });

  it('keeps a discount that the dashboard gave her, with its coupon and its code', () => {
    const coupon = {
      id: 'friend',
      name: 'Friend',
      percent_off: null,
      amount_off: 500,
      currency: 'usd',
      duration: 'forever',
    };
    const discount = { id: 'di_1', source: { coupon }, promotion_code: { code: 'HELLO' }, end: null };

    expect(toCustomer(raw({ discount })).discounts).toEqual([
      {
        id: 'di_1',
        label: 'HELLO',
        promotionCode: 'HELLO',
        percentOff: null,
        amountOff: 500,
        currency: 'USD',
        duration: 'FOREVER',
        endsAt: null,
      },
    ]);
    expect(toCustomer(raw()).discounts).toBeNull();
  });

  it.each([
    ['supported', 'supported'],
    ['not_collecting', 'not_collecting'],
    ['unrecognized_location', null],
    ['failed', null],
  ])('is somewhere only where that decides about tax: %s', (automatic_tax, taxLocation) => {
    expect(toCustomer(raw({ tax: { automatic_tax } })).taxLocation).toBe(taxLocation);
  });
});

describe('whether tax is taken', () => {
  it.each([
    ['exempt', 'supported', true, TaxStatus.EXEMPT],
    ['reverse', 'supported', true, TaxStatus.REVERSE_CHARGE],
    [null, 'supported', true, TaxStatus.TAXABLE],
    [null, 'supported', false, TaxStatus.NOT_COLLECTED],
    [null, 'not_collecting', true, TaxStatus.NOT_COLLECTED],
    [null, 'unrecognized_location', true, TaxStatus.UNKNOWN_LOCATION],
    [null, 'failed', true, TaxStatus.UNKNOWN_LOCATION],
    [null, null, true, TaxStatus.UNKNOWN_LOCATION],
  ])('with the words %s and %s, worked out: %s, is %s', (taxExempt, taxLocation, automaticTax, status) => {
    expect(taxStatusOf({ taxExempt, taxLocation }, automaticTax)).toBe(status);
  });
});
