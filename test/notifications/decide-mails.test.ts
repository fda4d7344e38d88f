import { InvoiceReason, InvoiceStatus, type InvoiceState } from '../../src/invoices/invoice.js';
import { decideMails } from '../../src/notifications/decide-mails.js';
import { anInvoice, DAY, NOW } from '../support/states.js';

const decide = (before: InvoiceState | null, after: InvoiceState) =>
  decideMails({
    accountId: 'acc_1',
    before: new Map(before ? [[before.id, before]] : []),
    after: [after],
    kinds: ['payment_failed'],
    now: NOW,
  }).map(({ id }) => id);

describe('a failed payment', () => {
  it.each<[string, Partial<InvoiceState> | null, Partial<InvoiceState>, string[]]>([
    ['asks for a mail at its first attempt', { attemptCount: 0 }, { attemptCount: 1 }, ['payment_failed:in_1:1']],
    ['asks for one at each later attempt', { attemptCount: 1 }, { attemptCount: 2 }, ['payment_failed:in_1:2']],
    [
      'asks for one mail about two attempts at once',
      { attemptCount: 1 },
      { attemptCount: 3 },
      ['payment_failed:in_1:3'],
    ],
    ['asks for none when nothing was tried', { attemptCount: 1 }, { attemptCount: 1, nextAttemptAt: NOW }, []],
    ['asks for none once it is paid', { attemptCount: 0 }, { attemptCount: 1, status: InvoiceStatus.PAID }, []],
    ['asks for one when it is first seen as failed', null, { attemptCount: 1 }, ['payment_failed:in_1:1']],
    ['asks for none when it is first seen long after', null, { attemptCount: 3, finalizedAt: NOW - 4 * DAY }, []],
    ['asks for none when it is first seen untried', null, { attemptCount: 0 }, []],
    [
      'asks for one when its customer finds an owner soon',
      { accountId: null, attemptCount: 1 },
      { attemptCount: 1 },
      ['payment_failed:in_1:1'],
    ],
    [
      'asks for none at the till, where the customer sees it',
      { attemptCount: 0 },
      { attemptCount: 1, reason: InvoiceReason.SUBSCRIPTION_START },
      [],
    ],
    [
      'asks for none at a change of plan',
      { attemptCount: 0 },
      { attemptCount: 1, reason: InvoiceReason.SUBSCRIPTION_CHANGE },
      [],
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(decide(before && anInvoice(before), anInvoice(after))).toEqual(expected);
  });

  it('asks for none where the kind is switched off', () => {
    const after = [anInvoice()];
    expect(decideMails({ accountId: 'acc_1', before: new Map(), after, kinds: [], now: NOW })).toEqual([]);
  });

  it('queues ids and counts alone: no address, no amount, no link', () => {
    const after = [anInvoice({ hostedUrl: 'https://invoice.stripe.com/i/secret' })];
    const mails = decideMails({ accountId: 'acc_1', before: new Map(), after, kinds: ['payment_failed'], now: NOW });
    expect(mails).toEqual([
      {
        id: 'payment_failed:in_1:1',
        kind: 'payment_failed',
        accountId: 'acc_1',
        about: { invoice: 'in_1', attempt: 1 },
      },
    ]);
  });
});
