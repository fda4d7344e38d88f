import fc from 'fast-check';
import { usageWindow } from '../../src/access/usage-window.js';
import { DAY } from '../support/states.js';

const at = (text: string) => Date.parse(`${text}T10:00:00.000Z`);
const window = (start: string, end: string | null, now: string) => {
  const { startsAt, endsAt } = usageWindow({ start: at(start), end: end === null ? null : at(end) }, at(now));
  return [startsAt, endsAt].map((moment) => new Date(moment).toISOString().slice(0, 10));
};

describe('the month that use is counted in', () => {
  it.each([
    ['is the billing period of a month', '2027-02-28', '2027-03-31', '2027-03-29', ['2027-02-28', '2027-03-31']],
    ['is a billing period that is shorter', '2027-01-04', '2027-01-11', '2027-01-10', ['2027-01-04', '2027-01-11']],
    ['is a month of a year', '2027-01-15', '2028-01-15', '2027-06-20', ['2027-06-15', '2027-07-15']],
    ['begins anew before the renewal is known', '2027-01-15', '2027-02-15', '2027-02-15', ['2027-02-15', '2027-03-15']],
    ['goes on when the subscription has ended', '2027-01-15', '2027-02-15', '2027-05-01', ['2027-04-15', '2027-05-15']],
    ['runs from the first day of an account', '2027-01-31', null, '2027-03-01', ['2027-02-28', '2027-03-31']],
  ])('%s', (_what, start, end, now, expected) => {
    expect(window(start, end, now)).toEqual(expected);
  });

  it('holds the moment, is no longer than 31 days, and the next one begins where it ends', () => {
    const start = at('2027-01-15');
    const length = fc.option(fc.integer({ min: 1, max: 800 }), { nil: null });
    fc.assert(
      fc.property(length, fc.integer({ min: 0, max: 2_000 * DAY }), (days, later) => {
        const span = { start, end: days === null ? null : start + days * DAY };
        const { startsAt, endsAt } = usageWindow(span, start + later);
        expect(startsAt).toBeLessThanOrEqual(start + later);
        expect(endsAt).toBeGreaterThan(start + later);
        expect(endsAt - startsAt).toBeLessThanOrEqual(31 * DAY);
        expect(usageWindow(span, endsAt).startsAt).toBe(endsAt);
      }),
    );
  });
});
