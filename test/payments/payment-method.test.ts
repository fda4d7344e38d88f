import type Stripe from 'stripe';
import { toPaymentMethod } from '../../src/payments/payment-method.fetch.js';
import { defaultMethodId, expiresSoon, labelOf, PaymentMethodKind, toKind } from '../../src/payments/payment-method.js';

describe('a payment method', () => {
  it.each([
    ['card', PaymentMethodKind.CARD],
    ['sepa_debit', PaymentMethodKind.BANK_DEBIT],
    ['us_bank_account', PaymentMethodKind.BANK_DEBIT],
    ['paypal', PaymentMethodKind.WALLET],
    ['link', PaymentMethodKind.LINK],
    ['a_word_of_tomorrow', PaymentMethodKind.OTHER],
    ['constructor', PaymentMethodKind.OTHER],
  ])('of type %s is a %s', (raw, kind) => {
    expect(toKind(raw)).toBe(kind);
  });

  it.each([
    [{ kindRaw: 'card', brand: 'visa', last4: '4242' }, 'Visa ending 4242'],
    [{ kindRaw: 'card', brand: 'amex', last4: '0005' }, 'American Express ending 0005'],
    [{ kindRaw: 'card', brand: 'unknown', last4: '1111' }, 'Card ending 1111'],
    [{ kindRaw: 'card', brand: 'new_brand', last4: '1111' }, 'New Brand ending 1111'],
    [{ kindRaw: 'sepa_debit', brand: null, last4: '3000' }, 'SEPA debit ending 3000'],
    [{ kindRaw: 'us_bank_account', brand: 'Crédit Union', last4: '6789' }, 'Crédit Union ending 6789'],
    [{ kindRaw: 'link', brand: null, last4: null }, 'Link'],
  ])('%j reads %s', (method, label) => {
    expect(labelOf(method)).toBe(label);
  });

  it.each([
    ['2027-02-15T00:00:00Z', true],
    ['2027-01-29T23:59:59Z', false],
    ['2027-01-30T00:00:00Z', true],
    ['2027-03-01T00:00:00Z', true],
  ])('that expires in February 2027 expires soon on %s: %s', (now, soon) => {
    expect(expiresSoon({ expMonth: 2, expYear: 2027 }, Date.parse(now))).toBe(soon);
  });

  it('without an expiry never expires soon', () => {
    expect(expiresSoon({ expMonth: null, expYear: null }, Date.parse('2999-01-01T00:00:00Z'))).toBe(false);
  });

  it('is the default by the account, else by the main subscription', () => {
    const own = (id: string | null) => ({ defaultPaymentMethodId: id });

    expect(defaultMethodId(own('pm_a'), own('pm_s'))).toBe('pm_a');
    expect(defaultMethodId(own(null), own('pm_s'))).toBe('pm_s');
    expect(defaultMethodId(own(null), null)).toBeNull();
  });

  it('is read from the part that has the name of its type', () => {
    const raw = {
      id: 'pm_1',
      object: 'payment_method',
      customer: 'cus_1',
      type: 'us_bank_account',
      created: 1_700_000_000,
      us_bank_account: { bank_name: 'STRIPE TEST BANK', last4: '6789' },
    } as unknown as Stripe.PaymentMethod;

    expect(toPaymentMethod(raw)).toEqual({
      id: 'pm_1',
      customerId: 'cus_1',
      kind: 'BANK_DEBIT',
      kindRaw: 'us_bank_account',
      brand: 'STRIPE TEST BANK',
      last4: '6789',
      expMonth: null,
      expYear: null,
      createdAt: 1_700_000_000_000,
    });
  });

  it('of a kind that Stripe adds tomorrow is still listed', () => {
    const raw = { id: 'pm_1', customer: 'cus_1', type: 'telepathy', created: 1 } as unknown as Stripe.PaymentMethod;

    expect(toPaymentMethod(raw)).toMatchObject({ kind: 'OTHER', kindRaw: 'telepathy', brand: null, last4: null });
  });
});
