import fc from 'fast-check';
import { readMetadata } from '../../src/plans/metadata.js';

const good = { app: 'billing', plan_id: 'team', tier: '1' };
const problemsOf = (differs: Record<string, string>) =>
  readMetadata({ ...good, ...differs }).problems.map(({ field }) => field);

describe("a product's metadata", () => {
  it('describes a plan', () => {
    const { plan } = readMetadata({
      ...good,
      region: 'eu',
      tenancy: 'shared',
      capabilities: ' api, exports,,sso ',
      limit_members_per_team: '20',
      limit_projects: '-1',
      limit_seats: 'infinity',
      anything: 'else',
    });

    expect(plan).toEqual({
      key: 'team',
      rank: 1,
      free: false,
      region: 'eu',
      tenancy: 'shared',
      features: [
        { key: 'api', kind: 'SWITCH', limit: null },
        { key: 'exports', kind: 'SWITCH', limit: null },
        { key: 'sso', kind: 'SWITCH', limit: null },
        { key: 'members-per-team', kind: 'LIMIT', limit: 20 },
        { key: 'projects', kind: 'LIMIT', limit: null },
        { key: 'seats', kind: 'LIMIT', limit: null },
      ],
    });
  });

  it('describes the free plan by its key', () => {
    expect(readMetadata({ ...good, plan_id: 'free' }).plan).toMatchObject({
      free: true,
      region: null,
      tenancy: null,
      features: [],
    });
  });

  it.each([
    [{ plan_id: '' }, ['plan_id']],
    [{ plan_id: 'Team' }, ['plan_id']],
    [{ plan_id: '-team' }, ['plan_id']],
    [{ plan_id: 'te am' }, ['plan_id']],
    [{ plan_id: 't'.repeat(64) }, ['plan_id']],
    [{ tier: '' }, ['tier']],
    [{ tier: '1.5' }, ['tier']],
    [{ tier: '-1' }, ['tier']],
    [{ tier: '1e3' }, ['tier']],
    [{ tier: '9999999' }, ['tier']],
    [{ limit_projects: 'many' }, ['limit_projects']],
    [{ limit_projects: '-2' }, ['limit_projects']],
    [{ limit_projects: '1.5' }, ['limit_projects']],
    [{ limit_projects: '' }, ['limit_projects']],
    [{ limit_projects: '9007199254740993' }, ['limit_projects']],
    [{ plan_id: '', tier: 'x', limit_a: 'x', limit_b: 'y' }, ['plan_id', 'tier', 'limit_a', 'limit_b']],
  ])('of %j is refused, and every problem is named', (differs, fields) => {
    expect(problemsOf(differs)).toEqual(fields);
  });

  it('is either a plan or a list of problems, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('plan_id', 'tier', 'limit_x')), fc.string()),
        (metadata) => {
          const { plan, problems } = readMetadata(metadata);
          expect(plan === null).toBe(problems.length > 0);
        },
      ),
    );
  });
});
