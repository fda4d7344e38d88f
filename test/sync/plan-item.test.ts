import { planItem } from '../../src/sync/plan-item.js';

const item = (priceId: string, quantity: number | null) => ({
  id: `si_${priceId}`,
  subscriptionId: 'sub_1',
  priceId,
  quantity,
});
const known = new Map([['price_team', 'team']]);

describe('the item that carries the plan', () => {
  it.each([
    ['the only one', [item('price_team', 3)], { priceId: 'price_team', seats: 3 }],
    [
      'the plan behind an add-on',
      [item('price_storage', 9), item('price_team', 2)],
      { priceId: 'price_team', seats: 2 },
    ],
    ['one without a quantity, as one seat', [item('price_team', null)], { priceId: 'price_team', seats: 1 }],
    [
      'the first while no price is known',
      [item('price_new', 4), item('price_other', 5)],
      { priceId: 'price_new', seats: 4 },
    ],
  ])('is %s', (_what, items, expected) => {
    expect(planItem({ items, priceId: items[0]?.priceId ?? '', seats: items[0]?.quantity ?? 1 }, known)).toEqual(
      expected,
    );
  });
});
