import { InvoiceReason, type InvoiceState, InvoiceStatus } from '../invoices/invoice.js';

/** Every sort of mail, by the word that `MAILS_OFF` switches it off with. */
export const mailKinds = ['payment_failed'] as const;
export type MailKind = (typeof mailKinds)[number];

/** One mail that must go out. What it says is read when it is sent, so that it is true then. */
export interface DueMail {
  /** Its meaning: whatever is decided twice is queued once. */
  id: string;
  kind: MailKind;
  accountId: string;
  /** What it is about; ids and counts, never an address, an amount or a link. */
  about: { invoice: string; attempt: number };
}

export interface MailInput {
  accountId: string;
  /** Each invoice as it was stored before the round. */
  before: ReadonlyMap<string, InvoiceState>;
  /** Those that the round changes. */
  after: readonly InvoiceState[];
  /** Kinds that are sent at all. */
  kinds: readonly MailKind[];
  /** Billing time. */
  now: number;
}

/** What is older when it is first seen is no news: it comes from an import or from a long time without the gateway. */
const NEWS_FOR = 3 * 86_400_000;
/** The customer is there and sees it on the screen. */
const attended: readonly InvoiceReason[] = [InvoiceReason.SUBSCRIPTION_START, InvoiceReason.SUBSCRIPTION_CHANGE];

/** The mails that a change of an account's invoices asks for. Pure: the same change always asks for the same mails. */
export function decideMails({ accountId, before, after, kinds, now }: MailInput): DueMail[] {
  if (!kinds.includes('payment_failed')) return [];
  return after
    .filter((invoice) => hasNewlyFailed(before.get(invoice.id), invoice, now))
    .map(({ id, attemptCount: attempt }) => ({
      id: `payment_failed:${id}:${attempt}`,
      kind: 'payment_failed',
      accountId,
      about: { invoice: id, attempt },
    }));
}

/** Stripe counts its own tries; one by hand after the first does not count, and its customer knows. */
function hasNewlyFailed(before: InvoiceState | undefined, after: InvoiceState, now: number): boolean {
  if (after.status !== InvoiceStatus.OPEN || attended.includes(after.reason)) return false;
  if (before?.accountId) return after.attemptCount > before.attemptCount;
  return after.attemptCount > 0 && now - (after.finalizedAt ?? after.createdAt) < NEWS_FOR;
}
