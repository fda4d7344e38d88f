import { listMails } from '../../src/notifications/outbox.js';
import { readMailbox } from '../../src/notifications/mailbox.js';
import { mailIdOf } from '../../src/notifications/relay.js';
import { failRenewal, subscriber } from '../support/payment-story.js';
import { startMailServer } from '../support/mail-server.js';
import { startWorld, type World } from '../support/world.js';

async function withWorld(settings: Record<string, string>, work: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld(settings);
  try {
    await work(world);
  } finally {
    await world.stop();
  }
}

const mails = async ({ gateway }: World) => {
  const { read } = gateway.parts.database;
  const listed = (await listMails(read, { limit: 100 })).reverse();
  return Promise.all(listed.map(async (mail) => ({ ...mail, received: await readMailbox(read, mailIdOf(mail.id)) })));
};
const INVOICE = `{ viewer { account { access { until } subscription { latestInvoice { id nextAttemptAt total { formatted } hostedUrl } } } } }`;
const EMAIL = `mutation ($locale: Locale) {
  updateBillingDetails(input: { email: "ada@acme.example", name: "Acme", locale: $locale }) { userErrors { code } }
}`;
const dayOf = (instant: string) =>
  new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(instant));

describe('a renewal that fails', () => {
  it('is mailed once: amount, next attempt, end of grace, link to pay', async () => {
    await withWorld({}, async (world) => {
      const acme = await subscriber(world, 'acme');
      await acme.ask(EMAIL);
      await failRenewal(world, 'acme');

      const { access, subscription } = (await acme.ask(INVOICE)).data.viewer.account;
      const { id, nextAttemptAt, total, hostedUrl } = subscription.latestInvoice;
      const found = await mails(world);
      expect(found).toMatchObject([{ id: `payment_failed:${id}:1`, state: 'sent', attempts: 1 }]);
      const [letter, ...others] = found[0]?.received ?? [];
      expect(others).toEqual([]);
      expect(letter).toMatchObject({
        recipient: 'ada@acme.example',
        subject: `Your payment of ${total.formatted} failed`,
      });
      for (const text of [dayOf(nextAttemptAt), dayOf(access.until), hostedUrl]) expect(letter?.text).toContain(text);
      expect(letter?.html).toContain('Hello Acme,');

      const next = Date.parse(nextAttemptAt);
      await world.advance({ to: new Date(next + 3_600_000).toISOString() });
      await world.restartGateway();
      await world.settled();
      const later = await mails(world);
      expect(later.map(({ id: mail, state, received }) => [mail, state, received.length])).toEqual([
        [`payment_failed:${id}:1`, 'sent', 1],
        [`payment_failed:${id}:2`, 'sent', 1],
      ]);
    });
  });

  it('goes through the mail server of the settings, and not any more once it has been paid', async () => {
    const server = await startMailServer({
      answer: (tries) => (tries === 1 ? 'accept' : { code: 451, text: 'later' }),
    });
    await withWorld({ SMTP_URL: server.url, MAIL_FROM: 'Acme <billing@acme.example>' }, async (world) => {
      const { database, relay, stripe } = world.gateway.parts;
      const acme = await subscriber(world, 'acme');
      await acme.ask(EMAIL, { locale: 'de-DE' });
      await failRenewal(world, 'acme');

      expect(server.accepted).toHaveLength(1);
      expect(server.accepted[0]).toContain('To: ada@acme.example');
      expect(await mails(world)).toMatchObject([{ state: 'sent', received: [] }]);
      const metrics = await (await fetch(`http://127.0.0.1:${world.gateway.port}/metrics`)).text();
      expect(metrics).toContain('billing_mail_sent_total{kind="payment_failed"} 1');

      const { id, nextAttemptAt } = (await acme.ask(INVOICE)).data.viewer.account.subscription.latestInvoice;
      await world.advance({ to: new Date(Date.parse(nextAttemptAt) + 3_600_000).toISOString() });
      expect((await mails(world))[1]).toMatchObject({ state: 'waiting', error: expect.stringContaining('451') });
      await stripe.invoices.pay(id, { paid_out_of_band: true });
      await world.settled();
      await database.run('UPDATE outbox SET due_at = 0 WHERE due_at IS NOT NULL');
      await relay?.idle();
      expect((await mails(world))[1]).toMatchObject({ state: 'dropped' });
      expect(server.accepted).toHaveLength(1);
    });
    await server.close();
  });

  it('is not mailed when the kind is switched off, and not queued either', async () => {
    await withWorld({ MAILS_OFF: 'payment_failed' }, async (world) => {
      await subscriber(world, 'acme');
      await failRenewal(world, 'acme');

      expect(await mails(world)).toEqual([]);
    });
  });
});
