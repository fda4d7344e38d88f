import type Stripe from 'stripe';
import { startStory, type Story } from '../support/story.js';

describe('the customer portal', () => {
  let story: Story;
  let customer: string;
  let small: string;
  let large: string;
  let id: string;
  beforeEach(async () => {
    story = await startStory();
    customer = await story.customer();
    small = await story.price('Small', 1000);
    large = await story.price('Large', 5000);
  });
  afterEach(() => story.stop());

  const subscribe = async (price: string, mode: 'flexible' | 'classic' = 'flexible'): Promise<void> => {
    id = (await story.stripe.subscriptions.create({ customer, items: [{ price }], billing_mode: { type: mode } })).id;
  };
  const session = (
    more: Partial<Stripe.BillingPortal.SessionCreateParams> = {},
  ): Promise<Stripe.BillingPortal.Session> =>
    story.stripe.billingPortal.sessions.create({ customer, return_url: 'http://localhost/back', ...more });
  const act = async (url: string, form: Record<string, string>): Promise<Response> =>
    fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ subscription: id, ...form }) });

  it('cancels a flexible subscription with a date, and takes it back', async () => {
    await subscribe(small);
    const { url } = await session();
    await act(url, { action: 'cancel' });
    expect(await story.stripe.subscriptions.retrieve(id)).toMatchObject({
      cancel_at_period_end: false,
      cancel_at: Date.parse('2027-05-01T00:00:00Z') / 1000,
    });

    await act(url, { action: 'renew' });

    expect(await story.stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null });
  });

  it('cancels a classic subscription with the flag', async () => {
    await subscribe(small, 'classic');
    await act((await session()).url, { action: 'cancel' });
    expect(await story.stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at_period_end: true });
  });

  it('schedules a downgrade where the configuration says so, and upgrades at once', async () => {
    await subscribe(large);
    const configuration = await story.stripe.billingPortal.configurations.create({
      features: {
        subscription_update: {
          enabled: true,
          default_allowed_updates: ['price'],
          proration_behavior: 'always_invoice',
          products: [],
          schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
        },
      },
    });
    const { url } = await session({ configuration: configuration.id });

    await act(url, { action: 'update', price: small });
    const scheduled = await story.stripe.subscriptions.retrieve(id);
    expect(scheduled.items.data[0]?.price.id).toBe(large);
    expect(scheduled.schedule).toMatch(/^sub_sched_/);
    await story.sandbox.advance({ to: '2027-05-01T02:00:00Z' });

    expect((await story.stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(small);
  });

  it('confirms the one change a flow was made for, then leads back', async () => {
    await subscribe(small);
    const item = (await story.stripe.subscriptions.retrieve(id)).items.data[0]?.id;
    const { url, flow } = await session({
      flow_data: {
        type: 'subscription_update_confirm',
        subscription_update_confirm: { subscription: id, items: [{ id: String(item), price: large }] },
        after_completion: { type: 'redirect', redirect: { return_url: 'http://localhost/done' } },
      },
    });
    expect(flow?.type).toBe('subscription_update_confirm');
    expect(await (await fetch(url)).text()).toContain('Confirm the change');

    const answer = await act(url, { action: 'update', price: large });

    expect(answer.headers.get('location')).toBe('http://localhost/done');
    expect((await story.stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(large);
  });

  it('replaces the default card', async () => {
    await subscribe(small);
    await act((await session({ flow_data: { type: 'payment_method_update' } })).url, {
      action: 'payment_method',
      payment_method: 'pm_card_mastercard',
    });

    const after = (await story.stripe.customers.retrieve(customer, {
      expand: ['invoice_settings.default_payment_method'],
    })) as Stripe.Customer;
    expect(after.invoice_settings.default_payment_method).toMatchObject({ card: { brand: 'mastercard' } });
  });

  it('refuses what its configuration does not allow', async () => {
    await subscribe(small);
    const configuration = await story.stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true } },
    });

    const answer = await act((await session({ configuration: configuration.id })).url, { action: 'cancel' });

    expect(answer.status).toBe(402);
    expect(await answer.text()).toContain('does not let customers cancel');
  });
});
