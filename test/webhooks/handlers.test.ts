import { subjectKey, subjectOf } from '../../src/sync/subject.js';
import { demandsOf, handlers, isHandled } from '../../src/webhooks/handlers.js';
import { anEvent } from '../support/states.js';

const demands = (type: string, object: Record<string, unknown>) =>
  demandsOf(anEvent({ type, object })).map(({ kind, id }) => `${kind} ${id}`);

const invoice = { object: 'invoice', id: 'in_1', parent: { subscription_details: { subscription: 'sub_1' } } };
const session = { object: 'checkout.session', id: 'cs_1', subscription: 'sub_1' };

/** What a gateway of subscriptions needs to hear, by Stripe's own names. */
const NEEDED =
  `checkout.session.completed checkout.session.async_payment_succeeded checkout.session.async_payment_failed
  checkout.session.expired customer.created customer.updated customer.deleted customer.subscription.created
  customer.subscription.updated customer.subscription.deleted customer.subscription.paused customer.subscription.resumed
  customer.subscription.trial_will_end customer.subscription.pending_update_applied
  customer.subscription.pending_update_expired invoice.created invoice.finalized invoice.finalization_failed invoice.paid
  invoice.payment_failed invoice.payment_action_required invoice.payment_attempt_required invoice.voided
  invoice.marked_uncollectible invoice.updated payment_method.attached payment_method.detached payment_method.updated
  payment_method.automatically_updated subscription_schedule.created subscription_schedule.updated
  subscription_schedule.released subscription_schedule.canceled subscription_schedule.completed
  subscription_schedule.aborted product.created product.updated product.deleted price.created price.updated price.deleted
  customer.tax_id.updated`.split(/\s+/);

describe('the table of handlers', () => {
  it.each(NEEDED)('listens to %s', (type) => {
    expect(isHandled(type)).toBe(true);
  });

  it.each(Object.entries(handlers))(
    'says why it listens to %s, and asks nothing of an empty object',
    (type, { why }) => {
      expect(why.length).toBeGreaterThan(5);
      expect(demands(type, {})).toEqual([]);
    },
  );

  it.each([
    ['customer.updated', { object: 'customer', id: 'cus_1' }, ['customer cus_1']],
    ['customer.subscription.updated', { object: 'subscription', id: 'sub_1' }, ['subscription sub_1']],
    ['invoice.created', invoice, ['invoice in_1']],
    ['invoice.paid', invoice, ['subscription sub_1', 'invoice in_1']],
    ['invoice.payment_failed', invoice, ['subscription sub_1', 'invoice in_1']],
    ['invoice.paid', { object: 'invoice', id: 'in_1', parent: null }, ['invoice in_1']],
    ['checkout.session.completed', session, ['subscription sub_1', 'checkoutSession cs_1']],
    ['checkout.session.expired', session, ['checkoutSession cs_1']],
    ['product.updated', { object: 'product', id: 'prod_1' }, ['product prod_1']],
    ['price.updated', { object: 'price', id: 'price_1', product: 'prod_1' }, ['product prod_1']],
    ['price.updated', { object: 'price', id: 'price_1', product: { id: 'prod_1' } }, ['product prod_1']],
  ])('%s asks to look again at what it names', (type, object, expected) => {
    expect(demands(type, object)).toEqual(expected);
  });

  it.each([
    ['customer.updated', { object: 'customer', id: 42 }],
    ['customer.updated', { object: 'customer', id: '../customers' }],
    ['invoice.paid', { object: 'invoice', id: {}, parent: { subscription_details: { subscription: '?' } } }],
    ['invoice.paid', { object: 'invoice', parent: 'sub_1' }],
    ['product.updated', { object: 'product', id: 42 }],
    ['product.updated', { object: 'product', id: 'a b' }],
    ['price.updated', { object: 'price', product: '/v1/products' }],
  ])('%s asks nothing when the object is %j', (type, object) => {
    expect(demands(type, object)).toEqual([]);
  });

  it('asks nothing of a type it does not list, whatever its name', () => {
    for (const type of ['charge.refunded', 'toString', '__proto__', 'constructor']) {
      expect(isHandled(type)).toBe(false);
      expect(demands(type, { id: 'ch_1' })).toEqual([]);
    }
  });

  it.each(Object.keys(handlers).filter((type) => /^(product|price)\./.test(type)))(
    'puts %s to the catalogue and not to a customer',
    (type) => {
      const [object] = type.split('.');
      const event = anEvent({ type, object: { object, id: `${object}_1`, product: 'prod_1' } });
      expect(subjectKey(subjectOf(event))).toMatch(/^catalogue:/);
    },
  );
});
