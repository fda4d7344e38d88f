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
