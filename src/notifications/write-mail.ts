import type { Database } from '../database/database.js';
import type { DueMail, MailKind } from './decide-mails.js';
import type { Letter } from './letter.js';
import { readPaymentFailed } from './payment-failed.js';

/** A letter for somebody, or why there is none any more. */
export type Written = { to: string; letter: Letter } | { dropped: string };

export interface KindOfMail {
  write(database: Database, mail: DueMail): Promise<Written>;
  /**
   * What follows a crash, or a broken connection, between handing a letter over and hearing that it was accepted: `leave`
   * sends it at most once, and an operator finds it as `unclear`; `repeat` sends it at least once, with the same id.
   */
  whenUnclear: 'leave' | 'repeat';
}

/** One row per kind of mail. */
export const kindsOfMail: Record<MailKind, KindOfMail> = {
  // Stripe tries again in days, which brings a mail of its own; asking twice for the same money would be worse.
  payment_failed: { write: readPaymentFailed, whenUnclear: 'leave' },
};
