import type { Language } from './language.js';

export const de: Language = {
  greeting: (name) => (name ? `Guten Tag ${name},` : 'Guten Tag,'),
  paymentFailed: {
    subject: (amount) => `Ihre Zahlung über ${amount} ist fehlgeschlagen`,
    whatHappened: (amount, number) =>
      `wir konnten Ihre Zahlung über ${amount}${number ? ` für die Rechnung ${number}` : ''} nicht einziehen.`,
    nextAttempt: (date) =>
      `Am ${date} versuchen wir es noch einmal. Sie können auch jetzt bezahlen, gern mit einer anderen Karte.`,
    noNextAttempt: 'Von selbst versuchen wir es nicht noch einmal. Bitte bezahlen Sie mit einer anderen Karte.',
    accessUntil: (date) =>
      `Bis zum ${date} ändert sich für Sie nichts. Danach endet der Zugang, bis die Rechnung bezahlt ist.`,
    accessEnded: 'Der Zugang ist beendet, bis die Rechnung bezahlt ist.',
    pay: 'Jetzt bezahlen',
    closing: 'Falls Sie inzwischen bezahlt haben, ist nichts weiter zu tun.',
  },
};
