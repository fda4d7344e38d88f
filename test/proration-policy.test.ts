import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

describe('the policy of prorations', () => {
  it('names for each claim a test that there is', () => {
    const policy = readFileSync(join(root, 'docs/proration.md'), 'utf8');
    const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
    const rows = [...policy.split('## What shows it')[1]!.matchAll(/^\|.*\| (".*") in `([\w-]+)` +\|$/gm)];
    const missing = rows.flatMap(([, quoted = '', name]) => {
      const file = files.find((path) => path.endsWith(`${name}.test.ts`)) ?? '';
      const text = file && readFileSync(join(root, 'test', file), 'utf8');
      return [...quoted.matchAll(/"([^"]+)"/g)].flatMap(([, sentence = '']) =>
        text.includes(sentence) ? [] : [`${sentence} in ${name}`],
      );
    });

    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(25);
  });
});
