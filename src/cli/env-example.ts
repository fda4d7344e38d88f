import { settingsTable } from '../config.js';

const WIDTH = 118;

/** The text of `.env.example`: every setting, its meaning above it, switched off and showing its default. */
export function renderEnvExample(): string {
  const head = [
    '# Every setting of the gateway; those left out have the value shown. Written by the test of this file, not by hand:',
    '# UPDATE_ENV=1 npx jest test/operations/deployment',
    '',
    '# compose.yaml alone reads these two.',
    '#DATABASE_PASSWORD=',
    '#DOMAIN=billing.example.com',
  ];
  const settings = settingsTable().map(
    (row) => `\n${wrap(row.meaning.replaceAll('`', ''))}\n#${row.name}=${row.default}`,
  );
  return `${[...head, ...settings].join('\n')}\n`;
}

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length > WIDTH) lines.push(` ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `#${line}`).join('\n');
}
