import { addGrants, columnOf, featuresOf } from '../../src/plans/feature.js';
import { FeatureKind, type PlanFeatureState } from '../../src/plans/plan.js';

const api = { key: 'api', kind: FeatureKind.SWITCH, limit: null };
const members = (limit: number | null) => ({ key: 'members-per-team', kind: FeatureKind.LIMIT, limit });
const free = { features: [members(3)] };
const team = { features: [api, members(null)] };

describe('the features of a catalogue', () => {
  it('are listed once each, in the order of their first mention, and named after their keys', () => {
    expect(featuresOf([free, team], new Map())).toEqual([
      {
        id: 'feat_members-per-team',
        key: 'members-per-team',
        name: 'Members per team',
        description: null,
        kind: 'LIMIT',
        unit: null,
      },
      { id: 'feat_api', key: 'api', name: 'Api', description: null, kind: 'SWITCH', unit: null },
    ]);
  });

  it('carry the texts of plans.yaml', () => {
    const texts = new Map([['members-per-team', { name: 'Members', description: 'People', unit: 'member' }]]);
    const [feature] = featuresOf([free], texts);

    expect(feature).toMatchObject({ name: 'Members', description: 'People', unit: 'member' });
    expect(columnOf(free, featuresOf([free], texts)).map(({ label }) => label)).toEqual(['3 members']);
  });

  it('are counted where one is a capability as well as a limit', () => {
    const both = { features: [{ ...api, key: 'members-per-team' }, members(3)] };
    const all = featuresOf([both], new Map());

    expect(all).toMatchObject([{ key: 'members-per-team', kind: 'LIMIT' }]);
    expect(columnOf(both, all)).toMatchObject([{ included: true, limit: 3, label: '3' }]);
    expect(addGrants(both.features, [])).toEqual([members(3)]);
  });

  it('are shown by the month where they are counted so, and with their soft limits', () => {
    const calls = { key: 'calls', kind: FeatureKind.METERED, limit: 10_000, soft: true as const };
    const plan = { features: [calls] };
    const texts = new Map([['calls', { name: null, description: null, unit: 'call' }]]);

    expect(columnOf(plan, featuresOf([plan], texts))).toMatchObject([
      { label: '10,000 calls a month', limit: 10_000, softLimit: true },
    ]);
  });

  it('add up with what is bought on top, as often as it is bought, and end nowhere where one has no end', () => {
    const limitsOf = (plan: { features: PlanFeatureState[] }, extra: PlanFeatureState, quantity: number) =>
      addGrants(plan.features, [{ features: [extra], quantity }]).map(({ key, limit }) => [key, limit]);

    expect(limitsOf(free, members(5), 2)).toEqual([['members-per-team', 13]]);
    expect(limitsOf({ features: [] }, members(5), 2)).toEqual([['members-per-team', 10]]);
    expect(limitsOf(free, members(null), 1)).toEqual([['members-per-team', null]]);
    expect(limitsOf(team, members(5), 1)).toEqual([
      ['api', null],
      ['members-per-team', null],
    ]);
  });

  it('make a whole column for every plan', () => {
    const all = featuresOf([free, team], new Map());
    const column = (plan: typeof free) =>
      columnOf(plan, all).map(({ included, limit, label }) => [included, limit, label]);

    expect(column(free)).toEqual([
      [true, 3, '3'],
      [false, null, 'Not included'],
    ]);
    expect(column(team)).toEqual([
      [true, null, 'Unlimited'],
      [true, null, 'Included'],
    ]);
  });
});
