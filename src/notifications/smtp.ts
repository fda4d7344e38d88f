import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mail, Mailer, MailOutcome } from '../ports.js';

const PATIENCE_MS = 15_000;

export interface SmtpSettings {
  /** smtp:// or smtps://, with user and password where the server wants them. */
  url: string;
  /** `billing@example.com` or `Acme <billing@example.com>`. */
  from: string;
}

/** Hands mails to a mail server, each over a connection of its own. */
export function createSmtpMailer({ url, from }: SmtpSettings): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const user = decodeURIComponent(username);
  const options = {
    ...{ host, secure, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS },
    ...(port ? { port: Number(port) } : {}),
    // A password never goes out in the clear, except to this machine.
    requireTLS: !secure && user !== '' && !/^(localhost|127\.|::1$)/.test(host),
  };
  const auth = user ? { user, pass: decodeURIComponent(password) } : null;
  return {
    destination: `${host}${port && `:${port}`}`,
    send: (mail, signal) => new Try(new SMTPConnection(options), auth).send(mail, from, signal),
  };
}

/** One connection and one letter. Remembers whether the letter began to go out: before that nothing can have been accepted. */
class Try {
  private handedOver = false;

  constructor(
    private readonly connection: SMTPConnection,
    private readonly auth: { user: string; pass: string } | null,
  ) {}

  async send(mail: Mail, from: string, signal: AbortSignal): Promise<MailOutcome> {
    try {
      await this.deliver(mail, from, signal);
      return { is: 'accepted' };
    } catch (thrown) {
      return this.outcomeOf(thrown);
    } finally {
      this.connection.close();
    }
  }

  private async deliver({ id, to, ...mail }: Mail, from: string, signal: AbortSignal): Promise<void> {
    const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost';
    const messageId = `<${id}@${domain}>`;
    const headers = { 'Auto-Submitted': 'auto-generated' };
    const message = new MailComposer({ from, to, messageId, headers, ...mail }).compile();
    const body = await message.build();
    const { connection, auth } = this;
    const failed = new Promise<never>((_resolve, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('The mail server closed the connection.')));
      signal.addEventListener('abort', () => reject(new Error('The try was broken off.')), { once: true });
      if (signal.aborted) reject(new Error('The try was broken off.'));
    });
    const step = (run: (done: (error?: Error | null) => void) => void) =>
      Promise.race([failed, new Promise<void>((done, fail) => run((error) => (error ? fail(error) : done())))]);
    await step((done) => connection.connect(done));
    if (auth) await step((done) => connection.login(auth, done));
    await step((done) => connection.send(message.getEnvelope(), this.handOver(body), done));
  }

  /** The connection begins to read only once the server has asked for the letter. */
  private handOver(body: Buffer): Readable {
    const pieces = [body];
    const began = () => (this.handedOver = true);
    return new Readable({
      read() {
        began();
        this.push(pieces.shift() ?? null);
      },
    });
  }

  private outcomeOf(thrown: unknown): MailOutcome {
    const { responseCode = 0, code, message } = thrown as { responseCode?: number; code?: string; message: string };
    // What it said is an answer; only silence after the letter leaves its fate open.
    if (this.handedOver && responseCode < 400) return { is: 'unclear', reason: message };
    const permanent = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
    return { is: 'refused', permanent, reason: message };
  }
}
