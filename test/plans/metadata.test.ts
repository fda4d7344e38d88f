import fc from 'fast-check';
import { seatsProblem } from '../../src/plans/plan.js';
import { isRecommended, readAddOnMetadata, readMetadata, seatsOf, trialDaysOf } from '../../src/plans/metadata.js';

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

  it('tells what is counted by the month, and which limits only warn', () => {
    const { plan } = readMetadata({ ...good, metered_api_calls: '1000', limit_seats: '3', soft_limits: 'api-calls' });

    expect(plan?.features).toEqual([
      { key: 'api-calls', kind: 'METERED', limit: 1000, soft: true },
      { key: 'seats', kind: 'LIMIT', limit: 3 },
    ]);
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
    [{ metered_calls: 'many' }, ['metered_calls']],
    [{ limit_calls: '1', metered_calls: '1' }, ['metered_calls']],
    [{ limit_calls: '1', soft_limits: 'calls,mails' }, ['soft_limits']],
    [{ kind: 'gift' }, ['kind']],
    [{ seats_min: '0' }, ['seats_min']],
    [{ seats_step: 'two' }, ['seats_step']],
    [{ seats_min: '5', seats_max: '4' }, ['seats_max']],
    [{ trial_days: '731' }, ['trial_days']],
    [{ trial_days: 'a week' }, ['trial_days']],
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

  it('takes the rank of a tier that is no number from plans.yaml', () => {
    const ranks = new Map([['team', 7]]);

    expect(readMetadata({ ...good, tier: 'pro' }, ranks).plan).toMatchObject({ rank: 7 });
    expect(readMetadata({ ...good, tier: 'pro' }, new Map([['pro', 8]])).plan).toMatchObject({ rank: 8 });
    expect(readMetadata({ ...good, tier: '2' }, ranks).plan).toMatchObject({ rank: 2 });
  });

  it('tells seats, trial and badge', () => {
    expect(seatsOf({ seats_min: '3', seats_max: '30', seats_step: '3' })).toEqual({ min: 3, max: 30, step: 3 });
    expect(seatsProblem(4, { min: 3, max: 30, step: 3 })).toBe('must be 3 to 30 in steps of 3, found 4');
    expect(seatsOf({ seats_max: '30' })).toEqual({ min: 1, max: 30, step: 1 });
    expect(seatsOf({})).toBeNull();
    expect(trialDaysOf({ trial_days: '14' })).toBe(14);
    expect(trialDaysOf({ trial_days: '0' })).toBeNull();
    expect(isRecommended({ recommended: 'true' })).toBe(true);
  });

  it('describes an add-on and the plans it goes with', () => {
    const metadata = { app: 'billing', kind: 'add_on', add_on_id: 'storage', plans: 'team, business', limit_gb: '100' };

    expect(readAddOnMetadata(metadata).addOn).toEqual({
      key: 'storage',
      forPlans: ['team', 'business'],
      features: [{ key: 'gb', kind: 'LIMIT', limit: 100 }],
    });
    expect(readAddOnMetadata({ plan_id: 'storage' }).addOn).toMatchObject({ key: 'storage', forPlans: null });
    expect(readAddOnMetadata({ add_on_id: 'So Much' }).problems).toMatchObject([{ field: 'add_on_id' }]);
  });
});
