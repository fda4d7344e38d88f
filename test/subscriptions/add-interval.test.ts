import { addInterval } from '../../src/subscriptions/add-interval.js';

describe('one interval later', () => {
  it.each([
    ['2027-01-31T10:00:00.000Z', 'MONTH', 1, '2027-02-28T10:00:00.000Z'],
    ['2028-02-29T23:59:59.000Z', 'YEAR', 1, '2029-02-28T23:59:59.000Z'],
    ['2027-12-15T00:00:00.000Z', 'MONTH', 3, '2028-03-15T00:00:00.000Z'],
    ['2027-03-28T00:30:00.000Z', 'WEEK', 2, '2027-04-11T00:30:00.000Z'],
    ['2027-03-28T00:30:00.000Z', 'DAY', 1, '2027-03-29T00:30:00.000Z'],
  ] as const)('than %s by %s × %i is %s', (at, interval, count, expected) => {
    expect(new Date(addInterval(Date.parse(at), interval, count)).toISOString()).toBe(expected);
  });
});
