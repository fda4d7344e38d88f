import { startStory, type Story } from './support/story.js';

/** What a screen reader and a keyboard need of every page, read off its HTML. */
function problemsOf(html: string): string[] {
  const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0;
  const all = (pattern: RegExp): string[] => [...html.matchAll(pattern)].map((match) => match[1] ?? '');
  const problems: string[] = [];
  const need = (holds: boolean, told: string): void => void (holds || problems.push(told));

  need(/<html lang="[a-z]{2}"/.test(html), 'the language is named');
  need(/<title>[^<]+<\/title>/.test(html), 'the page has a title');
  need(count(/<main[ >]/g) === 1, 'there is one main landmark');
  need(count(/<h1[ >]/g) === 1, 'there is one first heading');
  const levels = all(/<h([1-6])[ >]/g).map(Number);
  need(
    levels.every((level, place) => level <= (levels[place - 1] ?? 0) + 1),
    `no heading level is left out (${levels})`,
  );

  const unlabelled = html.replace(/<label[ >].*?<\/label>/gs, '').replace(/<input type="hidden"[^>]*>/g, '');
  need(!/<(input|select|textarea)[ >]/.test(unlabelled), 'every field lies in its label');
  need(!/<button[^>]*>\s*<\/button>/.test(html), 'every button has words');
  need(!/<a [^>]*>\s*<\/a>/.test(html), 'every link has words');
  need(count(/<table/g) === count(/<caption/g), 'every table has a caption');
  need(!/<th(?! scope=)[ >]/.test(html), 'every heading cell says what it heads');
  need(count(/<section/g) === count(/<section aria-labelledby="/g), 'every section is named');

  const ids = all(/ id="([^"]+)"/g);
  need(new Set(ids).size === ids.length, 'ids are unique');
  for (const id of all(/(?:aria-labelledby|for)="([^"]+)"/g)) need(ids.includes(id), `'${id}' is there`);
  for (const id of all(/href="#([^"]+)"/g)) need(ids.includes(id), `'#${id}' is there`);
  need(!/tabindex="[1-9]/.test(html) && !/autofocus/.test(html), 'the focus follows the order of the page');
  need(!/(src|href)="https?:\/\/(?!127\.0\.0\.1|localhost)/.test(html), 'nothing is fetched from elsewhere');
  return problems;
}

describe('the pages', () => {
  let story: Story;
  let customer: string;
  let price: string;
  beforeAll(async () => {
    story = await startStory();
    customer = await story.customer('pm_card_visa', { email: 'ada@example.com' });
    price = await story.price('Team', 2000);
    await story.price('Enterprise', 9000);
    await story.stripe.subscriptions.create({ customer, items: [{ price }] });
  });
  afterAll(() => story.stop());

  const pages: Record<string, () => Promise<string>> = {
    console: async () => `${story.sandbox.url}/`,
    checkout: async () => {
      const session = await story.stripe.checkout.sessions.create({
        mode: 'subscription',
        line_items: [{ price, quantity: 1 }],
        success_url: 'http://localhost/done',
        allow_promotion_codes: true,
        automatic_tax: { enabled: true },
        tax_id_collection: { enabled: true },
      });
      return String(session.url);
    },
    portal: async () => (await story.stripe.billingPortal.sessions.create({ customer })).url,
    invoice: async () => String((await story.stripe.invoices.list({ customer })).data[0]?.hosted_invoice_url),
    '3D Secure': async () => {
      const other = await story.customer('pm_card_authenticationRequired');
      const { latest_invoice } = await story.stripe.subscriptions.create({
        customer: other,
        items: [{ price }],
        payment_behavior: 'default_incomplete',
        expand: ['latest_invoice.payments'],
      });
      const invoice = latest_invoice as { payments?: { data: { payment: { payment_intent?: unknown } }[] } };
      const id = String(invoice.payments?.data[0]?.payment.payment_intent);
      await story.stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_authenticationRequired' });
      return `${story.sandbox.url}/3ds/${id}`;
    },
    'a page that is not there': async () => `${story.sandbox.url}/invoices/in_none`,
  };

  it.each(Object.keys(pages))('%s can be read aloud and used by keyboard', async (name) => {
    const answer = await fetch(await (pages[name] as () => Promise<string>)());

    expect(problemsOf(await answer.text())).toEqual([]);
  });

  it('tell of a refused card in words, not only in colour', async () => {
    const url = await (pages['checkout'] as () => Promise<string>)();
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ payment_method: 'pm_card_visa_chargeDeclined' }),
    });

    expect(answer.status).toBe(402);
    expect(await answer.text()).toMatch(/role="alert">Your card was declined\. Choose another card\./);
  });
});
