import { nothingSeen, type Seen } from '../../src/sync/seen.js';
import { denies } from '../../src/sync/suspect.js';
import { anEvent } from '../support/states.js';

const method = (type: string, previousAttributes: Record<string, unknown> | null = null) =>
  anEvent({ type, object: { object: 'payment_method', id: 'pm_1', customer: 'cus_1' }, previousAttributes });
const taxId = (type: string, previousAttributes: Record<string, unknown> | null = null) =>
  anEvent({ type, object: { object: 'tax_id', id: 'txi_1', customer: 'cus_1' }, previousAttributes });

const withMethods = (...raws: { id: string }[]): Seen => ({
  ...nothingSeen(),
  paymentMethods: new Map(raws.map((raw) => [raw.id, { state: {} as never, raw }])),
});
const withTaxIds = (...data: { id: string }[]): Seen => {
  const seen = nothingSeen();
  seen.customer.set('cus_1', { state: {} as never, raw: { id: 'cus_1', tax_ids: { data } } });
  return seen;
};

describe('a list that Stripe answers', () => {
  it.each([
    ['a new card is not in it yet', method('payment_method.attached'), withMethods(), true],
    ['a new card is in it', method('payment_method.attached'), withMethods({ id: 'pm_1' }), false],
    ['a removed card is still in it', method('payment_method.detached'), withMethods({ id: 'pm_1' }), true],
    ['a removed card is not in it', method('payment_method.detached'), withMethods(), false],
    ['it was not looked at', method('payment_method.attached'), nothingSeen(), false],
    ['a new tax id is not in it yet', taxId('customer.tax_id.created'), withTaxIds(), true],
    ['a removed tax id is still in it', taxId('customer.tax_id.deleted'), withTaxIds({ id: 'txi_1' }), true],
    ['a removed tax id is not in it', taxId('customer.tax_id.deleted'), withTaxIds(), false],
    ['the customer was not looked at', taxId('customer.tax_id.created'), nothingSeen(), false],
  ])('denies an event or not when %s', (_when, event, seen, denied) => {
    expect(denies(event, seen, [])).toBe(denied);
  });

  it('denies an update while the object looks as before', () => {
    const before = { verification: { status: 'pending' } };
    const event = taxId('customer.tax_id.updated', before);

    expect(denies(event, withTaxIds({ id: 'txi_1', ...before }), [])).toBe(true);
    expect(denies(event, withTaxIds({ id: 'txi_1', ...{ verification: { status: 'verified' } } }), [])).toBe(false);
  });

  it('denies no addition when the removal is among the events of the same round', () => {
    const events = [method('payment_method.attached'), method('payment_method.detached')] as const;

    expect(denies(events[0], withMethods(), events)).toBe(false);
  });
});
