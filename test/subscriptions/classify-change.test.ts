import { BillingInterval } from '../../src/plans/plan.js';
import { ChangeKind, type ChangeSide, ChangeTiming, classifyChange } from '../../src/subscriptions/classify-change.js';

const side = (differs: Partial<ChangeSide> = {}): ChangeSide => ({
  planKey: 'team',
  rank: 1,
  priceId: 'price_team_month',
  interval: BillingInterval.MONTH,
  intervalCount: 1,
  unitAmount: 2_000,
  seats: 1,
  extras: [],
  extrasAmount: 0,
  ...differs,
});
const business = side({ planKey: 'business', rank: 2, priceId: 'price_business_month', unitAmount: 9_900 });
const year = side({ priceId: 'price_team_year', interval: BillingInterval.YEAR, unitAmount: 20_000 });
const free = side({ planKey: 'free', rank: 0, priceId: null, interval: null, unitAmount: null });
const rival = side({ planKey: 'rival', priceId: 'price_rival', unitAmount: 1_000 });
const extra = (quantity: number) => ({
  extras: [{ priceId: 'price_storage', quantity }],
  extrasAmount: 450 * quantity,
});
const plain = { trialing: false, pending: false, timing: null };

describe('a change', () => {
  it.each([
    ['to a higher plan', side(), business, ChangeKind.UPGRADE, ChangeTiming.NOW, false],
    ['to a lower plan', business, side(), ChangeKind.DOWNGRADE, ChangeTiming.PERIOD_END, false],
    ['to the free plan', side(), free, ChangeKind.DOWNGRADE, ChangeTiming.PERIOD_END, false],
    ['from month to year', side(), year, ChangeKind.INTERVAL_CHANGE, ChangeTiming.NOW, true],
    ['from year to month', year, side(), ChangeKind.INTERVAL_CHANGE, ChangeTiming.PERIOD_END, true],
    ['to a higher plan from year to month', year, business, ChangeKind.UPGRADE, ChangeTiming.NOW, true],
    ['to more seats', side(), side({ seats: 2 }), ChangeKind.SEATS_ONLY, ChangeTiming.NOW, false],
    ['to fewer seats', side({ seats: 2 }), side(), ChangeKind.SEATS_ONLY, ChangeTiming.PERIOD_END, false],
    ['to more add-ons', side(), side(extra(1)), ChangeKind.SEATS_ONLY, ChangeTiming.NOW, false],
    ['to fewer add-ons', side(extra(2)), side(extra(1)), ChangeKind.SEATS_ONLY, ChangeTiming.PERIOD_END, false],
    [
      'to a seat more for many add-ons less',
      side(extra(9)),
      side({ seats: 2 }),
      ChangeKind.SEATS_ONLY,
      ChangeTiming.PERIOD_END,
      false,
    ],
    ['to the same add-ons', side(extra(2)), side(extra(2)), ChangeKind.NO_OP, ChangeTiming.NOW, false],
    [
      'to more of an add-on without one amount',
      side({ ...extra(1), extrasAmount: null }),
      side({ ...extra(2), extrasAmount: null }),
      ChangeKind.SEATS_ONLY,
      ChangeTiming.NOW,
      false,
    ],
    ['to a dearer plan of the same rank', rival, side(), ChangeKind.CROSSGRADE, ChangeTiming.NOW, false],
    ['to a cheaper plan of the same rank', side(), rival, ChangeKind.CROSSGRADE, ChangeTiming.PERIOD_END, false],
    [
      'to a new price of the same plan',
      side(),
      side({ priceId: 'new' }),
      ChangeKind.CROSSGRADE,
      ChangeTiming.NOW,
      false,
    ],
    [
      'from a price that is not known',
      side({ priceId: 'elsewhere', interval: null, unitAmount: null }),
      side(),
      ...([ChangeKind.CROSSGRADE, ChangeTiming.PERIOD_END, true] as const),
    ],
    ['to what is there', side(), side(), ChangeKind.NO_OP, ChangeTiming.NOW, false],
  ])('%s', (_name, from, to, kind, timing, resetsAnchor) => {
    expect(classifyChange(from, to, plain)).toMatchObject({ kind, timing, resetsAnchor });
  });

  it('to what is there takes back what is pending', () => {
    expect(classifyChange(side(), side(), { ...plain, pending: true }).kind).toBe(ChangeKind.REACTIVATION);
  });

  it('to a plan of the same rank tells whether that costs less, in a trial too', () => {
    const tells = (from: ChangeSide, to: ChangeSide) =>
      [plain, { ...plain, trialing: true }].map((context) => classifyChange(from, to, context).costsLess);
    const rivalYear = { ...rival, interval: BillingInterval.YEAR, unitAmount: 20_000 };

    expect(tells(side(), rival)).toEqual([true, true]);
    expect(tells(side(), rivalYear)).toEqual([true, true]);
    expect(tells(rival, side())).toEqual([false, false]);
    expect(tells(side(), { ...rival, unitAmount: 2_000 })).toEqual([false, false]);
  });

  it('in a trial happens now and keeps the trial, except to the free plan', () => {
    const trial = { ...plain, trialing: true };

    expect(classifyChange(business, side(), trial)).toMatchObject({ timing: ChangeTiming.NOW });
    expect(classifyChange(side(), year, trial)).toMatchObject({ timing: ChangeTiming.NOW, resetsAnchor: false });
    expect(classifyChange(side(), free, trial)).toMatchObject({ timing: ChangeTiming.PERIOD_END });
  });

  it('happens when it was asked to, where that makes sense', () => {
    const now = { ...plain, timing: ChangeTiming.NOW };
    const later = { ...plain, timing: ChangeTiming.PERIOD_END };

    expect(classifyChange(business, side(), now).timing).toBe(ChangeTiming.NOW);
    expect(classifyChange(side(), business, later).timing).toBe(ChangeTiming.PERIOD_END);
    expect(classifyChange(side(), free, now).timing).toBe(ChangeTiming.PERIOD_END);
  });
});
