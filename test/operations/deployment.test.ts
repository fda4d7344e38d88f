import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderEnvExample } from '../../src/cli/env-example.js';
import { loadConfig, settingsTable } from '../../src/config.js';
import { documentLimits } from '../../src/graphql/document-limits.js';
import { figures } from '../../src/operations/figures.js';

const root = join(__dirname, '../..');
const textOf = (name: string) => readFileSync(join(root, name), 'utf8');

/** What is written from the code is compared with it, and written anew when asked. */
function expectCurrent(name: string, current: string): void {
  if (process.env.UPDATE_ENV) writeFileSync(join(root, name), current);
  expect(textOf(name)).toBe(current);
}

describe('.env.example', () => {
  it('lists every setting as it is (UPDATE_ENV=1 writes it)', () => {
    expectCurrent('.env.example', renderEnvExample());
  });

  it('changes nothing when it is used as it is, and can be switched on line by line', () => {
    const lines = textOf('.env.example').split('\n');

    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    for (const { name, default: value } of settingsTable()) {
      expect(lines).toContain(`#${name}=${value}`);
      expect(() => loadConfig({ NODE_ENV: 'test', [name]: name === 'NODE_ENV' ? 'test' : value })).not.toThrow();
    }
  });
});

interface Service {
  image?: string;
  build?: { dockerfile: string };
  environment?: Record<string, string>;
  depends_on?: string[] | Record<string, unknown>;
  volumes?: string[];
  stop_grace_period?: string;
}

describe('compose.yaml', () => {
  const { services, volumes } = parse(textOf('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const gateways = ['gateway-1', 'gateway-2'];

  it('has two gateways, MariaDB and Redis, each from an image or a file that exists', () => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...gateways, 'database', 'redis']));
    for (const { image, build } of Object.values(services)) {
      expect(image ?? existsSync(join(root, build?.dockerfile ?? ''))).toBeTruthy();
    }
  });

  it('names only services and volumes that it has', () => {
    for (const { depends_on = [], volumes: used = [] } of Object.values(services)) {
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(needed));
      for (const source of used.map((volume) => volume.split(':')[0] as string)) {
        expect(source.startsWith('./') ? existsSync(join(root, source)) : source in volumes).toBe(true);
      }
    }
  });

  it('gives gateways settings that they accept, and more time to stop than they take', () => {
    for (const name of gateways) {
      const environment = Object.fromEntries(
        Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
          key,
          value.replace(/\$\{[^}]*\}/, 'pw'),
        ]),
      );
      expect(() => loadConfig({ NODE_ENV: 'test', ...environment })).not.toThrow();
      expect(parseInt(services[name]?.stop_grace_period ?? '')).toBeGreaterThan(10);
    }
  });
});

describe('the Containerfile', () => {
  const steps = textOf('Containerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));

  it('installs without scripts, leaves development dependencies behind and does not run as root', () => {
    const installs = steps.filter((step) => /npm (ci|prune|install)/.test(step));
    expect(installs.length).toBeGreaterThan(0);
    for (const step of installs) expect(step).toContain('--ignore-scripts');
    expect(steps.join('\n')).toContain('--omit=dev');
    expect(steps.findLast((step) => step.startsWith('USER'))).toBe('USER node');
  });

  it('takes along every folder that the running gateway reads', () => {
    const last = steps.slice(steps.findLastIndex((step) => step.startsWith('FROM')));
    for (const folder of ['dist', 'bin', 'assets', 'schema', 'node_modules']) {
      expect(last).toContain(`COPY --from=build /app/${folder} ./${folder}`);
    }
  });
});

describe('the documentation of operations', () => {
  it('names only settings and files that exist', () => {
    const text = textOf('docs/deployment.md');
    const names = new Set([
      'DATABASE_PASSWORD',
      'DOMAIN',
      'RATE_LIMITED',
      'SIGTERM',
      'SIGKILL',
      ...settingsTable().map(({ name }) => name),
    ]);
    for (const [name = ''] of text.matchAll(/\b[A-Z]{3,}(?:_[A-Z]+)+\b/g)) expect(names).toContain(name);
    for (const name of readdirSync(join(root, 'deploy'))) expect(text).toContain(`deploy/${name}`);
  });

  it('tells the limits of documents as they are', () => {
    const { tokens, depth, aliases, fields } = documentLimits;
    expect(textOf('docs/deployment.md')).toContain(
      `16 kB, ${tokens.toLocaleString('en-US')} tokens, ${depth} levels, ${aliases} aliases, ${fields} fields`,
    );
  });

  it('explains every figure (UPDATE_ENV=1 writes the table)', () => {
    const rows = Object.entries(figures).map(([name, figure]) => {
      const labels = 'labels' in figure ? Object.keys(figure.labels).join(', ') : '';
      return `| \`${name}\` | ${figure.kind} | ${labels} | ${figure.meaning} |`;
    });
    const table = ['| name | kind | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
    const [head] = textOf('docs/metrics.md').split('| name |');
    expectCurrent('docs/metrics.md', `${head}${table}\n<!-- prettier-ignore-end -->\n`);
  });
});
