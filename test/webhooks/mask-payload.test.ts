import { maskPayload } from '../../src/webhooks/mask-payload.js';

describe('the payload of an event, as staff see it', () => {
  it('hides persons, cards and keys wherever they stand', () => {
    const shipping = { name: 'Ada', address: { line1: '1 Main St' } };
    expect(maskPayload({ customer_email: 'a@b.example', shipping, charges: [{ last4: '4242' }], name: null })).toEqual({
      ...{ customer_email: '[hidden]', shipping: '[hidden]', charges: [{ last4: '[hidden]' }], name: null },
    });
  });

  it('shows amounts and switches, also where their names are like those of what is hidden', () => {
    const shown = { amount_shipping: 500, allow_name: true, shipping_cost: { amount_total: 500 } };
    expect(maskPayload(shown)).toEqual(shown);
  });

  it('breaks off where something is deeper than anything of Stripe is', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as unknown;

    expect(JSON.stringify(maskPayload(deep))).toMatch(/^\{"a":.*"\[too deep to be shown\]"\}+$/);
  });
});
