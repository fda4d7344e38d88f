import { AccessReason } from '../../src/access/access.js';
import { renderHtml, renderText } from '../../src/notifications/letter.js';
import { type PaymentFailed, writePaymentFailed } from '../../src/notifications/payment-failed.js';

const at = (day: string) => Date.parse(`${day}T12:00:00.000Z`);
const url = 'https://invoice.stripe.com/i/acct_1/live_2?s=ap&x=1';
const facts = (differs: { [Part in keyof PaymentFailed]?: Partial<PaymentFailed[Part]> } = {}): PaymentFailed => ({
  invoice: {
    ...{ number: 'A-0001', amountDue: 123_450, currency: 'EUR', nextAttemptAt: at('2027-01-18'), hostedUrl: url },
    ...differs.invoice,
  },
  account: { name: 'Acme', locale: null, ...differs.account },
  access: { reason: AccessReason.GRACE_PERIOD, allowed: true, until: at('2027-01-22'), ...differs.access },
});
const textOf = (differs?: Parameters<typeof facts>[0]) => {
  const letter = writePaymentFailed(facts(differs));
  return `${letter.subject}\n\n${renderText(letter)}`.replace(/\u00a0/g, ' ');
};

describe('the mail about a failed payment', () => {
  it('tells amount, next attempt, end of grace and where to pay', () => {
    expect(textOf()).toBe(`Your payment of €1,234.50 failed

Hello Acme,

we could not collect your payment of €1,234.50 for invoice A-0001.

We will try again on January 18, 2027. You can also pay now, with another card if you like.

Nothing changes for you until January 22, 2027. After that, access ends until the invoice is paid.

Pay now:
${url}

If you have paid in the meantime, there is nothing left to do.
`);
  });

  it('speaks German to whom it should, with German money and dates', () => {
    expect(textOf({ account: { locale: 'de-DE' } })).toBe(`Ihre Zahlung über 1.234,50 € ist fehlgeschlagen

Guten Tag Acme,

wir konnten Ihre Zahlung über 1.234,50 € für die Rechnung A-0001 nicht einziehen.

Am 18. Januar 2027 versuchen wir es noch einmal. Sie können auch jetzt bezahlen, gern mit einer anderen Karte.

Bis zum 22. Januar 2027 ändert sich für Sie nichts. Danach endet der Zugang, bis die Rechnung bezahlt ist.

Jetzt bezahlen:
${url}

Falls Sie inzwischen bezahlt haben, ist nichts weiter zu tun.
`);
  });

  it.each([
    ['de', '1.234,50 €', '18. Januar 2027'],
    ['de-AT', '€ 1.234,50', '18. Jänner 2027'],
    ['en-GB', '€1,234.50', '18 January 2027'],
    ['fr-FR', '€1,234.50', 'January 18, 2027'],
    ['not a locale', '€1,234.50', 'January 18, 2027'],
  ])('writes money and dates for %s so that they fit the words', (locale, amount, date) => {
    const text = textOf({ account: { locale } });
    expect(text).toContain(amount);
    expect(text).toContain(date);
  });

  it('shows currencies without decimals and with three', () => {
    expect(textOf({ invoice: { currency: 'JPY', amountDue: 1_500 } })).toContain('¥1,500');
    expect(textOf({ invoice: { currency: 'KWD', amountDue: 1_234 } })).toContain('KWD 1.234');
  });

  it('says so when there is no next attempt, no name, no number, no link, and when access has ended', () => {
    const text = textOf({
      invoice: { nextAttemptAt: null, number: null, hostedUrl: null },
      account: { name: null },
      access: { reason: AccessReason.PAYMENT_OVERDUE, allowed: false, until: null },
    });
    expect(text).toContain('Hello,\n\nwe could not collect your payment of €1,234.50.\n');
    expect(text).toContain('We will not try again by ourselves.');
    expect(text).toContain('Access has ended until the invoice is paid.');
    expect(text).not.toContain('Pay now');
  });

  it('is HTML too, in its language, and whatever a name holds stays text', () => {
    const html = renderHtml(writePaymentFailed(facts({ account: { name: '<b>"Acme" & co</b>', locale: 'de-AT' } })));
    expect(html).toContain('<html lang="de-AT">');
    expect(html).toContain('Guten Tag &#60;b&#62;&#34;Acme&#34; &#38; co&#60;/b&#62;,');
    expect(html).toContain(`href="${url.replace('&', '&#38;')}"`);
    expect(html).not.toMatch(/<(script|img|link)/);
  });
});
