import { startWorld, type World } from '../support/world.js';

describe('the endpoint that a gateway makes for itself at a sandbox', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const endpoints = async () =>
    (await world.gateway.parts.stripe.webhookEndpoints.list()).data.map(({ id, url }) => ({ id, url }));

  it('is the same after a restart', async () => {
    const before = await endpoints();

    await world.restartGateway();

    expect(before).toHaveLength(1);
    expect(await endpoints()).toEqual(before);
  });

  it('takes the place of one whose secret was lost: the process died before it stored it', async () => {
    const [lost] = await endpoints();
    await world.gateway.parts.database.run('DELETE FROM webhook_endpoints');

    await world.restartGateway();

    const found = await endpoints();
    expect(found).toEqual([{ id: expect.not.stringMatching(String(lost?.id)), url: lost?.url }]);
  });

  it("leaves alone what somebody else has made, and another gateway's", async () => {
    const { stripe, database } = world.gateway.parts;
    const [own] = await endpoints();
    const foreign = await stripe.webhookEndpoints.create({ url: String(own?.url), enabled_events: ['invoice.paid'] });
    const other = await stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:9/webhooks/stripe',
      enabled_events: ['invoice.paid'],
      metadata: { made_by: 'graphql-billing-gateway' },
    });
    await database.run('DELETE FROM webhook_endpoints');

    await world.restartGateway();

    const ids = (await endpoints()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([foreign.id, other.id]));
    expect(ids).not.toContain(own?.id);
    expect(ids).toHaveLength(3);
  });
});
