import fc from 'fast-check';
import { cursorAt, revisionOf } from '../../src/live/cursor.js';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  it('gives back its revision', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (revision) =>
        expect(revisionOf(cursorAt(revision), Number.MAX_SAFE_INTEGER)).toBe(revision),
      ),
    );
  });

  it('of this revision is known, of a later one is not', () => {
    expect(revisionOf(cursorAt(7), 7)).toBe(7);
    expect(revisionOf(cursorAt(8), 7)).toBeNull();
  });

  it.each([
    '',
    'r7',
    '7',
    encoded('7'),
    encoded('r'),
    encoded('r-1'),
    encoded('r1.5'),
    encoded('r1e3'),
    encoded('R7'),
    encoded('r7 '),
    encoded('xr7'),
    encoded(`r${'9'.repeat(16)}`),
    encoded(`r${'9'.repeat(400)}`),
    '%%%',
    '💥',
  ])('%j is none', (text) => {
    expect(revisionOf(text, Number.MAX_SAFE_INTEGER)).toBeNull();
  });

  it('of anything at all is a revision up to the newest or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, newest) => {
        const revision = revisionOf(text, newest);
        if (revision !== null) expect(revision).toBeLessThanOrEqual(newest);
      }),
    );
  });
});
