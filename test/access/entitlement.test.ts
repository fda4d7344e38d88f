import fc from 'fast-check';
import { AccessLevel, FREE_ACCESS, Remedy } from '../../src/access/access.js';
import { decideEntitlement, EntitlementSource, type Standing } from '../../src/access/entitlement.js';
import { usageProblem } from '../../src/access/usage.js';
import { featuresOf } from '../../src/plans/feature.js';
import { FeatureKind, type PlanFeatureState } from '../../src/plans/plan.js';
import { DAY, NOW } from '../support/states.js';

const { SWITCH, LIMIT, METERED } = FeatureKind;
const feature = (key: string, kind: FeatureKind, limit: number | null = null): PlanFeatureState => ({
  key,
  kind,
  limit,
});
const plan = (key: string, ...features: PlanFeatureState[]) => ({ key, name: key, features });
type Sold = ReturnType<typeof plan>;

const small = plan('small', feature('seats', LIMIT, 3), feature('calls', METERED, 10));
const large = plan('large', feature('seats', LIMIT, 10), feature('calls', METERED), feature('sso', SWITCH));
const huge = plan('huge', feature('seats', LIMIT), feature('sso', SWITCH));
const window = { startsAt: NOW - DAY, endsAt: NOW + 29 * DAY };

function standing(of: Sold, used: Record<string, number> = {}, differs: Partial<Standing<Sold>> = {}): Standing<Sold> {
  return {
    access: FREE_ACCESS,
    grants: new Map(of.features.map((one) => [one.key, { ...one, source: EntitlementSource.PLAN }])),
    features: featuresOf([small, large, huge], new Map()),
    window,
    counters: new Map(
      Object.entries(used).map(([key, count]) => [key, { feature: key, used: count, windowStart: NOW }]),
    ),
    ladder: [small, large, huge],
    ...differs,
  };
}
const decide = (held: Standing<Sold>, key: string, quantity = 1) => decideEntitlement(held, key, quantity);

describe('an entitlement', () => {
  it('has what is left, up to the limit and not beyond', () => {
    const held = standing(small, { seats: 2 });

    expect(decide(held, 'seats')).toMatchObject({ granted: true, limit: 3, used: 2, remaining: 1, deniedReason: null });
    expect(decide(held, 'seats', 2)).toMatchObject({ deniedReason: 'LIMIT_REACHED', remedy: 'CHOOSE_PLAN' });
  });

  it('names the cheapest plan that has enough for what is used and asked', () => {
    const unlocking = (used: number, quantity: number) =>
      decide(standing(small, { seats: used }), 'seats', quantity).unlockedBy?.key;

    expect([unlocking(3, 7), unlocking(3, 8), unlocking(2, 1)]).toEqual(['large', 'huge', undefined]);
    expect(decide(standing(small), 'sso')).toMatchObject({ unlockedBy: { key: 'large' }, deniedReason: 'NOT_IN_PLAN' });
    expect(decide(standing(huge, { calls: 9 }), 'calls')).toMatchObject({
      unlockedBy: { key: 'small' },
      limit: 0,
      overBy: 9,
    });
  });

  it('shows what is used above the limit as it is', () => {
    expect(decide(standing(small, { seats: 8 }), 'seats')).toMatchObject({
      ...{ limit: 3, used: 8, remaining: 0, overBy: 5, unlimited: false },
      deniedReason: 'LIMIT_REACHED',
    });
  });

  it('of the month counts what was used since it began', () => {
    const before = new Map([['calls', { feature: 'calls', used: 10, windowStart: window.startsAt - 1 }]]);

    expect(decide(standing(small, { calls: 10 }), 'calls')).toMatchObject({ used: 10, resetsAt: window.endsAt });
    expect(decide(standing(small, {}, { counters: before }), 'calls')).toMatchObject({ used: 0, deniedReason: null });
  });

  it('goes on above a soft limit', () => {
    const grants = new Map([
      ['seats', { ...feature('seats', LIMIT, 3), soft: true as const, source: EntitlementSource.ADD_ON }],
    ]);

    expect(decide(standing(small, { seats: 8 }, { grants }), 'seats', 5)).toMatchObject({
      ...{ softLimit: true, overBy: 5, deniedReason: null, source: 'ADD_ON' },
    });
  });

  it('is withdrawn with access, and a plan is not what is missing then', () => {
    const overdue = { ...FREE_ACCESS, allowed: false, level: AccessLevel.NONE, remedy: Remedy.PAY_INVOICE };
    const limited = { ...FREE_ACCESS, level: AccessLevel.LIMITED, remedy: Remedy.PAY_INVOICE };

    expect(decide(standing(large, {}, { access: overdue }), 'sso')).toMatchObject({
      ...{ granted: false, unlimited: false, deniedReason: 'NO_ACCESS', remedy: 'PAY_INVOICE', unlockedBy: null },
    });
    expect(decide(standing(small, {}, { access: limited }), 'sso')).toMatchObject({
      ...{ deniedReason: 'NOT_IN_PLAN', remedy: 'PAY_INVOICE', unlockedBy: null },
    });
  });

  it('of what nothing grants is told from what this plan lacks', () => {
    expect(decide(standing(huge), 'time-travel')).toMatchObject({
      ...{
        feature: { key: 'time-travel' },
        granted: false,
        source: 'DEFAULT',
        deniedReason: 'FEATURE_UNKNOWN',
        remedy: 'NONE',
      },
    });
  });

  it('is refused with what would help, and with nothing that would not', () => {
    const hintOf = (of: Sold, key: string, used: number, quantity: number) =>
      usageProblem(decide(standing(of, { [key]: used }), key, quantity), { feature: key, quantity, enforceLimit: true })
        ?.details.hint;
    const always = 'ount it all the same with enforceLimit: false.';

    expect(hintOf(small, 'seats', 3, 1)).toBe(`Change to large, or give some back, or c${always}`);
    expect(hintOf(small, 'seats', 0, 4)).toBe(`Change to large, or c${always}`);
    expect(hintOf(large, 'seats', 10, 1)).toBe(`Change to huge, or give some back, or c${always}`);
    expect(hintOf(small, 'calls', 10, 1)).toBe(
      `Change to large, or wait until ${new Date(window.endsAt).toISOString()}, or c${always}`,
    );
    expect(hintOf(huge, 'calls', 10, 1)).toBe(`Change to large, or c${always}`);
  });

  it('is refused beyond what can be counted exactly, with what is counted and what was asked for', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const counted = decide(standing(huge, { seats: most }), 'seats', 1);

    expect(usageProblem(counted, { feature: 'seats', quantity: 1, enforceLimit: true })?.message).toBe(
      `${most} of 'seats' are counted; 1 more is too many to count exactly.`,
    );
  });

  it('is refused to be used exactly where it says so, unless it has happened already', () => {
    const amounts = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), amounts, fc.boolean(), (used, quantity, enforceLimit) => {
        const entitlement = decide(standing(small, { seats: used }), 'seats', quantity);
        const problem = usageProblem(entitlement, { feature: 'seats', quantity, enforceLimit });
        expect(problem === null).toBe(!enforceLimit || used + quantity <= 3);
        if (problem) expect(problem.details.usage).toMatchObject({ limit: 3, used, asked: quantity });
      }),
    );
  });
});
