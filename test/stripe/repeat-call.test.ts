import { delayBefore } from '../../src/stripe/repeat-call.js';

const after = (status: number | null, headers: Record<string, string> = {}) =>
  [1, 2].map((attempt) => delayBefore(attempt, { status, headers }, 1));

describe('the wait before a call is repeated', () => {
  it.each([
    ['a network error', null, [200, 400]],
    ['a conflict', 409, [200, 400]],
    ['a server error', 503, [200, 400]],
    ['a rate limit', 429, [1_000, 2_000]],
  ])('after %s grows as it should', (_what, status, delays) => {
    expect(after(status)).toEqual(delays);
  });

  it('has full jitter', () => {
    expect(delayBefore(2, { status: 429, headers: {} }, 0)).toBe(0);
  });

  it('is never shorter than Retry-After, and does not heed what is no number', () => {
    expect(after(429, { 'retry-after': '7' })).toEqual([7_000, 7_000]);
    expect(after(429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toEqual([1_000, 2_000]);
  });

  it.each([200, 400, 401, 402, 403, 404])('is none after a %i', (status) => {
    expect(after(status)).toEqual([null, null]);
  });
});
