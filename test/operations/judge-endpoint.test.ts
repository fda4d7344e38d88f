import { judgeClock, judgeEndpoint, judgeSecret } from '../../src/operations/judge-endpoint.js';
import { type Endpoint, sortEndpoints, type WantedEndpoint } from '../../src/webhooks/endpoint-plan.js';

const AT = Date.parse('2027-01-15T12:00:00.000Z');
const DAY_MS = 86_400_000;
const wanted: WantedEndpoint = {
  url: 'https://billing.example.com/webhooks/stripe',
  events: ['invoice.paid', 'customer.updated'],
  version: '2026-10-28.endive',
  secrets: ['whsec_one'],
};
const endpoint = (differs: Partial<Endpoint> = {}): Endpoint => ({
  ...{ id: 'we_1', url: wanted.url, status: 'enabled', api_version: wanted.version, metadata: {} },
  ...{ enabled_events: [...wanted.events], created: AT / 1_000 },
  ...differs,
});

describe('what the doctor says of the endpoint', () => {
  it.each([
    ['that there is none', [], 'provision'],
    ['that it is disabled', [endpoint({ status: 'disabled' })], 'we_1 is disabled.*provision'],
    ['what it does not deliver', [endpoint({ enabled_events: ['invoice.paid'] })], 'customer.updated.*provision'],
    ['how to pin its version', [endpoint({ api_version: null })], "account's default.*2026-10-28.endive.*rotate"],
  ])('is %s, and what to do', (_what, there, told) => {
    expect(judgeEndpoint(wanted, sortEndpoints(wanted, there))).toMatchObject({
      problem: expect.stringMatching(told),
      cause: 'drift',
    });
  });

  it.each([
    ['an older one that delivers too', [endpoint({ id: 'we_2' }), endpoint()], 'we_1 delivers too.*--retire'],
    [
      'types on which nobody acts',
      [endpoint({ enabled_events: [...wanted.events, 'charge.failed'] })],
      'charge.failed',
    ],
  ])('is a warning of %s', (_what, there, told) => {
    const finding = judgeEndpoint(wanted, sortEndpoints(wanted, there));

    expect(finding.problem).toBeUndefined();
    expect(finding.warning).toMatch(new RegExp(told));
  });

  it('is nothing where it delivers what it should, or everything', () => {
    for (const there of [endpoint(), endpoint({ enabled_events: ['*'] })]) {
      const { problem, warning } = judgeEndpoint(wanted, sortEndpoints(wanted, [there]));
      expect([problem, warning]).toEqual([undefined, undefined]);
    }
  });
});

describe('what the doctor says of the signing secret', () => {
  it('is a warning after 180 days, with the command that makes another', () => {
    const after = (days: number) => judgeSecret({ used: endpoint(), secret: 'set' }, AT + days * DAY_MS).warning;

    expect([after(0), after(180)]).toEqual([undefined, undefined]);
    expect(after(181)).toMatch(/181 days old.*`billing webhooks rotate`/);
  });

  it('is that the settings do not hold it, however young it is', () => {
    expect(judgeSecret({ used: endpoint(), secret: 'missing' }, AT)).toMatchObject({
      problem: expect.stringContaining('STRIPE_WEBHOOK_SECRETS'),
    });
  });
});

describe('what the doctor says of a secret that was rolled at Stripe', () => {
  const judge = (secret: 'set' | 'missing', delivered: number, listedSince: number) =>
    judgeSecret({ used: endpoint(), secret }, AT, { delivered, listedSince });

  it('is a warning while the settings hold the one before, by what was not delivered', () => {
    expect(judge('set', 5, 3).warning).toMatch(/3 events.*rolled.*STRIPE_WEBHOOK_SECRETS/);
    expect(judge('set', 5, 2).warning).toBeUndefined();
  });

  it('is nothing once deliveries arrive, and a failure before', () => {
    const { problem, warning, detail } = judge('missing', 1, 0);
    expect([problem, warning]).toEqual([undefined, undefined]);
    expect(detail).toContain('rolled');
    expect(judge('missing', 0, 0).problem).toContain('first delivery');
    expect(judge('missing', 1, 1).problem).toContain('STRIPE_WEBHOOK_SECRETS');
  });
});

describe("what the doctor says of this machine's clock", () => {
  const header = new Date(AT).toUTCString();
  const at = (ms: number) => judgeClock(header, AT + ms);

  it('is nothing within five seconds, a warning beyond, and a failure beyond the minute that a signature may be ahead', () => {
    for (const ms of [-5_000, 0, 999, 5_999]) expect(at(ms)).not.toHaveProperty('warning');
    expect(at(-30_000).warning).toContain("30 s behind Stripe's");
    expect(at(30_000).warning).toContain("29 s ahead of Stripe's");
    expect(at(-61_000).problem).toContain('NTP');
    expect(at(70_000).problem).toContain('NTP');
  });

  it('is nothing where Stripe does not tell its time', () => {
    expect(judgeClock(undefined, AT)).toEqual({ detail: 'Stripe did not tell its time' });
  });
});
