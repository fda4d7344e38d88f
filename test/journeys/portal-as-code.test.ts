import { writeFileSync } from 'node:fs';
import { type Commands, startCommands } from '../support/plans-file-commands.js';
import { startWorld, type World } from '../support/world.js';

describe('the portal as code', () => {
  let world: World;
  let commands: Commands;
  beforeEach(async () => {
    world = await startWorld();
    commands = startCommands(world, { RETURN_ORIGINS: 'https://app.example.com' });
  });
  afterEach(async () => {
    commands.stop();
    await world.stop();
  });

  const run = (...words: string[]) => commands.run(...words);
  const edit = (from: string, to: string) => commands.edit(from, to);
  const portal = async (...words: string[]) => {
    const { code, out, err } = await run('portal', ...words, '--json');
    const said = JSON.parse(out || '{}') as { configuration?: string; setting?: string; actions?: { key: string }[] };
    return { code, err, ...said, keys: said.actions?.map(({ key }) => key) };
  };

  it('is made once, by the rules of a change of plan, and names the setting that puts it to use', async () => {
    const { stripe } = world.gateway.parts;
    await run('catalog', 'pull');

    expect(await portal('diff')).toMatchObject({ code: 3, configuration: null, keys: ['configuration'] });
    expect(await portal('push', '--dry-run')).toMatchObject({ code: 0, configuration: null });
    expect((await stripe.billingPortal.configurations.list()).data).toEqual([]);
    const { code, configuration: id = '', setting } = await portal('push');
    expect([code, setting]).toEqual([0, `STRIPE_PORTAL_CONFIGURATIONS=${id}`]);
    const { updated } = await stripe.billingPortal.configurations.retrieve(id);
    expect(await portal('push')).toMatchObject({ code: 0, configuration: id, keys: [] });
    process.env.STRIPE_PORTAL_CONFIGURATIONS = id;
    expect(await portal('diff')).toMatchObject({ code: 0, keys: [], setting: null });

    const { data } = await stripe.billingPortal.configurations.list();
    expect(data).toMatchObject([{ id, updated, default_return_url: 'https://app.example.com' }]);
    const held = await stripe.billingPortal.configurations.retrieve(id, {
      expand: ['features.subscription_update.products'],
    });
    const prices = await stripe.prices.list({ lookup_keys: ['team_month', 'team_year'] });
    expect(held.features).toMatchObject({
      subscription_update: {
        enabled: true,
        proration_behavior: 'always_invoice',
        trial_update_behavior: 'continue_trial',
        schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }, { type: 'shortening_interval' }] },
        products: expect.arrayContaining([
          {
            product: 'prod_sample_team',
            prices: expect.arrayContaining(prices.data.map((price) => price.id)),
            adjustable_quantity: { enabled: true, minimum: 1, maximum: null },
          },
        ]),
      },
      subscription_cancel: { enabled: true, mode: 'at_period_end', cancellation_reason: { enabled: true } },
      payment_method_update: { enabled: true },
      invoice_history: { enabled: true },
      customer_update: { enabled: true },
    });
  });

  it('is brought back to the file, and asks before customers get another one', async () => {
    const { stripe } = world.gateway.parts;
    await run('catalog', 'pull');
    const { configuration: id = '' } = await portal('push');
    await stripe.billingPortal.configurations.update(id, {
      features: { subscription_cancel: { enabled: true, mode: 'immediately' }, subscription_pause: { enabled: true } },
    });

    expect(await portal('diff')).toMatchObject({ code: 3, keys: ['subscription_cancel.mode'] });
    expect(await portal('push')).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect((await stripe.billingPortal.configurations.retrieve(id)).features.subscription_cancel.mode).toBe(
      'immediately',
    );
    expect(await portal('push', '--yes')).toMatchObject({ code: 0, configuration: id });
    expect((await stripe.billingPortal.configurations.retrieve(id)).features).toMatchObject({
      subscription_cancel: { mode: 'at_period_end' },
      subscription_pause: { enabled: true },
    });
    expect(await portal('diff')).toMatchObject({ code: 0, keys: [] });
  });

  it('follows the catalogue, once that is pushed', async () => {
    await run('catalog', 'pull');
    await portal('push');
    edit('amount: 2000\n', 'amount: 2500\n');

    expect(await portal('push', '--yes')).toMatchObject({
      code: 3,
      err: expect.stringContaining('billing catalog push'),
    });
    await run('catalog', 'push');
    expect(await portal('diff')).toMatchObject({ code: 3, keys: ['subscription_update.products'] });
    await portal('push', '--yes');
    expect(await portal('diff')).toMatchObject({ code: 0, keys: [] });
  });

  it('says what the portal has no room for', async () => {
    const plans = Array.from(
      { length: 11 },
      (_, at) => `  p${at}: { name: P${at}, rank: ${at + 6}, prices: [{ interval: month, amount: ${at + 20}00 }] }`,
    );
    writeFileSync(
      commands.file,
      `plans:
  pro:
    name: Pro
    rank: 5
    seats: { min: 5, max: 50, step: 5 }
    prices: [{ interval: month, amount: 1900 }, { interval: month, amount: 2100, currency: eur }]
${plans.join('\n')}
addOns:
  storage: { name: Storage, prices: [{ interval: month, amount: 500 }] }
`,
    );
    await run('catalog', 'push');

    const { out } = await run('portal', 'push');

    expect(out).toContain('pro_month_eur: ');
    expect(out).toContain('no steps of 5 seats');
    expect(out).toContain('storage: ');
    expect(out.match(/^.*takes 10 products.*$/gm)).toEqual([
      expect.stringContaining('p9: '),
      expect.stringContaining('p10: '),
    ]);
    const [configuration] = (await world.gateway.parts.stripe.billingPortal.configurations.list()).data;
    const { features } = await world.gateway.parts.stripe.billingPortal.configurations.retrieve(
      configuration?.id ?? '',
      {
        expand: ['features.subscription_update.products'],
      },
    );
    expect(features.subscription_update.products).toHaveLength(10);
    expect(await portal('diff')).toMatchObject({ code: 0, keys: [] });
  });
});
