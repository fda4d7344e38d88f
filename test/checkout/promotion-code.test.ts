import {
  DiscountDuration,
  type PromotionCodeState,
  type RedemptionAsked,
  refuseCode,
} from '../../src/checkout/promotion-code.js';

const NOW = Date.parse('2027-01-15T12:00:00.000Z');

const aCode = (differs: Partial<PromotionCodeState> = {}): PromotionCodeState => ({
  id: 'promo_1',
  code: 'SAVE',
  active: true,
  expiresAt: null,
  maxRedemptions: null,
  timesRedeemed: 0,
  customerId: null,
  firstTimeOnly: false,
  minimums: {},
  couponValid: true,
  redeemBy: null,
  currencies: null,
  productIds: null,
  discount: {
    label: 'SAVE',
    promotionCode: 'SAVE',
    percentOff: '10',
    amountOff: null,
    currency: null,
    duration: DiscountDuration.ONCE,
    endsAt: null,
  },
  ...differs,
});
const asked: RedemptionAsked = {
  now: NOW,
  customerId: 'cus_1',
  hasPaidBefore: true,
  amount: 2000,
  paidIn: 'USD',
  productIds: ['prod_team'],
};

describe('a promotion code', () => {
  it.each<[string, PromotionCodeState | null, Partial<RedemptionAsked>, string | null]>([
    ['is good', aCode(), {}, null],
    ['does not exist', null, {}, 'There is no such code.'],
    ['has expired', aCode({ expiresAt: NOW }), {}, 'The code SAVE has expired.'],
    ['belongs to a coupon that has expired', aCode({ redeemBy: NOW - 1 }), {}, 'The code SAVE has expired.'],
    ['ends later', aCode({ expiresAt: NOW + 1 }), {}, null],
    ['is used up', aCode({ maxRedemptions: 2, timesRedeemed: 2 }), {}, 'The code SAVE has been used up.'],
    ['is switched off', aCode({ active: false }), {}, 'The code SAVE is no longer valid.'],
    ['belongs to a coupon that is gone', aCode({ couponValid: false }), {}, 'The code SAVE is no longer valid.'],
    ['is for another customer', aCode({ customerId: 'cus_2' }), {}, 'The code SAVE is for another customer.'],
    ['is for this customer', aCode({ customerId: 'cus_1' }), {}, null],
    ['is for new customers', aCode({ firstTimeOnly: true }), {}, 'The code SAVE is for new customers only.'],
    ['is for a new customer', aCode({ firstTimeOnly: true }), { hasPaidBefore: false }, null],
    ['is for another plan', aCode({ productIds: ['prod_x'] }), {}, 'The code SAVE is not for this plan.'],
    ['is for some plan that is not named yet', aCode({ productIds: ['prod_x'] }), { productIds: null }, null],
    ['takes off another currency', aCode({ currencies: ['EUR'] }), {}, 'The code SAVE is not for prices in USD.'],
    ['needs more', aCode({ minimums: { USD: 2001 } }), {}, 'The code SAVE needs a larger purchase.'],
    ['needs just that', aCode({ minimums: { USD: 2000 } }), {}, null],
    [
      'needs an amount in another currency',
      aCode({ minimums: { EUR: 1 } }),
      {},
      'The code SAVE is not for prices in USD.',
    ],
    ['needs more of an amount that is not known yet', aCode({ minimums: { USD: 9999 } }), { amount: null }, null],
  ])('that %s is answered so', (_what, code, differs, reason) => {
    expect(refuseCode(code, { ...asked, ...differs })).toBe(reason);
  });
});
