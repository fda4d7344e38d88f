import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Commands, startCommands } from '../support/plans-file-commands.js';
import { startWorld, type World } from '../support/world.js';

describe('the catalogue as code', () => {
  let world: World;
  let commands: Commands;
  beforeEach(async () => {
    world = await startWorld();
    commands = startCommands(world);
  });
  afterEach(async () => {
    commands.stop();
    await world.stop();
  });

  const run = (...words: string[]) => commands.run(...words);
  const edit = (from: string, to: string) => commands.edit(from, to);
  const steps = async (...words: string[]) => {
    const { code, out } = await run('catalog', ...words, '--json');
    const { actions, unlisted } = JSON.parse(out) as Record<'actions' | 'unlisted', { kind: string; key: string }[]>;
    return {
      code,
      did: actions?.map(({ kind, key }) => `${kind} ${key}`),
      unlisted: unlisted?.map(({ kind }) => kind),
    };
  };

  it('pulls what Stripe sells, and finds no drift in what it pulled', async () => {
    expect(await run('catalog', 'pull')).toMatchObject({ code: 0 });

    expect(readFileSync(commands.file, 'utf8')).toContain('members-per-team: unlimited');
    expect(await run('catalog', 'diff')).toMatchObject({ code: 0, out: 'Stripe sells what the file says.\n' });
    expect(await steps('push')).toEqual({ code: 0, did: [], unlisted: [] });
    expect(await run('catalog', 'pull')).toMatchObject({ code: 0, out: expect.stringContaining('as before') });

    const remarked = `# Ours.\n${readFileSync(commands.file, 'utf8').replaceAll(': unlimited', ': "unlimited"')}`;
    writeFileSync(commands.file, remarked);
    expect(await run('catalog', 'pull')).toMatchObject({ code: 0, out: expect.stringContaining('as before') });
    expect(readFileSync(commands.file, 'utf8')).toBe(remarked);
    edit('name: Team', 'name: Crew');
    expect(await run('catalog', 'pull')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  });

  it('keeps when a product was set up, and what else people noted there, and finds no drift in it', async () => {
    const { stripe } = world.gateway.parts;
    const [price] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
    const notes = { created: '2024-05-01', note: 'ours since the relaunch' };
    await stripe.products.update(price?.product as string, { metadata: { ...notes, trial_days: '14' } });
    await run('catalog', 'pull');

    expect(readFileSync(commands.file, 'utf8')).not.toContain('2024-05-01');
    expect(await steps('diff')).toEqual({ code: 0, did: [], unlisted: [] });
    edit('name: Team', 'name: Crew');
    edit('trialDays: 14', 'trialDays: 0');
    expect(await steps('push')).toMatchObject({ code: 0, did: ['update_product team'] });
    const { name, metadata } = await stripe.products.retrieve(price?.product as string);
    expect({ name, metadata }).toMatchObject({ name: 'Crew', metadata: notes });
    expect(metadata).not.toHaveProperty('trial_days');
  });

  it('moves the lookup key to a new price when an amount changes, and changes nothing the second time', async () => {
    await run('catalog', 'pull');
    edit('amount: 2000\n', 'amount: 2500\n');
    const { stripe } = world.gateway.parts;
    const [old] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;

    expect(await steps('diff')).toMatchObject({ code: 3, did: ['replace_price team'] });
    expect(await steps('push', '--dry-run')).toMatchObject({ code: 0, did: ['replace_price team'] });
    expect((await stripe.prices.list({ lookup_keys: ['team_month'] })).data).toMatchObject([{ id: old?.id }]);
    expect(await steps('push')).toMatchObject({ code: 0, did: ['replace_price team'] });
    expect(await steps('push')).toEqual({ code: 0, did: [], unlisted: [] });

    expect((await stripe.prices.list({ lookup_keys: ['team_month'] })).data).toMatchObject([{ unit_amount: 2500 }]);
    expect(await stripe.prices.retrieve(old?.id ?? '')).toMatchObject({ active: false, unit_amount: 2000 });
    await world.settled();
    const { data } = await world.as('acme').ask(`{ plan(key: "team") { price(interval: MONTH) { unit { minor } } } }`);
    expect(data.plan.price.unit.minor).toBe(2500);
  });

  it('adds a currency to the price that is there, and makes a new one where a currency costs something else or goes', async () => {
    await run('catalog', 'pull');
    const { stripe } = world.gateway.parts;
    const held = async () =>
      (await stripe.prices.list({ lookup_keys: ['team_month'], expand: ['data.currency_options'] })).data[0];
    const { id } = (await held())!;
    const said = async () => ({
      ...(await steps('push')),
      again: (await steps('push')).did,
      same: (await held())?.id === id,
    });

    edit('amount: 2000\n', 'amount: 2000\n        currencies: { eur: 1900 }\n');
    expect((await run('catalog', 'diff')).out).toContain(`team: sell ${id} also for 1900 eur a month\n`);
    expect(await said()).toMatchObject({ did: ['add_currencies team'], again: [], same: true });
    edit('{ eur: 1900 }', '{ eur: 1900, gbp: 1700 }');
    expect(await said()).toMatchObject({ did: ['add_currencies team'], again: [], same: true });
    expect((await held())?.currency_options).toMatchObject({ eur: { unit_amount: 1900 }, gbp: { unit_amount: 1700 } });
    edit('{ eur: 1900, gbp: 1700 }', '{ eur: 1900 }');
    expect(await said()).toMatchObject({ did: ['replace_price team'], again: [], same: false });
    edit('{ eur: 1900 }', '{ eur: 1800, gbp: 1700 }');
    expect(await said()).toMatchObject({ did: ['replace_price team'], again: [] });
    edit('{ eur: 1800, gbp: 1700 }', '{ eur: 1800 }\n        taxBehavior: exclusive');
    expect(await said()).toMatchObject({ did: ['replace_price team'], again: [] });
    edit('{ eur: 1800 }', '{ eur: 1800, gbp: 1700 }');
    const taxed = (await held())!.id;
    expect(await said()).toMatchObject({ did: ['add_currencies team'], again: [] });
    expect(await held()).toMatchObject({
      id: taxed,
      currency_options: { eur: { tax_behavior: 'exclusive' }, gbp: { tax_behavior: 'exclusive' } },
    });
  });

  it('makes plans, add-ons and currencies that the gateway sells, and archives only when asked', async () => {
    writeFileSync(
      commands.file,
      `currency: eur
plans:
  pro:
    name: Pro
    rank: 5
    tier: professional
    trialDays: 7
    seats: { min: 2 }
    capabilities: [api]
    limits: { projects: unlimited }
    prices:
      - { interval: month, amount: 1900, currencies: { jpy: 3000 } }
      - { interval: month, amount: 2100, currency: usd }
addOns:
  storage:
    name: Storage
    plans: [pro]
    prices: [{ interval: month, amount: 500 }]
`,
    );

    expect(await steps('push')).toEqual({
      code: 0,
      did: [
        'create_product pro',
        'create_price pro',
        'create_price pro',
        'create_product storage',
        'create_price storage',
      ],
      unlisted: expect.arrayContaining(['archive_product']),
    });
    expect(await steps('diff')).toMatchObject({ code: 0, did: [] });
    expect(await steps('diff', '--prune')).toMatchObject({ code: 3 });
    await world.restartGateway();
    expect(await run('sync', '--catalogue')).toMatchObject({ code: 0 });
    const { data } = await world
      .as('acme')
      .ask(`{ plan(key: "pro") { rank trialDays addOns { key } prices { unit { minor currency } seats { min } } } }`);
    expect(data.plan).toMatchObject({ trialDays: 7, addOns: [{ key: 'storage' }] });
    expect(data.plan.prices).toHaveLength(3);
    expect((await run('plans', 'list')).out).toMatch(/pro\s+Pro\s+5\s+on sale/);

    const asked = await run('catalog', 'push', '--prune');
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(await steps('push', '--prune', '--yes')).toMatchObject({ code: 0 });
    expect(await steps('push', '--prune')).toMatchObject({ code: 0, did: [] });
  });

  describe('with a second product that claims the plan', () => {
    const catalogue = '{ plan(key: "team") { name archived price(interval: MONTH) { unit { minor } } } }';
    const offered = async () => (await world.as('acme').ask(catalogue)).data.plan;
    const twinOf = async (name: string, metadata: Record<string, string>) => {
      await world.advance({ by: 'PT1M' });
      const { id } = await world.gateway.parts.stripe.products.create({
        name,
        metadata: { app: 'billing', ...metadata },
      });
      await world.settled();
      return id;
    };
    const isActive = async (id: string) => (await world.gateway.parts.stripe.products.retrieve(id)).active;

    it('means the one that is sold, names the other, and archives nothing but that', async () => {
      await run('catalog', 'pull');
      const twin = await twinOf('Team twin', { plan_id: 'team', tier: '1' });

      const diff = await run('catalog', 'diff');
      expect(diff).toMatchObject({ code: 0, out: expect.stringContaining('Stripe sells what the file says.') });
      const warning = `Warning: team: Team twin (${twin}) claims the same plan_id as Team (prod_sample_team), which is what is sold; archive ${twin} (--prune does), or give it another plan_id.`;
      expect(diff.out.split('\n')).toContain(warning);
      expect(await run('catalog', 'pull')).toMatchObject({ code: 0, out: expect.stringContaining('as before') });
      edit('amount: 2000\n', 'amount: 2500\n');
      expect(await steps('push')).toMatchObject({ did: ['replace_price team'], unlisted: ['archive_product'] });
      const { stripe } = world.gateway.parts;
      const [moved] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
      expect(moved).toMatchObject({ product: 'prod_sample_team', unit_amount: 2500 });

      const pruned = await run('catalog', 'push', '--prune', '--yes');
      expect(pruned.out).toContain(
        `archive the product Team twin (${twin}), which claims the same plan_id as prod_sample_team`,
      );
      expect([await isActive('prod_sample_team'), await isActive(twin)]).toEqual([true, false]);
      expect(await run('catalog', 'diff', '--prune')).toMatchObject({
        code: 0,
        out: 'Stripe sells what the file says.\n',
      });
      await world.settled();
      expect(await offered()).toEqual({ name: 'Team', archived: false, price: { unit: { minor: 2500 } } });
      expect(await run('sync', '--catalogue')).toMatchObject({ code: 0 });
    });

    it('sells the other one when the first is archived, and the first again when it is back', async () => {
      const { stripe } = world.gateway.parts;
      await twinOf('Team twin', { plan_id: 'team', tier: '1' });
      expect(await offered()).toMatchObject({ name: 'Team' });
      for (const [active, name] of [
        [false, 'Team twin'],
        [true, 'Team'],
      ] as const) {
        await stripe.products.update('prod_sample_team', { active });
        await world.settled();
        expect(await offered()).toMatchObject({ name, archived: false });
        await run('catalog', 'pull', '--yes');
        expect(readFileSync(commands.file, 'utf8')).toContain(`name: ${name}\n`);
        expect(await steps('diff')).toMatchObject({ code: 0 });
      }
    });

    it('leaves the other one on sale whose price is the one that is sold, and says what to do', async () => {
      const { stripe } = world.gateway.parts;
      await run('catalog', 'pull');
      const twin = await twinOf('Team twin', { plan_id: 'team', tier: '1' });
      const flat = { currency: 'usd', unit_amount: 2000, recurring: { interval: 'month' as const } };
      await stripe.prices.create({ product: twin, ...flat, lookup_key: 'team_month', transfer_lookup_key: true });

      const { out } = await run('catalog', 'push', '--prune', '--yes');

      expect(out).toContain(`move the lookup key team_month to a price of prod_sample_team, then archive ${twin}.`);
      expect([await isActive('prod_sample_team'), await isActive(twin)]).toEqual([true, true]);
    });
  });

  it('counts the products that a sync finds unfit, not what is wrong with each', async () => {
    const { products } = world.gateway.parts.stripe;
    for (const plan_id of ['one', 'two'])
      await products.create({ name: plan_id, metadata: { app: 'billing', plan_id, tier: 'high', trial_days: 'some' } });

    const { code, out, err } = await run('sync', '--catalogue');

    expect(out.match(/^Problem with/gm)).toHaveLength(4);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining('2 product(s) or price(s) cannot be sold'),
    });
  });

  it('says what is wrong with a file, all of it, and touches nothing', async () => {
    writeFileSync(
      commands.file,
      'plans:\n  Team: { name: Team, rank: 1 }\n  pro: { name: Pro, rank: high, prices: [{ interval: month, amount: 1.5 }] }\n',
    );

    const { code, err } = await run('catalog', 'push');

    expect(code).toBe(2);
    expect(err).toContain('plans.pro.rank');
    expect(err).toContain('plans.pro.prices.0.amount');
    expect(err).toContain('Team');
    writeFileSync(commands.file, '');
    expect(await run('catalog', 'push', '--prune', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('plans: there is none'),
    });
    expect(await run('catalog', 'diff', '--file', join(commands.folder, 'none.yaml'))).toMatchObject({ code: 2 });
  });
});
