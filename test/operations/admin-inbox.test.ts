import { Role } from '../../src/auth/roles.js';
import { Drift } from '../../src/sync/drift.entity.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { startWorld, type World } from '../support/world.js';

const EVENTS = `query ($first: Int, $after: String, $state: WebhookEventState, $type: String, $account: ID) { admin {
  webhookEvents(first: $first, after: $after, state: $state, type: $type, account: $account) {
    nodes { id type state subject createdAt receivedAt finishedAt attempts error } pageInfo { hasNextPage endCursor } } } }`;
const DRIFT = '{ admin { drift { object objectId subject fields cause detectedAt } } }';

describe('what staff are shown of the inbox', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    const { data } = await world.as('acme').ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
  });
  afterAll(() => world.stop());

  const events = async (variables: object = {}) => {
    const { data, errors } = await world.staff(Role.SUPPORT).ask(EVENTS, { ...variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.admin.webhookEvents;
  };

  it('is every event, newest first, page by page and by state, type and account', async () => {
    const all = (await events({ first: 100 })).nodes;
    const pages: unknown[] = [];
    for (let after: string | null = null; ;) {
      const { nodes, pageInfo } = await events({ first: 7, after });
      pages.push(...nodes);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    const [paid] = (await events({ type: 'invoice.paid', account: 'acme' })).nodes;
    await world.gateway.parts.database.run("UPDATE stripe_events SET state = 'dead', error = 'why' WHERE id = ?", [
      paid.id,
    ]);

    expect(all.length).toBeGreaterThan(7);
    expect(pages).toEqual(all);
    expect(paid).toMatchObject({ type: 'invoice.paid', state: 'DONE', attempts: 0, error: null });
    expect((await events({ state: 'DEAD' })).nodes).toEqual([{ ...paid, state: 'DEAD', error: 'why' }]);
    expect((await events({ account: 'nobody' })).nodes).toEqual([]);
  });

  it('is drift once it is certain, by the names of its fields alone', async () => {
    const found = { subject: 'cus_1', accountId: null, object: 'customer', objectId: 'cus_1', cause: 'look' as const };
    const differs = {
      before: { email: 'old@example.com' },
      after: { email: 'new@example.com' },
      detectedAt: 1_800_000_000_000,
    };
    await world.gateway.parts.database.transaction(async ({ manager }) => {
      await manager.insert(Drift, { id: 'certain', ...found, ...differs, confirmedAt: 1_800_000_600_000 });
      await manager.insert(Drift, { id: 'early', ...found, ...differs, confirmedAt: null });
    });

    expect((await world.staff(Role.SUPPORT).ask(DRIFT)).data.admin.drift).toEqual([
      {
        ...{ object: 'customer', objectId: 'cus_1', subject: 'cus_1', cause: 'look', fields: ['email'] },
        detectedAt: expect.any(String),
      },
    ]);
  });

  it('is shown to nobody else, and a cursor of another list is refused', async () => {
    for (const person of [world.as('acme'), world.anybody()])
      expect((await person.ask(DRIFT)).data?.admin ?? null).toBeNull();
    const { errors } = await world.staff(Role.SUPPORT).ask(EVENTS, { after: 'abc' });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
