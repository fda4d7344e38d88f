import { startStory, type Story } from '../support/story.js';

describe('a bank debit', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  const subscribe = async (account: string) => {
    const customer = await story.customer(account);
    await story.told();
    const items = [{ price: await story.price('Team', 2000) }];
    return story.stripe.subscriptions.create({ customer, items, expand: ['latest_invoice.payments'] });
  };
  const invoiceOf = async (id: string) =>
    story.stripe.invoices.retrieve(String((await story.stripe.subscriptions.retrieve(id)).latest_invoice), {
      expand: ['payments.data.payment.payment_intent.latest_charge'],
    });
  const payment = async (id: string) => {
    const { status, attempt_count, payments } = await invoiceOf(id);
    const intent = payments?.data[0]?.payment.payment_intent as { status: string; latest_charge: { status: string } };
    return [status, attempt_count, intent.status, intent.latest_charge.status];
  };

  it('begins a subscription while it is under way, and pays its invoice days later', async () => {
    const { id, status } = await subscribe('pm_usBankAccount_success');
    const begun = await story.told();
    const underWay = await payment(id);
    await story.sandbox.advance({ by: 'P3D' });
    const silent = await story.told();
    await story.sandbox.advance({ by: 'P1D' });

    expect(status).toBe('active');
    expect(begun).toEqual(expect.arrayContaining(['charge.pending', 'payment_intent.processing', 'invoice.updated']));
    expect(begun).not.toContain('invoice.paid');
    expect(underWay).toEqual(['open', 1, 'processing', 'pending']);
    expect(silent).toEqual([]);
    expect(await story.told()).toEqual(
      expect.arrayContaining(['charge.succeeded', 'payment_intent.succeeded', 'invoice_payment.paid', 'invoice.paid']),
    );
    expect(await payment(id)).toEqual(['paid', 1, 'succeeded', 'succeeded']);
  });

  it('that fails at the very first voids its invoice, and the subscription stays active', async () => {
    const { id } = await subscribe('pm_usBankAccount_insufficientFunds');
    await story.told();
    await story.sandbox.advance({ by: 'P4D' });

    expect(await story.told()).toEqual(
      expect.arrayContaining([
        'charge.failed',
        'payment_intent.payment_failed',
        'invoice.payment_failed',
        'invoice.voided',
      ]),
    );
    expect(await payment(id)).toEqual(['void', 1, 'canceled', 'failed']);
    expect((await story.stripe.subscriptions.retrieve(id)).status).toBe('active');
  });

  it('leaves a checkout complete and unpaid until the bank has answered', async () => {
    const { stripe, sandbox } = story;
    const items = [{ price: await story.price('Team', 2000), quantity: 1 }];
    const urls = { success_url: 'https://app.example.com/', cancel_url: 'https://app.example.com/' };
    const { id } = await stripe.checkout.sessions.create({ mode: 'subscription', line_items: items, ...urls });
    await fetch(`${sandbox.url}/_sandbox/checkout_sessions/${id}/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ payment_method: 'pm_usBankAccount_success' }),
    });
    const before = await stripe.checkout.sessions.retrieve(id);
    await sandbox.advance({ by: 'P4D' });

    expect(before).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(await story.told()).toContain('checkout.session.async_payment_succeeded');
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'paid' });
  });
});
