import { accountIdOf } from '../../src/accounts/account.js';
import { issueToken } from '../../src/auth/issue-token.js';
import { Role } from '../../src/auth/roles.js';
import { systemWall } from '../../src/clock/system-clock.js';
import { CHANGE, PREVIEW, run, subscriber } from '../support/change-plan-story.js';
import { type Person, personAt, startWorld, type World } from '../support/world.js';

const ENTITLEMENT = `feature { key kind } granted unlimited limit used remaining overBy usedPercent softLimit resetsAt
  source deniedReason remedy unlockedBy { key }`;
const ERROR = `__typename code message field hint ... on UsageOverLimitError { limit used asked unlockedBy { key } }`;
const RECORD = `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) {
  accepted duplicate entitlement { ${ENTITLEMENT} } userErrors { ${ERROR} } } }`;
const BATCH = `mutation ($input: RecordUsageBatchInput!) { recordUsageBatch(input: $input) {
  accepted duplicates rejected { index error { ${ERROR} } } userErrors { ${ERROR} } } }`;
const CHECK = `query ($account: ID, $feature: String, $quantity: SafeInt) {
  checkAccess(account: $account, feature: $feature, quantity: $quantity) {
    allowed access { allowed reason } entitlement { ${ENTITLEMENT} } } }`;
const LIVE = `subscription { accountUpdated { kind entries { title detail }
  account { plan { key } entitlement(feature: "members-per-team") { limit used overBy } } } }`;
const MEMBERS = 'members-per-team';

describe('what is used', () => {
  let world: World;
  let backend: Person;
  let keys = 0;
  beforeAll(async () => {
    world = await startWorld();
    backend = world.staff(Role.SERVICE);
    await world.gateway.parts.stripe.products.update('prod_sample_team', {
      metadata: { metered_api_calls: '100', metered_builds: '5', soft_limits: 'builds' },
    });
    await world.gateway.parts.stripe.products.update('prod_sample_free', { metadata: { metered_api_calls: '10' } });
    await world.settled();
  });
  afterAll(() => world.stop());

  const record = (account: string, quantity = 1, more: Record<string, unknown> = {}) =>
    run(backend, RECORD, { account, feature: MEMBERS, quantity, idempotencyKey: `key-${(keys += 1)}`, ...more });
  const batch = (records: object[]) => run(backend, BATCH, { records });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async function check(account: string, feature: string | null = MEMBERS, quantity?: number): Promise<any> {
    const { data, errors } = await backend.ask(CHECK, { account, feature, quantity });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.checkAccess;
  }
  const usedOf = async (account: string, feature = MEMBERS) => (await check(account, feature)).entitlement.used;

  it('passes the limit exactly as often as it lets through, however many ask at once', async () => {
    await subscriber(world, 'team', 'crowd');
    const answers = await Promise.all(Array.from({ length: 60 }, () => record('crowd')));

    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(20);
    expect(answers.find(({ accepted }) => !accepted)).toMatchObject({
      duplicate: false,
      entitlement: { limit: 20, used: 20, remaining: 0, overBy: 0, deniedReason: 'LIMIT_REACHED' },
      userErrors: [
        {
          __typename: 'UsageOverLimitError',
          code: 'USAGE_OVER_LIMIT',
          field: ['input', 'quantity'],
          hint: expect.stringContaining('Change to Business'),
          ...{ limit: 20, used: 20, asked: 1, unlockedBy: { key: 'business' } },
        },
      ],
    });
    expect(await usedOf('crowd')).toBe(20);
  });

  it('may be more with what is bought on top, but not while nothing is paid', async () => {
    const { stripe, database } = world.gateway.parts;
    const { id: product } = await stripe.products.create({
      name: 'Extra seats',
      metadata: {
        ...{ app: 'billing', kind: 'add_on', add_on_id: 'extra-seats' },
        ...{ limit_members_per_team: '10', metered_reports: '7' },
      },
    });
    const price = { currency: 'usd', unit_amount: 500, recurring: { interval: 'month' as const } };
    await stripe.prices.create({ product, ...price, lookup_key: 'extra-seats_month' });
    await world.settled();
    const acme = await subscriber(world, 'team', 'on-top');
    await run(acme, CHANGE, { addOns: [{ addOn: 'extra-seats', quantity: 2 }] });
    await world.settled();
    const [seats, reports] = [await check('on-top'), await check('on-top', 'reports')];
    await database.run("UPDATE subscriptions SET status = 'UNPAID' WHERE account_id = ?", [accountIdOf('on-top')]);
    await database.run("UPDATE accounts SET plan_key = 'free' WHERE id = ?", [accountIdOf('on-top')]);
    const unpaid = [await check('on-top'), await check('on-top', 'reports')];

    expect(seats.entitlement).toMatchObject({ limit: 40, source: 'PLAN' });
    expect(reports.entitlement).toMatchObject({ limit: 14, source: 'ADD_ON' });
    expect(unpaid).toMatchObject([
      { access: { allowed: true, reason: 'PAYMENT_OVERDUE' }, entitlement: { limit: 3 } },
      { allowed: false, entitlement: { limit: 0, deniedReason: 'NOT_IN_PLAN', remedy: 'PAY_INVOICE' } },
    ]);
  });

  it('counts a key once, also when it is sent many times at once, and never for another input', async () => {
    const again = { idempotencyKey: 'the-same' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => record('twice', 2, again)));
    const other = await record('twice', 1, again);
    const elsewhere = await record('thrice', 1, again);

    expect(answers.every(({ accepted }) => accepted)).toBe(true);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(elsewhere).toMatchObject({ accepted: true, duplicate: false });
    expect(await usedOf('twice')).toBe(2);
  });

  it('counts one key for one feature only, when two are asked at once', async () => {
    const again = { idempotencyKey: 'either' };
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => record('either', 1, again)),
      ...Array.from({ length: 5 }, () => record('either', 1, { ...again, feature: 'api-calls' })),
    ]);

    expect(answers.filter(({ accepted, duplicate }) => accepted && !duplicate)).toHaveLength(1);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'IDEMPOTENCY_KEY_REUSED')).toHaveLength(5);
    expect((await usedOf('either')) + (await usedOf('either', 'api-calls'))).toBe(1);
  });

  it('may be sent again after a refusal, once something was given back', async () => {
    const full = { idempotencyKey: 'later' };
    await record('room', 3);
    const refused = await record('room', 1, full);
    const given = await record('room', -2);
    const tooMuch = await record('room', -2);

    expect(refused.accepted).toBe(false);
    expect(given.entitlement).toMatchObject({ used: 1, remaining: 2 });
    expect(tooMuch.userErrors).toMatchObject([{ code: 'INVALID', hint: 'Give back 1 at most.' }]);
    expect(await record('room', 1, full)).toMatchObject({ accepted: true, duplicate: false, entitlement: { used: 2 } });
  });

  it('is refused by name where nothing can be counted', async () => {
    const codes = async (more: object, quantity = 1) =>
      (await record('free', quantity, { ...more })).userErrors.map(({ code }: { code: string }) => code);

    expect(await codes({ feature: 'time-travel' })).toEqual(['FEATURE_UNKNOWN']);
    expect(await codes({ feature: 'api' })).toEqual(['INVALID']);
    expect(await codes({}, 0)).toEqual(['INVALID']);
    expect(await codes({ feature: 'api-calls' }, -1)).toEqual(['INVALID']);
    expect(await codes({ feature: 'builds-x' })).toEqual(['FEATURE_UNKNOWN']);
    expect(await codes({ idempotencyKey: 'with blank' })).toEqual(['INVALID']);
    expect(await codes({ account: 'acc_01ARZ3NDEKTSV4RRFFQ69G5FAV' })).toEqual(['NOT_FOUND']);
  });

  it('is taken a thousand at a time, each accepted or refused by itself', async () => {
    const records = Array.from({ length: 1_000 }, (_, at) => ({
      ...{ account: `tenant-${at % 10}`, feature: MEMBERS, idempotencyKey: `batch-${at % 995}` },
      ...(at === 7 && { feature: 'time-travel' }),
    }));
    const first = await batch(records);
    const second = await batch(records);
    const beyond = await batch([...records, records[0] as object]);

    // Three for each of ten accounts.
    expect(first).toMatchObject({ accepted: 30, userErrors: [] });
    expect(first.accepted + first.duplicates + first.rejected.length).toBe(1_000);
    expect(first.rejected[0]).toMatchObject({
      index: 7,
      error: { code: 'FEATURE_UNKNOWN', field: ['input', 'records', '7', 'feature'] },
    });
    expect(second).toMatchObject({ accepted: 0 });
    expect(second.duplicates).toBeGreaterThanOrEqual(30);
    expect(beyond.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'records'] }]);
    expect(await usedOf('tenant-3')).toBe(3);
  });

  it('goes on above a soft limit, and above a hard one when it has happened already', async () => {
    await subscriber(world, 'team', 'soft');
    const soft = await record('soft', 7, { feature: 'builds' });
    const told = await record('soft', 25, { enforceLimit: false });

    expect(soft.entitlement).toMatchObject({ limit: 5, used: 7, overBy: 2, softLimit: true, deniedReason: null });
    expect(told.entitlement).toMatchObject({ limit: 20, used: 25, overBy: 5, usedPercent: 125 });
  });

  it('takes no batch of that size from anybody else', async () => {
    const query = `{ viewer { subject } } ${' '.repeat(70_000)}`;
    const [asked, refused] = [await backend.ask(query), await world.as('acme').ask(query)];

    expect(asked.errors?.[0]?.extensions.code).toBe('DOCUMENT_REFUSED');
    expect(refused.errors?.[0]).toMatchObject({ message: expect.stringContaining('65536 bytes') });
  });

  it('of the month begins anew with the next, and not by leaving', async () => {
    const acme = await subscriber(world, 'team', 'monthly');
    await record('monthly', 40, { feature: 'api-calls' });
    const { resetsAt } = (await check('monthly', 'api-calls')).entitlement;
    const { data } = await acme.ask('{ viewer { account { subscription { id currentPeriod { end } } } } }');
    const { id, currentPeriod } = data.viewer.account.subscription;
    await world.advance({ to: resetsAt });
    await world.advance({ by: 'PT2H' });
    const renewed = await check('monthly', 'api-calls');
    await record('monthly', 15, { feature: 'api-calls' });
    await world.gateway.parts.stripe.subscriptions.cancel(id);
    await world.settled();
    const left = await check('monthly', 'api-calls');

    expect(resetsAt).toBe(currentPeriod.end);
    expect(renewed.entitlement).toMatchObject({ used: 0, limit: 100, deniedReason: null });
    expect(left).toMatchObject({
      allowed: false,
      access: { allowed: true, reason: 'FREE_PLAN' },
      entitlement: { used: 15, limit: 10, overBy: 5, remaining: 0, resetsAt: renewed.entitlement.resetsAt },
    });
  });

  describe('above the limits of a smaller plan', () => {
    const over = { limit: 3, used: 8, overBy: 5, remaining: 0, deniedReason: 'LIMIT_REACHED', remedy: 'CHOOSE_PLAN' };

    it('is shown before, let be when it comes, pushed and told, and closed to more', async () => {
      const acme = await subscriber(world, 'team', 'shrinks');
      await record('shrinks', 8);
      await record('shrinks', 40, { feature: 'api-calls' });
      const { preview } = await run(acme, PREVIEW, { plan: 'free', interval: 'MONTH' });
      const booked = await run(acme, CHANGE, { previewToken: preview.token });
      const still = await record('shrinks', 1);
      await record('shrinks', -1);
      const live = acme.watch(LIVE);
      await live.until(({ accountUpdated }) => accountUpdated.kind === 'SNAPSHOT');
      await world.advance({ to: preview.effectiveAt });
      await world.advance({ by: 'PT2H' });
      const { accountUpdated } = await live.until((message) => message.accountUpdated.account.plan.key === 'free');
      live.close();
      const refused = await record('shrinks');

      expect(preview).toMatchObject({ allowed: true, blockers: [] });
      // What is counted by the month begins anew with the new plan.
      expect(preview.notices.filter(({ code }: { code: string }) => code === 'USAGE_ABOVE_NEW_LIMIT')).toEqual([
        {
          code: 'USAGE_ABOVE_NEW_LIMIT',
          message: expect.stringContaining(': 8 are used, and the new plan grants 3'),
          feature: { key: MEMBERS },
        },
      ]);
      expect(booked).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
      expect(still.accepted).toBe(true);
      expect(accountUpdated.account.entitlement).toEqual({ limit: 3, used: 8, overBy: 5 });
      expect(JSON.stringify(accountUpdated.entries)).toContain('Members per team: 8 are used and 3 granted now');
      expect(refused).toMatchObject({
        accepted: false,
        entitlement: over,
        userErrors: [{ limit: 3, used: 8, asked: 1 }],
      });
      expect(await record('shrinks', -6)).toMatchObject({ accepted: true, entitlement: { used: 2, overBy: 0 } });
      expect(await record('shrinks')).toMatchObject({
        accepted: true,
        entitlement: { used: 3, deniedReason: 'LIMIT_REACHED' },
      });
    });

    it('refuses the smaller plan where that is set, but never leaving', async () => {
      const acme = await subscriber(world, 'business', 'refused');
      await record('refused', 30);
      world.config.downgradeOverLimit = 'refuse';
      const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
      const refused = await run(acme, CHANGE, { plan: 'team' });
      const leaving = (await run(acme, PREVIEW, { plan: 'free', interval: 'MONTH' })).preview;
      await record('refused', -10);
      const fitting = await run(acme, CHANGE, { plan: 'team' });
      world.config.downgradeOverLimit = 'allow';

      expect(preview).toMatchObject({
        allowed: false,
        blockers: [{ code: 'USAGE_ABOVE_NEW_LIMIT', message: expect.stringContaining('Members per team: 30') }],
      });
      const message =
        'Members per team: 30 are used, and the new plan grants 20. Give 10 back first, or choose one that grants at least 30.';
      expect(preview.blockers[0].message).toBe(message);
      expect(refused).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [
          {
            ...{ code: 'USAGE_OVER_LIMIT', message, field: ['input', 'plan'] },
            hint: expect.stringContaining('Ask again once no more is used'),
          },
        ],
      });
      expect(leaving).toMatchObject({ allowed: true, blockers: [] });
      expect(fitting).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    });

    it.each(['subscription', 'customer'] as const)('holds at once when the %s is deleted at Stripe', async (what) => {
      const { stripe } = world.gateway.parts;
      const account = `without-${what}`;
      await subscriber(world, 'team', account);
      await record(account, 8);
      const [subscription] = (await stripe.subscriptions.list({ limit: 1 })).data;
      await (what === 'customer'
        ? stripe.customers.del(String(subscription?.customer))
        : stripe.subscriptions.cancel(String(subscription?.id)));
      await world.settled();

      expect(await check(account)).toMatchObject({ allowed: false, entitlement: over });
      expect(await record(account)).toMatchObject({ accepted: false, userErrors: [{ code: 'USAGE_OVER_LIMIT' }] });
      expect(await record(account, 1, { enforceLimit: false })).toMatchObject({
        accepted: true,
        entitlement: { used: 9 },
      });
    });
  });

  // The last: what is delivered to the other gateway waits for it to come back.
  it('passes it no oftener through two gateways', async () => {
    await subscriber(world, 'team', 'both');
    const another = await world.startAnother();
    const token = issueToken(world.config, systemWall, { roles: [Role.SERVICE], subject: 'other', ttlSeconds: 60 });
    const elsewhere = personAt(() => another.gateway.port, token);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => {
        const input = { account: 'both', feature: MEMBERS, quantity: 1, idempotencyKey: `both-${at}` };
        return run(at % 2 === 0 ? backend : elsewhere, RECORD, input);
      }),
    );
    await another.close();

    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(20);
    expect(await usedOf('both')).toBe(20);
  });
});
