import Stripe from 'stripe';
import { toCardFailure } from '../../src/stripe/card-errors.js';

const cardError = (fields: object) =>
  new Stripe.errors.StripeCardError({
    type: 'card_error',
    message: 'Your card was declined.',
    ...fields,
  } as ConstructorParameters<typeof Stripe.errors.StripeCardError>[0]);

describe('what a bank answers', () => {
  it.each([
    [{ code: 'card_declined', decline_code: 'generic_decline' }, 'generic_decline', true],
    [{ code: 'card_declined', decline_code: 'insufficient_funds' }, 'insufficient_funds', true],
    [{ code: 'card_declined', decline_code: 'stolen_card' }, 'stolen_card', false],
    [{ code: 'expired_card' }, 'expired_card', false],
    [{ code: 'processing_error' }, 'processing_error', true],
    [
      { code: 'card_declined', decline_code: 'generic_decline', advice_code: 'do_not_try_again' },
      'generic_decline',
      false,
    ],
    [{ code: 'card_declined', decline_code: 'stolen_card', advice_code: 'try_again_later' }, 'stolen_card', true],
    [{}, null, true],
  ])('%j is a decline %s, and trying again may help: %s', (fields, declineCode, retryable) => {
    expect(toCardFailure(cardError(fields))).toEqual({
      kind: 'DECLINED',
      declineCode,
      retryable,
      message: 'Your card was declined.',
    });
  });

  it.each([
    [{ code: 'invoice_payment_intent_requires_action' }],
    [{ code: 'authentication_required' }],
    [{ code: 'card_declined', decline_code: 'authentication_required' }],
  ])('%j waits for the customer', (fields) => {
    expect(toCardFailure(cardError(fields))).toEqual({ kind: 'ACTION_REQUIRED' });
  });

  it('is nothing when something else failed', () => {
    expect(toCardFailure(new Error('socket hang up'))).toBeNull();
  });
});
