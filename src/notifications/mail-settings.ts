import { z } from 'zod';
import { list } from '../setting-words.js';
import { type MailKind, mailKinds } from './decide-mails.js';

export interface MailPolicy {
  /** Undefined sends none in production, and keeps them in the database elsewhere. */
  smtpUrl: string | undefined;
  from: string;
  /** Kinds that are sent; the others are left to Stripe, or to nobody. */
  kinds: MailKind[];
}

const isKind = (word: string): word is MailKind => (mailKinds as readonly string[]).includes(word);

/** Settings of mails; rows of the one schema in `config.ts`. */
export const mailSettings = {
  SMTP_URL: z
    .string()
    .refine((text) => /^smtps?:\/\/[^\s/]+/.test(text) && URL.canParse(text), {
      message: 'must be smtp://… or smtps://…',
    })
    .optional()
    .describe(
      'Mail server, with user and password where it wants them; without one production sends no mails, and elsewhere `billing mails list` shows them',
    ),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'must be an address, such as Acme <billing@example.com>',
    )
    .optional()
    .describe('Sender of mails, such as Acme <billing@example.com>; needed with SMTP_URL'),
  MAILS_OFF: z
    .string()
    .transform(list)
    .refine((words) => words.every(isKind), { message: `must be some of ${mailKinds.join(', ')}, separated by commas` })
    .transform((words) => words.filter(isKind))
    .optional()
    .describe(`Kinds of mail that are not sent, as when Stripe sends them: ${mailKinds.join(', ')}`),
};

type Found = z.output<z.ZodObject<typeof mailSettings>>;

export const toMailPolicy = ({ SMTP_URL, MAIL_FROM, MAILS_OFF = [] }: Found): MailPolicy => ({
  smtpUrl: SMTP_URL,
  from: MAIL_FROM ?? 'billing@localhost',
  kinds: mailKinds.filter((kind) => !MAILS_OFF.includes(kind)),
});
