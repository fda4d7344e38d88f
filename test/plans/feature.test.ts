import { columnOf, featuresOf } from '../../src/plans/feature.js';
import { FeatureKind } from '../../src/plans/plan.js';

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
