import { type AnomalyKind, findAnomalies, type Operation, type Recorded } from './find-anomalies.js';

/** `x=1,2` has read 1 and 2 of the list x; `x+3` has appended 3. A `!` in front: it was rolled back. */
function parse(text: string): Recorded {
  const operations = text.split(' ').map((word): Operation => {
    const [, key = '', sign, rest = ''] = /^!?([a-z])([=+])(.*)$/.exec(word) ?? [];
    if (sign === '+') return { key, appended: Number(rest) };
    return { key, found: rest === '' ? [] : rest.split(',').map(Number) };
  });
  return { operations, committed: !text.startsWith('!') };
}
const kindsIn = (...history: string[]): AnomalyKind[] => [
  ...new Set(findAnomalies(history.map(parse)).map(({ kind }) => kind)),
];

describe('the checker of histories', () => {
  it.each([
    ['one transaction after the other', ['x= x+1', 'x=1 x+2', 'x=1,2']],
    ['readers that saw different beginnings', ['x+1', 'x+2', 'x=', 'x=1', 'x=1,2']],
    ['what was rolled back and read by nobody', ['x+1', '!x+2', 'x=1']],
    ['a transaction that sees what it has done', ['x= x+1 x=1 x+2 x=1,2', 'x=1,2']],
    ['two lists that two transactions wrote in the same order', ['x+1 y+1', 'x+2 y+2', 'x=1,2 y=1,2']],
    ['a reader of both lists before both changes', ['x= y=', 'x+1 y+1', 'x=1 y=1']],
  ])('finds nothing in %s', (_what, history) => {
    expect(kindsIn(...history)).toEqual([]);
  });

  it.each<[AnomalyKind, string, string[]]>([
    ['lost update', 'two that read the same and wrote, and one is gone', ['x= x+1', 'x= x+2', 'x=2']],
    ['lost update', 'a committed value that a later list lacks', ['x+1', 'x=1', 'x+2', 'x=2']],
    ['G0', 'two that wrote two lists in opposite orders', ['x+1 y+1', 'x+2 y+2', 'x=1,2 y=2,1']],
    ['G1a', 'a value that was rolled back', ['!x+1', 'x=1']],
    ['G1b', 'half of what a transaction appended', ['x+1 x+2', 'x=1', 'x=1,2']],
    ['G1c', 'two that read from each other', ['x+1 y=1', 'y+1 x=1', 'x=1 y=1']],
    ['G-single', 'a reader that saw one of two lists before a change and one after', ['x+1 y+1', 'x= y=1', 'x=1 y=1']],
    ['G2-item', 'two that each read what the other then wrote', ['x= y+1', 'y= x+1', 'x=1 y=1']],
    ['G2-item', 'three that did so in a ring', ['x= y+1', 'y= z+1', 'z= x+1', 'x=1 y=1 z=1']],
    ['duplicate', 'a value that is there twice', ['x+1', 'x=1,1']],
    ['contradiction', 'two readers who saw different orders', ['x+1', 'x+2', 'x=1,2', 'x=2,1']],
    ['internal', 'a transaction that does not see its own value', ['x= x+1 x=', 'x=1']],
    ['internal', 'a transaction that saw a list grow under it', ['x+1', 'x= x=1', 'x=1']],
  ])('finds %s: %s', (kind, _what, history) => {
    expect(kindsIn(...history)).toContain(kind);
  });

  it('finds one cycle among thousands of transactions that are right', () => {
    const right: string[] = [];
    for (let at = 1; at <= 2_000; at++) right.push(`x+${at}`, `y+${at}`);
    const all = Array.from({ length: 2_000 }, (_, at) => at + 1).join();

    expect(kindsIn(...right, `x=${all} y=${all}`)).toEqual([]);
    expect(kindsIn('a= b+1', ...right, 'b= a+1', `x=${all} y=${all} a=1 b=1`)).toEqual(['G2-item']);
  });
});
