import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { settingsTable } from '../src/config.js';
import { BILLING_PAGE } from './support/story.js';
import { type Program, startProgram } from './support/program.js';

const root = join(__dirname, '..');
const file = join(root, 'README.md');
const readme = () => readFileSync(file, 'utf8');

function settingsInMarkdown(): string {
  const rows = settingsTable().map(
    ({ name, default: value, meaning }) => `| \`${name}\` | ${value && `\`${value}\``} | ${meaning} |`,
  );
  return ['<!-- prettier-ignore -->', '| setting | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** What a person copies into a terminal, one block after the other. */
const tour = () => {
  const chapter = /## Five-minute tour\n([\s\S]*?)\n## /.exec(readme())?.[1] ?? '';
  return [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
};

describe('the README', () => {
  it('lists every setting as it is (UPDATE_README=1 writes the table)', () => {
    const [before, after] = ['<!-- settings -->\n', '<!-- /settings -->'];
    const current = readme().replace(
      new RegExp(`${before}[\\s\\S]*${after}`),
      `${before}\n${settingsInMarkdown()}\n\n${after}`,
    );
    if (process.env.UPDATE_README) writeFileSync(file, current);

    expect(readme()).toBe(current);
  });
});

describe('the tour of the README', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  const paste = async (...blocks: string[]) => {
    const script = blocks
      .join('\n')
      .replaceAll('http://localhost:4000', program.url)
      .replaceAll('http://127.0.0.1:4242', program.sandboxUrl)
      .replaceAll('npx billing', `node ${join(root, 'bin/billing.js')}`);
    const options = { cwd: root, env: { ...process.env, ...program.env } };
    return (await promisify(execFile)('bash', ['-eu', '-o', 'pipefail', '-c', script], options)).stdout;
  };

  it('does what it says, block by block', async () => {
    const [token = '', plans = '', buy = '', page = '', cancel = '', month = '', events = ''] = tour();

    const bought = await paste(token, plans, buy);
    expect(bought).toContain('"key":"business"');
    expect(bought).toContain('"userErrors":[]');
    const billing = async () => (await program.as('acme').ask(BILLING_PAGE)).data.viewer.account;
    await program.eventually(billing, ({ subscription }) => subscription?.status === 'ACTIVE');

    const shown = await paste(token, page, cancel);
    expect(shown).toContain('"status":"ACTIVE"');
    expect(shown.match(/"outcome":"(\w+)"/g)).toEqual([
      '"outcome":"SCHEDULED"',
      '"outcome":"APPLIED"',
      '"outcome":"SCHEDULED"',
    ]);

    await paste(token, month);
    await program.eventually(billing, ({ plan }) => plan.key === 'free');
    expect(await paste(events)).toContain('customer.subscription.deleted');
  });
});
