import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/project-root';

let folder: string;
const at = (...path: string[]) => join(folder, ...path);
const age = (file: string, seconds: number) =>
  utimesSync(file, Date.now() / 1000 + seconds, Date.now() / 1000 + seconds);

/** A clone with one source and a compiler that takes no time: it copies the source and counts its runs. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'billing-bin-'));
  cpSync(join(projectRoot, 'bin'), at('bin'), { recursive: true });
  mkdirSync(at('src'));
  mkdirSync(at('node_modules', 'typescript', 'bin'), { recursive: true });
  writeFileSync(at('src', 'main.ts'), `console.log('ran', ...process.argv.slice(2))`);
  writeFileSync(
    at('node_modules', 'typescript', 'bin', 'tsc'),
    `const { appendFileSync, copyFileSync, mkdirSync, readFileSync } = require('node:fs');
     appendFileSync('runs', 'x');
     if (readFileSync('src/main.ts', 'utf8').includes('wrong')) process.exit(2);
     mkdirSync('dist/src', { recursive: true });
     copyFileSync('src/main.ts', 'dist/src/main.js');`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...words: string[]) =>
  execFileSync(process.execPath, [at('bin', 'billing.js'), ...words], { encoding: 'utf8' });
const builds = () => (existsSync(at('runs')) ? readFileSync(at('runs'), 'utf8').length : 0);

describe('bin/billing.js', () => {
  it('builds a fresh clone and then runs it, with nothing else on standard output', () => {
    expect(run('token', '--json')).toBe('ran token --json\n');
    expect(builds()).toBe(1);
  });

  it('does not build again until a source is newer', () => {
    run();
    run();
    expect(builds()).toBe(1);
    writeFileSync(at('src', 'main.ts'), `console.log('ran the new one')`);
    age(at('src', 'main.ts'), 5);
    expect(run()).toBe('ran the new one\n');
    expect(builds()).toBe(2);
  });

  it('runs nothing that does not compile, and tries again next time', () => {
    writeFileSync(at('src', 'main.ts'), 'wrong');
    const result = spawnSync(process.execPath, [at('bin', 'billing.js')], { encoding: 'utf8' });
    expect([result.status, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain('do not compile');
    writeFileSync(at('src', 'main.ts'), `console.log('mended')`);
    expect(run()).toBe('mended\n');
  });
});
