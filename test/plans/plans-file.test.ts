import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlansFile, PlansFileError } from '../../src/plans/plans-file.js';

describe('plans.yaml', () => {
  it('may be what docs/catalogue.md shows', () => {
    const text = readFileSync(join(__dirname, '../../docs/catalogue.md'), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const { plans, addOns } = parsePlansFile(example, 'docs/catalogue.md');

    expect(Object.keys({ ...plans, ...addOns })).toEqual(['free', 'team', 'extra-storage']);
    expect(plans.team?.prices[0]).toMatchObject({ amount: 2000, currencies: { eur: 1900, jpy: 3000 } });
  });

  it('is refused with every problem at once, of its writing, its values and its meaning, each by its path', () => {
    const text = `
currency: dollars
plans:
  Team: { name: Team, rank: 1 }
  pro:
    name: 7
    name: ''
    rank: high
    color: red
    limits: { seats: many, api_calls: 5 }
    metered: { api-calls: 1.5 }
    softLimits: [nothing, api-calls]
    seats: { min: 5, max: 2 }
    prices:
      - { interval: fortnight, amount: 1.5 }
      - { interval: month, amount: 999999999999, currencies: { usd: -1 } }
      - { interval: month, amount: 100, currency: USD }
addOns:
  pro: { plans: [team], prices: none }
`;
    const refused = (() => {
      try {
        return parsePlansFile(text, 'plans.yaml');
      } catch (thrown) {
        return thrown;
      }
    })() as PlansFileError;

    expect(refused).toBeInstanceOf(PlansFileError);
    expect(refused.message.split('\n  - ').sort()).toEqual(
      [
        'plans.yaml cannot be used:',
        'line 7: this key stands here for the second time',
        'currency: must be a currency code such as usd',
        'plans.Team: must be a slug such as team',
        'plans.pro.name: must be a text that is not empty, found ""',
        'plans.pro.rank: must be a number, found "high"',
        "plans.pro: has no field 'color'",
        'plans.pro.limits.seats: must be a whole number or unlimited, found "many"',
        'plans.pro.metered.api-calls: must be a whole number or unlimited, found 1.5',
        "plans.pro.limits: 'api-calls' has two limits; keep one of them, under limits or under metered",
        "plans.pro.softLimits: 'nothing' has no limit here, neither under limits nor under metered",
        'plans.pro.seats.max: must be at least min (5), found 2',
        'plans.pro.prices.0.interval: must be one of day, week, month, year, found "fortnight"',
        'plans.pro.prices.0.amount: must be a whole number, found 1.5',
        'plans.pro.prices.1.amount: must be at most 99999999, found 999999999999',
        'plans.pro.prices.1.currencies.usd: must be at least 0, found -1',
        'plans.pro.prices: two prices a month in usd',
        'addOns.pro.name: is missing',
        'addOns.pro.prices: must be a list, found "none"',
        'addOns.pro: is the key of a plan',
        'addOns.pro.plans: there is no plan "team" in this file',
      ].sort(),
    );
  });

  it('takes only amounts that Stripe can charge in their currency', () => {
    const amounts = (prices: string) => () =>
      parsePlansFile(`plans: { pro: { name: Pro, rank: 1, prices: [${prices}] } }`, 'f');

    expect(
      amounts('{ interval: month, amount: 6150, currency: KWD, currencies: { isk: 500, jpy: 3001 } }'),
    ).not.toThrow();
    expect(amounts('{ interval: month, amount: 6155, currency: kwd, currencies: { isk: 550 } }')).toThrow(
      [
        '  - plans.pro.prices: Stripe charges kwd in steps of 10 minor units, found 6155 a month in kwd',
        '  - plans.pro.prices: Stripe charges isk in steps of 100 minor units, found 550 a month in isk',
      ].join('\n'),
    );
  });

  it.each([
    ['plans: [', 'plans.yaml cannot be used'],
    ['plans: *none', 'none'],
    ['- team', 'the file: must be fields with their values, found ["team"]'],
  ])('is refused as a whole when it is %s', (text, problem) => {
    expect(() => parsePlansFile(text, 'plans.yaml')).toThrow(problem);
  });
});
