import { Writable } from 'node:stream';
import Stripe from 'stripe';
import { parseDuration } from '../../src/cli/duration';
import { CommandFailed, exitCodeFor } from '../../src/cli/exit';
import { createLog, hideSecrets } from '../../src/cli/log';
import { renderTable } from '../../src/cli/table';
import { ConfigError } from '../../src/config';

describe('a printed table', () => {
  it('aligns its columns and fits 100 columns', () => {
    const text = renderTable(
      ['ID', 'ERROR'],
      [
        ['evt_1', 'x'.repeat(200)],
        ['evt_22', 'short'],
      ],
    );
    const lines = text.split('\n');
    expect(lines[0]).toBe('ID      ERROR');
    expect(lines[1]).toMatch(/^evt_1 {3}x+…$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('a duration', () => {
  it.each([
    ['90s', 90],
    ['30m', 1_800],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('reads %s', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', '24', 'h', '0h', '-1h', '1.5h', '24 h', '9999999d'])('refuses %j and shows what it takes', (text) =>
    expect(() => parseDuration(text)).toThrow('such as 30m, 24h or 7d'),
  );
});

describe('an exit code', () => {
  it('says what kind of failure it was', () => {
    expect(exitCodeFor(new CommandFailed('no', 2))).toBe(2);
    expect(exitCodeFor(new ConfigError(['x']))).toBe(2);
    expect(exitCodeFor(new Error('bug'))).toBe(1);
    expect(exitCodeFor(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe(4);
    expect(exitCodeFor(new Error('x', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) }))).toBe(4);
    expect(exitCodeFor(new Stripe.errors.StripeConnectionError({ type: 'api_error', message: 'x' }))).toBe(4);
  });
});

describe('the log', () => {
  function capture(terminal: boolean) {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const log = createLog(
      { logLevel: 'info', production: false },
      Object.assign(stream, { isTTY: terminal }) as unknown as NodeJS.WriteStream,
    );
    return { log, lines };
  }

  it.each([
    ['sk_test_51AbCdEf', 'sk_test_[hidden]'],
    ['rk_live_51AbCdEf', 'rk_live_[hidden]'],
    ['whsec_abc123', 'whsec_[hidden]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', '[token hidden]'],
    ['Bearer abc.def', 'Bearer [hidden]'],
    ['mysql://billing:hunter2@db/x', 'mysql://billing:[hidden]@db/x'],
    ['ada@example.com', '[e-mail hidden]'],
    ['{"clientSecret":"pi_1_secret_2","password":"x"}', '{"clientSecret":"[hidden]","password":"[hidden]"}'],
  ])('hides %s', (text, shown) => expect(hideSecrets(text)).toBe(shown));

  it('writes one JSON line, without secrets and without what drivers hang on their errors', () => {
    const { log, lines } = capture(false);
    const err = Object.assign(new Error('failed for ada@example.com'), {
      parameters: ['secret parameter'],
      code: 'E1',
    });
    log.warn({ err, key: 'sk_test_123' }, 'something');
    const line = JSON.parse(lines[0] as string) as { level: string; err: { message: string; code: string } };
    expect(line).toMatchObject({ level: 'warn', msg: 'something', key: 'sk_test_[hidden]' });
    expect(line.err).toMatchObject({ code: 'E1', message: 'failed for [e-mail hidden]' });
    expect(lines[0]).not.toContain('secret parameter');
  });

  it('writes a readable line at a terminal', () => {
    const { log, lines } = capture(true);
    log.info({ port: 4000 }, 'listening');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=4000\n$/);
  });
});
