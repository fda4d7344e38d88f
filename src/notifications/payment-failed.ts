import { type AccessDecision, AccessReason } from '../access/access.js';
import { Account } from '../accounts/account.entity.js';
import type { AccountState } from '../accounts/account.js';
import type { Database } from '../database/database.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { type InvoiceState, InvoiceStatus } from '../invoices/invoice.js';
import { formatMoney } from '../money.js';
import type { DueMail } from './decide-mails.js';
import { languageFor } from './languages/index.js';
import type { Letter } from './letter.js';
import type { Written } from './write-mail.js';

export interface PaymentFailed {
  invoice: Pick<InvoiceState, 'number' | 'amountDue' | 'currency' | 'nextAttemptAt' | 'hostedUrl'>;
  account: Pick<AccountState, 'name' | 'locale'>;
  access: Pick<AccessDecision, 'reason' | 'allowed' | 'until'> | null;
}

/** Reads what is true now; a mail that would tell what no longer holds is not written. */
export async function readPaymentFailed(
  { read: { manager } }: Database,
  { accountId, about }: DueMail,
): Promise<Written> {
  const invoice = await manager.findOneBy(Invoice, { id: about.invoice, accountId });
  const account = await manager.findOneBy(Account, { id: accountId });
  if (!invoice || !account) return { dropped: 'The invoice is no longer there.' };
  if (invoice.status !== InvoiceStatus.OPEN) return { dropped: `The invoice is ${invoice.statusRaw} by now.` };
  if (invoice.attemptCount > about.attempt) return { dropped: 'A later attempt has a mail of its own.' };
  if (account.email === null) return { dropped: 'The account has no e-mail address.' };
  return { to: account.email, letter: writePaymentFailed({ invoice, account, access: account.announcedAccess }) };
}

/** Amount, next attempt, end of grace and the link to pay, in the account's language and form. */
export function writePaymentFailed({ invoice, account, access }: PaymentFailed): Letter {
  const { words, locale } = languageFor(account.locale);
  const say = words.paymentFailed;
  const amount = formatMoney(invoice.amountDue, invoice.currency, locale);
  const day = (at: number) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
  const grace = access?.reason === AccessReason.GRACE_PERIOD ? access.until : null;
  return {
    language: locale,
    subject: say.subject(amount),
    paragraphs: [
      words.greeting(account.name),
      say.whatHappened(amount, invoice.number),
      invoice.nextAttemptAt === null ? say.noNextAttempt : say.nextAttempt(day(invoice.nextAttemptAt)),
      ...(grace === null ? [] : [say.accessUntil(day(grace))]),
      ...(access?.reason === AccessReason.PAYMENT_OVERDUE ? [say.accessEnded] : []),
    ],
    action: invoice.hostedUrl === null ? null : { label: say.pay, url: invoice.hostedUrl },
    closing: say.closing,
  };
}
