import type { AuditEntry } from '../../src/history/audit.js';
import type { Change } from '../../src/history/change.js';
import { BillingInterval } from '../../src/plans/plan.js';
import type { FeatureTexts } from '../../src/plans/rules.js';
import { describe as inWords } from '../../src/history/describe.js';

const month = { planKey: null, addOnKey: null, interval: BillingInterval.MONTH, intervalCount: 1 };
const names = {
  plans: new Map([
    ['team', 'Team'],
    ['business', 'Business'],
  ]),
  addOns: new Map([['storage', 'Storage']]),
  features: new Map<string, FeatureTexts>(),
  prices: new Map([
    ['team_month', { ...month, planKey: 'team' }],
    ['team_quarter', { ...month, planKey: 'team', intervalCount: 3 }],
    ['business_month', { ...month, planKey: 'business' }],
    ['storage_month', { ...month, addOnKey: 'storage' }],
  ]),
};
const changed = (object: Change['object'], before: Change['before'], after: Change['after']): Change => ({
  object,
  id: 'x',
  before,
  after,
});
const told = (changes: Change[], causes: AuditEntry['causes'] = []) => {
  const { title, detail } = inWords({ changes, causes }, names, 'en-US');
  return detail === null ? title : `${title} ${detail}`;
};

describe('a step of the history', () => {
  const ends = { cancelAtPeriodEnd: true, cancelAt: Date.UTC(2026, 1, 28) };

  it.each<[string, Change[], string]>([
    [
      'a cancellation with what the customer chose as its reason',
      [changed('subscription', { cancelAt: null }, { ...ends, cancellationFeedback: 'too_expensive' })],
      'The subscription was canceled; it ends on Feb 28, 2026. Reason: too expensive.',
    ],
    [
      'a price that the catalogue has lost, whose plan stays',
      [changed('subscription', { unmapped: false }, { unmapped: true })],
      'The price of the subscription is no longer in the catalogue; its plan stays as it is.',
    ],
    [
      'a discount that was lost with something else',
      [changed('subscription', { seats: 1, discounts: [{}] }, { seats: 2, discounts: [] })],
      'Seats changed from 1 to 2. The discount has ended.',
    ],
    [
      'a discount that was lost by itself, once',
      [changed('subscription', { discounts: [{}] }, { discounts: [] })],
      'The discount has ended.',
    ],
    [
      'a plan by its name, and one that is gone by its key',
      [changed('plan', { key: 'gone' }, { key: 'team' })],
      'The plan changed from gone to Team.',
    ],
    [
      'an invoice that gave money back',
      [changed('invoice', null, { number: 'A-2', total: -7900, currency: 'USD', status: 'PAID' })],
      'Invoice A-2 gave a credit of $79.00.',
    ],
    [
      'an invoice that will give money back',
      [changed('invoice', null, { number: 'A-2', total: -7900, currency: 'USD', status: 'OPEN' })],
      'Invoice A-2 over a credit of $79.00 was issued.',
    ],
    [
      'a plan that is paid for by a debit',
      [
        changed(
          'subscription',
          { planKey: 'team', unpaidChangeId: null },
          { planKey: 'business', unpaidChangeId: 'in_1' },
        ),
      ],
      'The subscription is for Business now; that is in force once it is paid.',
    ],
    [
      'a plan of the account once',
      [
        changed('plan', { key: 'team' }, { key: 'business' }),
        changed('subscription', { planKey: 'team' }, { planKey: 'business' }),
      ],
      'The plan changed from Team to Business.',
    ],
    [
      'a schedule that comes before what it books',
      [changed('subscription', { schedule: null }, { schedule: { id: 'sub_sched_1', ours: true } })],
      'The subscription follows a schedule now.',
    ],
    ['what has no sentence of its own', [changed('account', {}, { taxExempt: 'exempt' })], 'Details were updated.'],
  ])('tells %s', (_what, changes, words) => {
    expect(told(changes)).toBe(words);
  });

  describe('about a change that is booked or waits', () => {
    const item = (priceId: string, quantity = 1) => ({ priceId, quantity });
    const held = [item('team_month', 5), item('storage_month')];
    const booked = (...items: object[]) => ({ state: 'SCHEDULED', items, effectiveAt: Date.UTC(2026, 1, 28) });
    const waiting = (...items: object[]) => ({ state: 'AWAITING_PAYMENT', items });
    const step = (before: object | null, after: object | null, others: object = {}, items = held) =>
      told([
        {
          ...changed('subscription', { pendingChange: before }, { pendingChange: after, ...others }),
          beside: { items },
        },
      ]);

    it.each<[string, object[], string]>([
      ['of the plan', [item('business_month', 5), held[1]!], 'plan was booked for Feb 28, 2026: Business.'],
      ['of seats', [item('team_month', 3), held[1]!], 'seats was booked for Feb 28, 2026: 3 seats.'],
      ['of one seat', [item('team_month'), held[1]!], 'seats was booked for Feb 28, 2026: 1 seat.'],
      ['of add-ons alone', [held[0]!, item('storage_month', 2)], 'add-ons was booked for Feb 28, 2026: 2 × Storage.'],
      ['that drops add-ons', [held[0]!], 'add-ons was booked for Feb 28, 2026: no add-ons.'],
      [
        'of the interval',
        [item('team_quarter', 5), held[1]!],
        'interval was booked for Feb 28, 2026: paid every 3 months.',
      ],
      [
        'of all of it',
        [item('business_month', 3)],
        'plan, seats, and add-ons was booked for Feb 28, 2026: Business, 3 seats, no add-ons.',
      ],
      ['whose difference has no name', held, 'plan was booked for Feb 28, 2026.'],
    ])('tells one %s', (_what, items, words) => {
      expect(step(null, booked(...items))).toBe(`A change of ${words}`);
    });

    it('tells that it waits, that it was given up, and that it was taken back', () => {
      const [up, fewer] = [item('business_month', 5), item('team_month', 3)];

      expect(step(null, waiting(up, held[1]!))).toBe(
        'A change of plan waits for its payment: Business; nothing changes until then.',
      );
      expect(step(waiting(up, held[1]!), null)).toBe('The change of plan that waited for its payment was given up.');
      expect(step(booked(fewer), null)).toBe('The booked change of seats and add-ons was taken back.');
    });

    it('tells it beside what else was done, and once it is made only what came of it', () => {
      const addOns = [item('storage_month', 2)];

      expect(step(booked(held[0]!), null, { cancelAtPeriodEnd: true, cancelAt: Date.UTC(2026, 1, 28) })).toBe(
        'The booked change of add-ons was taken back. The subscription was canceled; it ends on Feb 28, 2026.',
      );
      expect(step(booked(held[0]!, ...addOns), null, { addOns, currentPeriodEnd: 0 }, [held[0]!, ...addOns])).toBe(
        'What is bought on top is now 2 × Storage.',
      );
    });

    it('tells it beside a pause, and not beside the end of all', () => {
      const pause = { of: 'subscription', cause: 'REQUESTED', since: 0, resumesAt: null };

      expect(step(booked(held[0]!), null, { status: 'PAUSED', pause })).toBe(
        'The subscription was paused. The booked change of add-ons was taken back.',
      );
      expect(step(booked(held[0]!), null, { status: 'CANCELED' })).toBe('The subscription ended.');
    });

    it('tells that it was taken back by another change of the same', () => {
      expect(step(booked(item('team_month', 2), held[1]!), null, { seats: 5 })).toContain(
        'The booked change of seats was taken back.',
      );
    });

    it('is general about a step that was kept without what was held', () => {
      expect(told([changed('subscription', { pendingChange: null }, { pendingChange: booked(held[0]!) })])).toBe(
        'A change of plan was booked for Feb 28, 2026.',
      );
    });
  });

  it('tells the end of what was paused as an end', () => {
    const paused = { status: 'PAUSED', pause: { cause: 'REQUESTED' } };

    expect(told([changed('subscription', paused, { status: 'CANCELED', pause: null })])).toBe(
      'The subscription ended.',
    );
  });

  it('tells another interval, and add-ons that changed beside something else', () => {
    const before = { priceId: 'team_month', seats: 1, addOns: [] };

    expect(told([changed('subscription', before, { ...before, priceId: 'team_quarter' })])).toContain(
      'It is paid every 3 months now.',
    );
    expect(
      told([changed('subscription', before, { seats: 2, addOns: [{ priceId: 'storage_month', quantity: null }] })]),
    ).toBe('Seats changed from 1 to 2. What is bought on top is now 1 × Storage.');
    expect(told([changed('subscription', { addOns: [{}] }, { addOns: [] })])).toBe(
      'Nothing is bought on top any more.',
    );
    expect(told([changed('subscription', { addOns: [] }, { addOns: [{ priceId: 'gone', quantity: 1 }] })])).toBe(
      'What is bought on top was changed.',
    );
  });

  it('names a feature as plans.yaml does, or by its key', () => {
    const changes = [{ ...changed('usage', null, { used: 8, limit: 3 }), id: 'members-per-team' }];
    const texts = { name: 'Members', description: null, unit: null };
    const named = inWords(
      { changes, causes: [] },
      { ...names, features: new Map([['members-per-team', texts]]) },
      'en-US',
    );
    const rest = '8 are used and 3 granted now; nothing new is let in until 5 are given back.';

    expect(named).toMatchObject({ kind: 'ACCESS', title: `Members: ${rest}` });
    expect(told(changes)).toBe(`Members per team: ${rest}`);
  });

  it('does not ask back what is counted by the month', () => {
    expect(told([changed('usage', null, { used: 8, limit: 3, metered: true })])).toMatch(
      /8 are used and 3 granted now; nothing new is let in until the new month\.$/,
    );
  });

  it('tells that an account was deleted, and not that its details were', () => {
    const emptied = changed('account', { name: 'Acme' }, { name: null });

    expect(told([emptied], [{ kind: 'call', id: 'a', name: 'deleteAccount' }])).toBe(
      'The account was deleted; its invoices and its history stay.',
    );
    expect(told([emptied], [{ kind: 'call', id: 'a', name: 'upsertAccount' }])).toBe('Billing details were updated.');
  });
});
