import fc from 'fast-check';
import { parseSubject, subjectKey, subjectOf } from '../../src/sync/subject.js';
import { toStripeEvent } from '../../src/webhooks/stripe-event.js';

const of = (object: Record<string, unknown>, previousAttributes: Record<string, unknown> | null = null) =>
  subjectKey(subjectOf({ id: 'evt_9', object, previousAttributes }));

describe('the subject of an event', () => {
  it.each([
    ['the customer herself', of({ object: 'customer', id: 'cus_1' }), 'cus_1'],
    ['the customer an object names', of({ object: 'subscription', id: 'sub_1', customer: 'cus_1' }), 'cus_1'],
    ['the customer an object holds expanded', of({ object: 'invoice', customer: { id: 'cus_1' } }), 'cus_1'],
    [
      'the customer an object had before',
      of({ object: 'payment_method', id: 'pm_1', customer: null }, { customer: 'cus_1' }),
      'cus_1',
    ],
    ['the product itself', of({ object: 'product', id: 'prod_1' }), 'catalogue:prod_1'],
    ['the product of a price', of({ object: 'price', id: 'price_1', product: 'prod_1' }), 'catalogue:prod_1'],
    ['the product a price holds expanded', of({ object: 'price', product: { id: 'prod_1' } }), 'catalogue:prod_1'],
    ['the object, when it names nobody', of({ object: 'checkout.session', id: 'cs_1', customer: null }), 'object:cs_1'],
    ['the event, when nothing has an id', of({}), 'object:evt_9'],
    ['the event, when the id is no id', of({ object: 'charge', id: '../../v1/x' }), 'object:evt_9'],
    ['never a customer whose id is no id', of({ object: 'invoice', id: 'in_1', customer: "' OR 1=1" }), 'object:in_1'],
    ['never a customer whose id is a list', of({ object: 'invoice', id: 'in_1', customer: ['cus_1'] }), 'object:in_1'],
    ['the customer before the product', of({ object: 'price', product: 'prod_1', customer: 'cus_1' }), 'cus_1'],
  ])('is %s', (_what, found, expected) => {
    expect(found).toBe(expected);
  });

  it('exists for any JSON object, is the same every time, fits its column and is found again by its key', () => {
    const words = fc.constantFrom('id', 'object', 'customer', 'product', 'customer_account', 'parent');
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('customer', 'product', 'cus_1', 'prod_1', { id: 'cus_2' }));
    const object = fc.dictionary(fc.oneof(words, fc.string()), value);
    fc.assert(
      fc.property(object, fc.option(object), (it, before) => {
        const event = { id: 'evt_1', object: it, previousAttributes: before };
        const key = subjectKey(subjectOf(event));
        expect(subjectKey(subjectOf(event))).toBe(key);
        expect(subjectKey(parseSubject(key))).toBe(key);
        expect(key).toMatch(/^[\x21-\x7e]{3,255}$/);
      }),
    );
  });
});

describe('the reading of an event', () => {
  const good = {
    id: 'evt_1',
    object: 'event',
    type: 'invoice.paid',
    created: 1,
    livemode: false,
    data: { object: {} },
  };

  it('takes what it needs and nothing else', () => {
    const read = toStripeEvent({
      ...good,
      api_version: '2026-10-28.endive',
      request: { id: null, idempotency_key: 'k:1' },
    });

    expect(read).toEqual({
      id: 'evt_1',
      type: 'invoice.paid',
      created: 1,
      livemode: false,
      apiVersion: '2026-10-28.endive',
      account: null,
      requestKey: 'k:1',
      object: {},
      previousAttributes: null,
    });
  });

  it.each([
    ['no object', null],
    ['a list', []],
    ['a text', 'evt_1'],
    ['an id of something else', { ...good, id: 'cus_1' }],
    ['an id with a blank', { ...good, id: 'evt_1 ' }],
    ['an id longer than its column', { ...good, id: `evt_${'x'.repeat(300)}` }],
    ['another kind of object', { ...good, object: 'charge' }],
    ['a type that is no word', { ...good, type: 'invoice paid; DROP TABLE' }],
    ['a moment that is no whole number', { ...good, created: 1.5 }],
    ['a moment in the far future', { ...good, created: 1e15 }],
    ['no mode', { ...good, livemode: 'false' }],
    ['no data', { ...good, data: undefined }],
    ['data that is a list', { ...good, data: { object: [] } }],
    ['a thin event', { ...good, object: 'v2.core.event', data: undefined }],
  ])('answers nothing for %s', (_what, json) => {
    expect(toStripeEvent(json)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void toStripeEvent(json)));
  });
});
