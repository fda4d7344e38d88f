import fc from 'fast-check';
import { CheckoutStatus } from '../../src/checkout/checkout-session.js';
import { InvoiceStatus } from '../../src/invoices/invoice.js';
import { isTerminal, SubscriptionStatus } from '../../src/subscriptions/subscription.js';
import { decide } from '../../src/sync/decide.js';
import { aCustomer, input, seen, seenInvoice, seenSubscription, stored, written } from '../support/decide-input.js';
import { aSession, DAY, NOW } from '../support/states.js';

const ids = <Value extends string>(...values: Value[]) => fc.constantFrom(...values);
const moment = fc.option(fc.integer({ min: -40, max: 40 }).map((days) => NOW + days * DAY));

const subscription = fc
  .record({
    id: ids('sub_1', 'sub_2', 'sub_3'),
    status: fc.constantFrom(...Object.values(SubscriptionStatus)),
    priceId: ids('price_team', 'price_business', 'price_unknown'),
    cancelAtPeriodEnd: fc.boolean(),
    cancelAt: moment,
    trialEnd: moment,
    latestInvoiceId: fc.option(ids('in_1', 'in_2')),
    claimedAccountId: fc.option(ids('acc_1', 'acc_9')),
  })
  .map(seenSubscription);
const invoice = fc
  .record({ id: ids('in_1', 'in_2'), status: fc.constantFrom(...Object.values(InvoiceStatus)), finalizedAt: moment })
  .map(seenInvoice);
const session = fc
  .record({
    id: ids('cs_1', 'cs_2'),
    status: fc.constantFrom(...Object.values(CheckoutStatus)),
    customerId: ids('cus_1'),
  })
  .map(aSession);
const customer = fc.option(
  fc
    .record({ deleted: fc.boolean(), accountId: fc.option(ids('acc_1', 'acc_9')), name: fc.option(ids('A', 'B')) })
    .map(aCustomer),
  { nil: undefined },
);
const byId = { selector: ({ id }: { id: string }) => id };
const look = fc
  .record({
    customer,
    subscriptions: fc.uniqueArray(subscription, byId),
    invoices: fc.uniqueArray(invoice, byId),
    sessions: fc.uniqueArray(session, byId),
    gone: fc.record({ subscription: fc.subarray(['sub_1', 'sub_2', 'sub_3']), invoice: fc.subarray(['in_1', 'in_2']) }),
  })
  .map(seen);
const linked = fc.boolean().map((known) => (known ? stored() : stored({ customer: null })));

describe('deciding', () => {
  it('twice on what was seen changes nothing the second time', () => {
    fc.assert(
      fc.property(linked, fc.array(look, { minLength: 1, maxLength: 4 }), (start, looks) => {
        let held = start;
        for (const shown of looks) held = written(held, decide(input(held, shown)));
        const last = looks[looks.length - 1] ?? seen({});
        const again = decide(input(held, last));
        expect(again.changes).toEqual([]);
        expect([...again.subscriptions, ...again.invoices, ...again.sessions, ...again.removedInvoices]).toEqual([]);
        expect(again.customer).toEqual(held.customer);
      }),
      { numRuns: 500 },
    );
  });

  it('never takes a final state back, never lowers a revision, and raises it by one exactly when it tells a change', () => {
    fc.assert(
      fc.property(linked, fc.array(look, { maxLength: 5 }), (start, looks) => {
        let held = start;
        for (const shown of looks) {
          const decision = decide(input(held, shown));
          const revision = held.accounts[0]?.revision ?? 0;
          if (decision.account)
            expect(decision.account.revision).toBe(revision + (decision.changes.length > 0 ? 1 : 0));
          const after = written(held, decision);
          for (const before of held.subscriptions.filter(isTerminal)) {
            expect(after.subscriptions.filter(({ id }) => id === before.id).every(isTerminal)).toBe(true);
          }
          if (held.customer?.accountId) expect(after.customer?.accountId).toBe(held.customer.accountId);
          held = after;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('asks for a wake-up strictly ahead or for none', () => {
    fc.assert(
      fc.property(linked, look, (held, shown) => {
        const { wakeAt } = decide(input(held, shown));
        if (wakeAt !== null) expect(wakeAt).toBeGreaterThan(NOW);
      }),
    );
  });

  it('leaves its input as it was', () => {
    fc.assert(
      fc.property(linked, look, (held, shown) => {
        const before = structuredClone({ held, shown });
        decide(input(held, shown));
        expect({ held, shown }).toEqual(before);
      }),
    );
  });
});
