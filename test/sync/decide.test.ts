import { CheckoutStatus } from '../../src/checkout/checkout-session.js';
import { InvoiceReason, type InvoiceState, InvoiceStatus } from '../../src/invoices/invoice.js';
import type { PauseState } from '../../src/subscriptions/pending-change.js';
import { SubscriptionStatus, type SubscriptionState } from '../../src/subscriptions/subscription.js';
import { decide } from '../../src/sync/decide.js';
import { NO_TRIES } from '../../src/sync/tries.js';
import { nothingSeen } from '../../src/sync/seen.js';
import {
  aCustomer,
  anAccount,
  input,
  seen,
  seenInvoice,
  seenSubscription,
  type Shown,
  stored,
} from '../support/decide-input.js';
import { anEvent, anInvoice, aSession, aSubscription, DAY, NOW, pending } from '../support/states.js';

const subscribed = (differs = {}) =>
  stored({ subscriptions: [aSubscription()], accounts: [anAccount({ planKey: 'team' })], ...differs });

describe('whose a customer is', () => {
  const unlinked = { customer: null };
  it.each<[string, Parameters<typeof stored>[0], Shown, string | null]>([
    ['the account that her metadata names', unlinked, { customer: aCustomer() }, 'acc_1'],
    [
      'the account that her subscription names',
      unlinked,
      { customer: aCustomer({ accountId: null }), subscriptions: [seenSubscription()] },
      'acc_1',
    ],
    ['the account that her checkout names', unlinked, { sessions: [aSession()] }, 'acc_1'],
    ['nobody when nothing names an account', unlinked, { customer: aCustomer({ accountId: null }) }, null],
    ['nobody when the named account does not exist', unlinked, { customer: aCustomer({ accountId: 'acc_9' }) }, null],
    [
      'nobody by her e-mail',
      { customer: null, accounts: [anAccount({ email: 'billing@acme.example' })] },
      { customer: aCustomer({ accountId: null }) },
      null,
    ],
    ['who is stored, whatever she says now', {}, { customer: aCustomer({ accountId: 'acc_2' }) }, 'acc_1'],
  ])('is %s', (_what, held, shown, owner) => {
    const both = { accounts: [anAccount(), anAccount({ id: 'acc_2' })] };
    const { customer, account } = decide(input(stored({ ...both, ...held }), seen(shown)));

    expect(customer.accountId).toBe(owner);
    expect(customer.liveFor).toBe(owner);
    expect(account?.id ?? null).toBe(owner);
  });

  it('is the strongest claim that fits: her own before that of a subscription', () => {
    const accounts = [anAccount(), anAccount({ id: 'acc_2' })];
    const shown = seen({ customer: aCustomer({ accountId: 'acc_2' }), subscriptions: [seenSubscription()] });

    expect(decide(input(stored({ customer: null, accounts }), shown)).customer.accountId).toBe('acc_2');
  });

  it('is nobody, with an alert, while the account has another live customer; what she has is kept', () => {
    const held = stored({ customer: null, taken: new Set(['acc_1']) });
    const event = pending(anEvent({ type: 'customer.subscription.created' }));
    const shown = seen({ customer: aCustomer(), subscriptions: [seenSubscription()] });
    const decision = decide(input(held, shown, { events: [event] }));

    expect(decision).toMatchObject({ account: null, secondCustomerOf: 'acc_1', verdicts: [{ state: 'pending' }] });
    expect(decision.subscriptions).toMatchObject([{ id: 'sub_1', accountId: null }]);
  });

  it('gives all that she has to the account on linking, and the account its revision', () => {
    const held = stored({
      customer: { id: 'cus_1', accountId: null, liveFor: null, deletedAt: null },
      subscriptions: [aSubscription({ accountId: null })],
      invoices: new Map([['in_1', anInvoice({ accountId: null, status: InvoiceStatus.PAID })]]),
    });
    const decision = decide(input(held, seen({ customer: aCustomer() })));

    expect(decision.subscriptions).toMatchObject([{ id: 'sub_1', accountId: 'acc_1' }]);
    expect(decision.invoices).toMatchObject([{ id: 'in_1', accountId: 'acc_1' }]);
    expect(decision.account).toMatchObject({ planKey: 'team', revision: 5 });
  });
});

describe('the items of a subscription', () => {
  const item = (id: string, priceId: string, quantity = 1) => ({ id, subscriptionId: 'sub_1', priceId, quantity });
  const team = item('si_1', 'price_team');

  it('are a change where something beside the plan is other than before, and only then', () => {
    const held = subscribed({ items: new Map([['sub_1', [team, item('si_2', 'price_storage')]]]) });
    const storage = (quantity: number) => item('si_2', 'price_storage', quantity);
    const shown = (quantity: number) =>
      seen({ subscriptions: [seenSubscription({ items: [team, storage(quantity)] })] });
    const changed = (quantity: number) =>
      decide(input(held, shown(quantity))).changes.filter(({ object }) => object === 'subscription');

    expect(changed(1)).toEqual([]);
    expect(changed(3)).toMatchObject([{ after: { addOns: [{ priceId: 'price_storage', quantity: 3 }] } }]);
  });

  it('stay as they are when the answer that shows them takes back what is final', () => {
    const held = subscribed({
      subscriptions: [aSubscription({ status: SubscriptionStatus.CANCELED, endedAt: NOW - 5 })],
    });

    expect(decide(input(held, seen({ subscriptions: [seenSubscription()] }))).items.size).toBe(0);
  });
});

describe('a deleted customer', () => {
  it('leaves a subscription alone of which Stripe could not be asked how it ended', () => {
    const failures = new Map([['sub_1', { transient: true, message: 'away' }]]);
    const deleted = aCustomer({ deleted: true, name: null, accountId: null });

    expect(decide(input(subscribed(), { ...seen({ customer: deleted }), failures })).subscriptions).toEqual([]);
  });

  it('ends all that she had, frees the account for another, and keeps its name', () => {
    const held = subscribed({ accounts: [anAccount({ planKey: 'team', name: 'Acme' })] });
    const decision = decide(input(held, seen({ customer: aCustomer({ deleted: true, name: null, accountId: null }) })));

    expect(decision.customer).toEqual({ id: 'cus_1', accountId: 'acc_1', liveFor: null, deletedAt: NOW });
    expect(decision.subscriptions).toMatchObject([{ status: SubscriptionStatus.CANCELED, endedAt: NOW }]);
    expect(decision.account).toMatchObject({ planKey: 'free', name: 'Acme', revision: 5 });
  });

  it('never lives again', () => {
    const held = subscribed({ customer: { id: 'cus_1', accountId: 'acc_1', liveFor: null, deletedAt: NOW - 5 } });

    expect(decide(input(held, seen({ customer: aCustomer() }))).customer).toMatchObject({
      deletedAt: NOW - 5,
      liveFor: null,
    });
  });
});

describe('a price that the catalogue does not know', () => {
  it('downgrades nobody: the plan in force stays, and its product is asked for', () => {
    const shown = seen({ subscriptions: [seenSubscription({ priceId: 'price_new' })] });
    const decision = decide(input(subscribed(), shown));

    expect(decision.subscriptions).toMatchObject([{ planKey: 'team', unmapped: true, priceId: 'price_new' }]);
    expect(decision.account?.planKey).toBe('team');
    expect(decision.unknownPrices).toEqual(['price_new']);
  });

  it('leaves the account on its plan when nothing at all is known of a new subscription', () => {
    const shown = seen({ subscriptions: [seenSubscription({ priceId: 'price_new' })] });
    const decision = decide(input(stored({ accounts: [anAccount({ planKey: 'business' })] }), shown));

    expect(decision.account?.planKey).toBe('business');
  });

  it('is asked for no more once the subscription is over', () => {
    const over = seenSubscription({ priceId: 'price_new', status: SubscriptionStatus.CANCELED, endedAt: NOW });

    expect(decide(input(stored(), seen({ subscriptions: [over] }))).unknownPrices).toEqual([]);
  });
});

describe('a final state', () => {
  it.each([SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED])(
    '%s of a subscription is never taken back',
    (status) => {
      const held = stored({ subscriptions: [aSubscription({ status, endedAt: NOW - DAY })] });
      const event = pending(anEvent(), { attempts: 3, tries: { ...NO_TRIES, stale: 3 } });
      const decision = decide(input(held, seen({ subscriptions: [seenSubscription()] }), { events: [event] }));

      expect(decision.subscriptions).toEqual([]);
      expect(decision.account?.planKey).toBe('free');
      expect(decision.verdicts).toMatchObject([{ state: 'dead' }]);
    },
  );

  it.each([InvoiceStatus.PAID, InvoiceStatus.VOID])('%s of an invoice is never taken back', (status) => {
    const held = subscribed({ invoices: new Map([['in_1', anInvoice({ status })]]) });

    expect(decide(input(held, seen({ invoices: [seenInvoice()] }))).invoices).toEqual([]);
  });

  it('of a checkout is never taken back', () => {
    const { claimedAccountId: _claim, ...session } = aSession({ status: CheckoutStatus.COMPLETE });
    const held = stored({ sessions: [{ ...session, accountId: 'acc_1' }] });

    expect(decide(input(held, seen({ sessions: [aSession()] }))).sessions).toEqual([]);
  });

  it('may still change in what is not final', () => {
    const held = stored({
      subscriptions: [aSubscription({ status: SubscriptionStatus.CANCELED, endedAt: NOW - DAY })],
    });
    const shown = seenSubscription({
      status: SubscriptionStatus.CANCELED,
      endedAt: NOW - DAY,
      cancellationComment: 'too dear',
    });

    expect(decide(input(held, seen({ subscriptions: [shown] }))).subscriptions).toMatchObject([
      { cancellationComment: 'too dear' },
    ]);
  });
});

describe('what Stripe no longer has', () => {
  it('is over when it was a subscription', () => {
    const decision = decide(input(subscribed(), seen({ gone: { subscription: ['sub_1'] } })));

    expect(decision.subscriptions).toMatchObject([{ status: SubscriptionStatus.CANCELED, endedAt: NOW }]);
    expect(decision.account?.planKey).toBe('free');
  });

  it('is not believed while the subscription is younger than a minute: an old copy of Stripe does not know it yet', () => {
    const held = stored({ subscriptions: [aSubscription({ createdAt: NOW - 59_000 })] });

    expect(decide(input(held, seen({ gone: { subscription: ['sub_1'] } }))).subscriptions).toEqual([]);
  });

  it('has expired when it was an open checkout', () => {
    const { claimedAccountId: _claim, ...open } = aSession({ createdAt: NOW - 61_000 });
    const held = stored({ sessions: [{ ...open, accountId: 'acc_1' }] });

    const { sessions } = decide(input(held, seen({ gone: { checkoutSession: [open.id] } })));

    expect(sessions).toMatchObject([{ id: open.id, status: CheckoutStatus.EXPIRED, url: null }]);
  });

  it('is removed when it was an invoice, and the history keeps what it was', () => {
    const held = subscribed({ invoices: new Map([['in_1', anInvoice({ status: InvoiceStatus.DRAFT })]]) });
    const decision = decide(input(held, seen({ gone: { invoice: ['in_1'] } })));

    expect(decision.removedInvoices).toEqual(['in_1']);
    expect(decision.changes[0]).toMatchObject({ object: 'invoice', id: 'in_1', before: { total: 2000 }, after: null });
  });

  it('is not believed of an invoice that is paid or void, which Stripe keeps: that answer is older than the invoice', () => {
    for (const status of [InvoiceStatus.PAID, InvoiceStatus.VOID]) {
      const held = subscribed({ invoices: new Map([['in_1', anInvoice({ status })]]) });

      expect(decide(input(held, seen({ gone: { invoice: ['in_1'] } }))).removedInvoices).toEqual([]);
    }
  });

  it('writes nothing when it was never held', () => {
    const decision = decide(input(stored(), seen({ gone: { subscription: ['sub_9'], invoice: ['in_9'] } })));

    expect(decision).toMatchObject({ subscriptions: [], invoices: [], removedInvoices: [], changes: [] });
  });

  it('is unmatched in the end when it is a customer whom nobody ever owned', () => {
    const event = anEvent({ type: 'customer.updated', object: { object: 'customer', id: 'cus_1' } });
    const held = stored({ customer: { id: 'cus_1', accountId: null, liveFor: null, deletedAt: null }, accounts: [] });
    const decision = decide(
      input(held, seen({ customer: null }), {
        events: [pending(event, { attempts: 3, tries: { ...NO_TRIES, stale: 3 } })],
      }),
    );

    expect(decision.verdicts).toMatchObject([{ state: 'unmatched' }]);
  });
});

describe('the plan in force', () => {
  const credit = { id: 'il_1', description: '', quantity: 1, proration: true, periodStart: NOW, periodEnd: NOW };
  const change = {
    reason: InvoiceReason.SUBSCRIPTION_CHANGE,
    lines: [
      { ...credit, amount: -1_000, priceId: 'price_team' },
      { ...credit, amount: 4_950, priceId: 'price_business' },
    ],
  };
  const renewal = { ...change, reason: InvoiceReason.SUBSCRIPTION_RENEWAL };

  it.each<[string, Partial<InvoiceState>, string]>([
    ['the old one while a change by bank debit is not paid', { ...change, status: InvoiceStatus.OPEN }, 'team'],
    ['the new one once it is paid', { ...change, status: InvoiceStatus.PAID }, 'business'],
    ['the new one when its invoice was sent', { ...change, status: InvoiceStatus.OPEN, dueAt: NOW }, 'business'],
    ['the new one when a renewal is not paid', { ...renewal, status: InvoiceStatus.OPEN }, 'business'],
    ['the new one when the catalogue does not know the old', { ...change, lines: [] }, 'business'],
  ])('is %s', (_what, invoice, plan) => {
    const held = stored({ accounts: [anAccount({ planKey: 'team' })] });
    const shown = seen({
      subscriptions: [seenSubscription({ priceId: 'price_business' })],
      invoices: [seenInvoice(invoice)],
    });

    expect(decide(input(held, shown)).account?.planKey).toBe(plan);
  });

  it.each<[string, Partial<InvoiceState>, number, string]>([
    ['is the one before both, where another change was paid that was made on top', {}, NOW - 5 * DAY, 'team'],
    ['is the one before both, where both are not paid', { status: InvoiceStatus.OPEN }, NOW - 5 * DAY, 'team'],
    ['is the one before both, where the other change began the period', { createdAt: NOW }, NOW, 'team'],
    ['is the new one, where a renewal was paid between the two', {}, NOW - DAY, 'enterprise'],
  ])('%s', (_what, differs, currentPeriodStart, plan) => {
    const first = { ...change, ...{ id: 'in_0', status: InvoiceStatus.OPEN, createdAt: NOW - 2 * DAY, dueAt: null } };
    const second = {
      ...{
        id: 'in_1',
        status: InvoiceStatus.PAID,
        reason: InvoiceReason.SUBSCRIPTION_CHANGE,
        createdAt: NOW - DAY / 2,
      },
      lines: [
        { ...credit, amount: -4_950, priceId: 'price_business' },
        { ...credit, amount: 9_900, priceId: 'price_enterprise' },
      ],
    };
    const invoices = [seenInvoice(first), seenInvoice({ ...second, ...differs })];
    const now = seenSubscription({ priceId: 'price_enterprise', latestInvoiceId: 'in_1', currentPeriodStart });
    const planOfPrice = new Map([...stored().planOfPrice, ['price_enterprise', 'enterprise']]);
    const held = stored({ accounts: [anAccount({ planKey: 'team' })], planOfPrice });

    expect(decide(input(held, seen({ subscriptions: [now], invoices }))).account?.planKey).toBe(plan);
  });

  it('is the free one until a first payment has come in', () => {
    const first = { reason: InvoiceReason.SUBSCRIPTION_START, subscriptionId: 'sub_1' };
    const planOf = (invoice: Partial<InvoiceState>) =>
      decide(
        input(
          stored(),
          seen({ subscriptions: [seenSubscription()], invoices: [seenInvoice({ ...first, ...invoice })] }),
        ),
      ).account?.planKey;
    const { OPEN, VOID, PAID } = InvoiceStatus;

    expect([planOf({ status: OPEN }), planOf({ status: VOID }), planOf({ status: PAID, paidAt: NOW })]).toEqual([
      ...['free', 'free', 'team'],
    ]);
  });

  it('is that of the highest rank among the live ones, whoever of the customers has it', () => {
    const other = aSubscription({ id: 'sub_0', customerId: 'cus_0', planKey: 'business', priceId: 'price_business' });
    const decision = decide(input(stored({ subscriptions: [other] }), seen({ subscriptions: [seenSubscription()] })));

    expect(decision.account?.planKey).toBe('business');
  });

  const voided: PauseState = { of: 'collection', cause: 'REQUESTED', since: NOW, resumesAt: null };
  it.each<[string, Partial<SubscriptionState>, string]>([
    ["is paused by Stripe's status", { status: SubscriptionStatus.PAUSED }, 'team'],
    ['is paused by voided invoices', { pause: voided }, 'team'],
    ['is unpaid for good', { status: SubscriptionStatus.UNPAID }, 'team'],
    ['has a status that nobody knows', { status: SubscriptionStatus.UNRECOGNIZED }, 'team'],
    ['only collects later', { pause: { ...voided, cause: 'COLLECTION_ONLY' } }, 'business'],
    ['is overdue', { status: SubscriptionStatus.PAST_DUE }, 'business'],
    ['is in a trial', { status: SubscriptionStatus.TRIALING }, 'business'],
  ])('is that of a lower rank only while the higher one %s', (_what, differs, plan) => {
    const higher = aSubscription({ id: 'sub_0', planKey: 'business', priceId: 'price_business', ...differs });
    const { account } = decide(
      input(stored({ subscriptions: [higher] }), seen({ subscriptions: [seenSubscription()] })),
    );

    expect(account?.planKey).toBe(plan);
  });

  it('is that of the higher rank where both are paused', () => {
    const paused = { status: SubscriptionStatus.PAUSED };
    const higher = aSubscription({ id: 'sub_0', planKey: 'business', priceId: 'price_business', ...paused });
    const lower = seenSubscription(paused);
    const { account } = decide(input(stored({ subscriptions: [higher] }), seen({ subscriptions: [lower] })));

    expect(account?.planKey).toBe('business');
    expect(account?.announcedAccess?.reason).toBe('PAUSED');
  });

  it.each<[SubscriptionStatus, string]>([
    [SubscriptionStatus.ACTIVE, 'team'],
    [SubscriptionStatus.TRIALING, 'team'],
    [SubscriptionStatus.PAST_DUE, 'team'],
    [SubscriptionStatus.PAUSED, 'team'],
    [SubscriptionStatus.UNPAID, 'free'],
    [SubscriptionStatus.INCOMPLETE, 'free'],
    [SubscriptionStatus.INCOMPLETE_EXPIRED, 'free'],
    [SubscriptionStatus.CANCELED, 'free'],
  ])('with a subscription that is %s is %s', (status, plan) => {
    expect(decide(input(stored(), seen({ subscriptions: [seenSubscription({ status })] }))).account?.planKey).toBe(
      plan,
    );
  });
});

describe('the revision', () => {
  it('grows by one however much has changed, with a change for each thing', () => {
    const shown = seen({
      customer: aCustomer(),
      subscriptions: [seenSubscription()],
      invoices: [seenInvoice()],
      sessions: [aSession()],
    });
    const { account, changes } = decide(input(stored(), shown));

    expect(account?.revision).toBe(5);
    expect(changes.map(({ object }) => object)).toEqual([
      'subscription',
      'invoice',
      'checkoutSession',
      'account',
      'plan',
      'access',
    ]);
  });

  it('stays when everything is as stored', () => {
    const held = subscribed({
      accounts: [anAccount({ planKey: 'team', name: 'Acme', email: 'billing@acme.example', currency: 'USD' })],
    });
    const first = decide(input(held, seen({ customer: aCustomer(), subscriptions: [seenSubscription()] })));
    const again = decide(
      input(
        { ...held, accounts: [first.account ?? anAccount()] },
        seen({ customer: aCustomer(), subscriptions: [seenSubscription()] }),
      ),
    );

    expect(again).toMatchObject({
      account: { revision: first.account?.revision },
      changes: [],
      subscriptions: [],
      confirmed: ['sub_1'],
    });
  });

  it('grows when grace ends although Stripe was not asked and has said nothing', () => {
    const held = subscribed({
      subscriptions: [aSubscription({ status: SubscriptionStatus.PAST_DUE, lastPaymentAt: NOW - 31 * DAY })],
      invoices: new Map([['in_1', anInvoice()]]),
    });
    const during = decide(input(held, nothingSeen()));
    const later = { ...held, accounts: [during.account ?? anAccount()] };
    const after = decide(input(later, nothingSeen(), { now: NOW + 6 * DAY + 1 }));

    expect(during.wakeAt).toBe(NOW + 6 * DAY + 1);
    expect(during.account?.announcedAccess).toMatchObject({ allowed: true, reason: 'GRACE_PERIOD' });
    expect(after.account).toMatchObject({
      revision: 6,
      announcedAccess: { allowed: false, reason: 'PAYMENT_OVERDUE' },
    });
    expect(after.wakeAt).toBeNull();
  });
});

describe('when the copy was last confirmed', () => {
  it('is now after a look at Stripe', () => {
    expect(decide(input(stored(), seen({ customer: aCustomer() }))).account?.syncedAt).toBe(NOW);
  });

  it('stays when Stripe was not asked', () => {
    expect(decide(input(stored(), nothingSeen())).account?.syncedAt).toBe(NOW - 1_000);
  });

  it('stays when the look was not whole', () => {
    const shown = { ...seen({ customer: aCustomer() }), incomplete: { transient: true, message: 'late' } };

    expect(decide(input(stored(), shown)).account?.syncedAt).toBe(NOW - 1_000);
  });
});

describe('the plan of a subscription whose price no catalogue knows', () => {
  const planOf = (held: Parameters<typeof stored>[0], differs: Parameters<typeof seenSubscription>[0]) => {
    const { subscriptions, unknownOf } = decide(
      input(stored(held), seen({ subscriptions: [seenSubscription({ priceId: 'price_own', ...differs })] })),
    );
    return [subscriptions[0]?.planKey, subscriptions[0]?.unmapped, unknownOf.map(({ claimed }) => claimed)];
  };
  const kept = { subscriptions: [aSubscription({ planKey: 'business' })] };

  it.each<[string, Parameters<typeof stored>[0], object, unknown[]]>([
    ['stays what it was, and an operator hears of it', kept, {}, ['business', true, [false]]],
    ['is the one that its metadata names, with a warning', {}, { claimedPlanKey: 'team' }, ['team', false, [true]]],
    ['is none that the catalogue does not have', kept, { claimedPlanKey: 'gold' }, ['business', true, [false]]],
    ['is not known when nothing tells', {}, {}, [null, true, [false]]],
    [
      'is what a known price says, whatever the metadata name',
      {},
      { priceId: 'price_team', claimedPlanKey: 'business' },
      ['team', false, []],
    ],
  ])('%s', (_what, held, differs, told) => {
    expect(planOf(held, differs)).toEqual(told);
  });

  it('is not spoken of by a round that did not look at the subscription', () => {
    const held = stored({ subscriptions: [aSubscription({ planKey: 'business' })], planOfPrice: new Map() });
    const told = seen({ invoices: [seenInvoice({ status: InvoiceStatus.PAID, paidAt: NOW, amountPaid: 2000 })] });
    const { subscriptions, unknownOf } = decide(input(held, told));

    expect(subscriptions).toMatchObject([{ lastPaymentAt: NOW }]);
    expect(unknownOf).toEqual([]);
  });
});
