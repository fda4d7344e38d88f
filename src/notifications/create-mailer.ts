import type { Config } from '../config.js';
import type { Database } from '../database/database.js';
import type { Mailer, Random } from '../ports.js';
import { createMailbox } from './mailbox.js';

/** The way mails go by the settings; undefined where none are sent. */
export async function createMailer(
  { mails: { smtpUrl, from }, production }: Pick<Config, 'mails' | 'production'>,
  { database, random }: { database: Database; random: Random },
): Promise<Mailer | undefined> {
  if (smtpUrl) {
    // What speaks SMTP costs a start tens of milliseconds, so it is loaded only where it is used.
    const { createSmtpMailer } = await import('./smtp.js');
    return createSmtpMailer({ url: smtpUrl, from });
  }
  return production ? undefined : createMailbox(database, random);
}
