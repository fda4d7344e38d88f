import fc from 'fast-check';
import { cursorAt, markOf, standOf } from '../../src/live/cursor.js';

const encoded = (text: string) => Buffer.from(text).toString('base64url');
const MARK = 'a-Z_0123456_';

describe('a cursor', () => {
  it('gives back its revision, and the mark of its history', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), fc.option(fc.string()), (revision, accountId, hash) => {
        const stand = { revision, mark: markOf(accountId, hash) };
        expect(standOf(cursorAt(stand))).toEqual(stand);
      }),
    );
  });

  it('differs between accounts and between histories of one account, at the same revision', () => {
    const marks = [markOf('acc_1', null), markOf('acc_2', null), markOf('acc_1', 'ab'), markOf('acc_1', 'cd')];
    expect(new Set(marks).size).toBe(4);
  });

  it.each([
    '',
    'r7',
    `r7.${MARK}`,
    encoded('r7'),
    encoded(`7.${MARK}`),
    encoded(`r.${MARK}`),
    encoded(`r-1.${MARK}`),
    encoded(`r1.5.${MARK}`),
    encoded(`r1e3.${MARK}`),
    encoded(`R7.${MARK}`),
    encoded(`r7.${MARK} `),
    encoded(`r7.${MARK}0`),
    encoded(`r7.${MARK.slice(1)}`),
    encoded(`xr7.${MARK}`),
    encoded(`r${'9'.repeat(16)}.${MARK}`),
    encoded(`r${'9'.repeat(400)}.${MARK}`),
    '%%%',
    '💥',
  ])('%j is none', (text) => {
    expect(standOf(text)).toBeNull();
  });

  it('of anything at all is a stand or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const stand = standOf(text);
        if (stand !== null) expect(Number.isSafeInteger(stand.revision)).toBe(true);
      }),
    );
  });
});
