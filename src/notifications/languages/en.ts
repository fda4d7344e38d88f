import type { Language } from './language.js';

export const en: Language = {
  greeting: (name) => (name ? `Hello ${name},` : 'Hello,'),
  paymentFailed: {
    subject: (amount) => `Your payment of ${amount} failed`,
    whatHappened: (amount, number) =>
      `we could not collect your payment of ${amount}${number ? ` for invoice ${number}` : ''}.`,
    nextAttempt: (date) => `We will try again on ${date}. You can also pay now, with another card if you like.`,
    noNextAttempt: 'We will not try again by ourselves. Please pay with another card.',
    accessUntil: (date) => `Nothing changes for you until ${date}. After that, access ends until the invoice is paid.`,
    accessEnded: 'Access has ended until the invoice is paid.',
    pay: 'Pay now',
    closing: 'If you have paid in the meantime, there is nothing left to do.',
  },
};
