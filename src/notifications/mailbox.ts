import type { Database, Queries } from '../database/database.js';
import type { Instant, Mailer, Random } from '../ports.js';

/** Keeps mails in the database instead of sending them: for development, and for tests that count them. */
export function createMailbox(database: Database, random: Random): Mailer {
  return {
    destination: 'the development mailbox; see `npx billing mails list`',
    async send({ id, to, subject, text, html }) {
      try {
        await database.run(
          'INSERT INTO mailbox (id, mail_id, recipient, subject, text, html, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          [random.ulid(), id, to, subject, text, html, await database.now()],
        );
        return { is: 'accepted' };
      } catch (thrown) {
        return { is: 'unclear', reason: String(thrown) };
      }
    },
  };
}

export interface ReceivedMail {
  mailId: string;
  recipient: string;
  subject: string;
  text: string;
  html: string;
  receivedAt: Instant;
}

/** What the mailbox has received under one id, oldest first; more than one is a repetition. */
export async function readMailbox(queries: Queries, mailId: string): Promise<ReceivedMail[]> {
  const rows = await queries.rows<{
    recipient: string;
    subject: string;
    text: string;
    html: string;
    received_at: number | string;
  }>('SELECT recipient, subject, text, html, received_at FROM mailbox WHERE mail_id = ? ORDER BY id', [mailId]);
  return rows.map(({ received_at, ...row }) => ({ mailId, ...row, receivedAt: Number(received_at) }));
}
