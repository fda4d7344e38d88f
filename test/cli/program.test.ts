import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { decodeJwt } from 'jose';
import { createProgram, runProgram } from '../../src/cli/program';
import { resetData } from '../../src/cli/reset-data';

const before = { ...process.env };
let folder: string;
let output: { out: string; err: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'billing-cli-'));
  process.env.DATABASE_URL = `file:${join(folder, 'billing.db')}`;
  output = { out: '', err: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output.out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((output.err += String(text)), true));
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

const run = (...words: string[]) => runProgram(['node', 'billing', ...words]);

describe('billing token', () => {
  it('prints the token as its last line', async () => {
    expect(await run('token', '--account', 'acme', '--role', 'BILLING_ADMIN', '--ttl', '30m', '--subject', 'ada')).toBe(
      0,
    );
    const lines = output.out.trimEnd().split('\n');
    const claims = decodeJwt(lines.at(-1) as string);
    expect(claims).toMatchObject({ account: 'acme', roles: ['BILLING_ADMIN'], sub: 'ada' });
    expect((claims.exp as number) - (claims.iat as number)).toBe(1_800);
  });

  it('prints JSON when asked to', async () => {
    expect(await run('token', '--role', 'OPERATOR', 'SERVICE', '--json')).toBe(0);
    const { token, expiresAt } = JSON.parse(output.out) as { token: string; expiresAt: string };
    expect(decodeJwt(token).roles).toEqual(['OPERATOR', 'SERVICE']);
    expect(new Date(expiresAt).toISOString()).toBe(expiresAt);
  });

  it.each([
    [['--role', 'KING'], 'KING'],
    [['--role', 'MEMBER'], '--account'],
    [['--account', ' acme'], 'no blanks'],
    [['--account', 'acme', '--ttl', 'soon'], '24h'],
    [['--colour'], '--colour'],
  ])('refuses %j with exit code 2 and says what is wrong', async (words, told) => {
    expect(await run('token', ...words)).toBe(2);
    expect(output.err).toContain(told);
    expect(output.out).toBe('');
  });

  it('is refused in production', async () => {
    Object.assign(process.env, {
      NODE_ENV: 'production',
      STRIPE_SECRET_KEY: 'sk_live_x',
      STRIPE_WEBHOOK_SECRETS: 'whsec_x',
      AUTH_JWT_SECRET: 'x'.repeat(32),
      PUBLIC_URL: 'https://billing.example.com',
    });
    expect(await run('token', '--account', 'acme')).toBe(1);
    expect(output.err).toContain('not issued in production');
    expect(output.out).toBe('');
  });
});

describe('wrong settings', () => {
  it('are all named at once, with exit code 2', async () => {
    Object.assign(process.env, { PORT: 'many', GRACE_DAYS: '-1' });
    expect(await run('migrate')).toBe(2);
    expect(output.err).toContain('PORT');
    expect(output.err).toContain('GRACE_DAYS');
  });
});

describe('billing migrate', () => {
  it('brings the database up to date, once', async () => {
    expect(await run('migrate', '--check', '--json')).toBe(0);
    expect((JSON.parse(output.out) as { pending: string[] }).pending.length).toBeGreaterThan(0);
    expect(process.exitCode).toBe(1);

    expect(await run('migrate')).toBe(0);
    output.out = '';
    expect(await run('migrate')).toBe(0);
    expect(output.out).toBe('The database has the schema of this version.\n');
  });

  it('answers 4 when the database is out of reach', async () => {
    process.env.DATABASE_URL = 'mysql://billing:hunter2@127.0.0.1:1/billing';
    expect(await run('migrate')).toBe(4);
    expect(output.err).toContain('127.0.0.1:1');
    expect(output.err).not.toContain('hunter2');

    process.env.DATABASE_URL = 'file:/dev/null/billing.db';
    expect(await run('migrate')).toBe(4);
    expect(output.err).toContain('/dev/null/billing.db cannot be opened');
  });
});

describe('a command that reads, where nothing was ever migrated', () => {
  it.each([
    ['events', 'list'],
    ['plans', 'list'],
  ])('billing %s %s says what to run, and makes no file', async (...words) => {
    expect(await run(...words)).toBe(1);
    expect(output.err).toMatch(/^There is no database at .*billing\.db yet\. Run `billing migrate`/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says so of a file that is empty too, and of one that lacks what this version needs', async () => {
    writeFileSync(join(folder, 'billing.db'), '');
    expect(await run('events', 'list')).toBe(1);
    expect(output.err).toMatch(/^The database lacks \d+ migration\(s\) of this version\. Run `billing migrate`/);
  });
});

describe('billing events list', () => {
  it('says that there are none yet', async () => {
    await run('migrate');
    output.out = '';
    expect(await run('events', 'list')).toBe(0);
    expect(output.out).toBe('There are no such events.\n');
    output.out = '';
    expect(await run('events', 'list', '--json', '--state', 'dead')).toBe(0);
    expect(output.out).toBe('');
  });

  it('refuses a state that does not exist', async () => {
    expect(await run('events', 'list', '--state', 'lost')).toBe(2);
    expect(output.err).toContain('pending');
  });
});

describe('billing sync', () => {
  it('refuses to look only at the catalogue and only at an account', async () => {
    expect(await run('sync', '--catalogue', '--account', 'acme')).toBe(2);
    expect(output.err).toMatch(/'--catalogue' cannot be used with option '-a, --account <id>'/);
  });

  it('answers 4 when the sandbox that it would ask does not run', async () => {
    process.env.SANDBOX_PORT = '1';
    expect(await run('sync')).toBe(4);
    expect(output.err).toMatch(/on port 1 or the next \d+\. .*billing serve.* set SANDBOX_PORT/);
  });
});

describe('help', () => {
  it.each([
    ['drift list', '(default: 7d)'],
    ['token', '(default: 24h)'],
    ['events discard', '(required)'],
    ['customers link', "or by your product's own (required)"],
  ])('of %s says %s', (name, words) => {
    let [text, command] = ['', createProgram()];
    for (const word of name.split(' ')) command = command.commands.find((one) => one.name() === word) as typeof command;
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
    command.outputHelp();
    expect(text.replaceAll(/\s+/g, ' ')).toContain(words);
  });

  it('shows examples for every command, and fits 100 columns', () => {
    const program = createProgram();
    const commands = program.commands.flatMap((command) =>
      command.commands.length > 0 ? command.commands : [command],
    );
    expect(commands.map((command) => command.name())).toEqual(
      expect.arrayContaining([
        'serve',
        'sandbox',
        'token',
        'migrate',
        'sync',
        'recover',
        'list',
        'diff',
        'push',
        'pull',
      ]),
    );
    for (const command of commands) {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
      command.outputHelp();
      if (command.name() !== 'sandbox') expect(text).toContain('Examples:');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    }
  });

  it('answers an unknown command with exit code 2', async () => {
    expect(await run('srve')).toBe(2);
    expect(output.err).toContain("There is no command 'srve'");
  });
});

describe('--reset', () => {
  it('deletes the database and the sandbox, and nothing beside them', async () => {
    const files = ['billing.db', 'billing.db-wal', 'sandbox.db', 'notes.txt'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, 'x');
    await resetData(process.env.DATABASE_URL as string, true);
    expect(files.map((file) => existsSync(file))).toEqual([false, false, false, true]);
  });

  const terminal = (isTTY: boolean, answer = '') =>
    Object.assign(Readable.from([answer]), { isTTY }) as unknown as NodeJS.ReadStream & { fd: 0 };

  it('asks first', async () => {
    const file = join(folder, 'billing.db');
    writeFileSync(file, 'x');
    const url = process.env.DATABASE_URL as string;
    await expect(resetData(url, false, terminal(false))).rejects.toThrow('--yes');
    await expect(resetData(url, false, terminal(true, 'n\n'))).rejects.toThrow('Nothing was deleted.');
    expect(existsSync(file)).toBe(true);
    await resetData(url, false, terminal(true, 'y\n'));
    expect(existsSync(file)).toBe(false);
  });

  it('is refused for a database server', async () => {
    await expect(resetData('mysql://db.example.com/billing', true)).rejects.toThrow('embedded database only');
  });
});
