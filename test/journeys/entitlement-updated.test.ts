import { Role } from '../../src/auth/roles.js';
import { CHANGE, run, subscriber } from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const MEMBERS = 'members-per-team';
const LIVE = `subscription ($feature: String! = "${MEMBERS}", $after: ID) {
  entitlementUpdated(feature: $feature, after: $after) {
    kind cursor revision entitlement { feature { id key } used limit remaining deniedReason } } }`;
const RECORD = `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { accepted userErrors { code } } }`;
const DETAILS = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) { account { revision } } }`;

interface Message {
  entitlementUpdated: { kind: string; cursor: string; revision: number; entitlement: { used: number; limit: number } };
}

describe('the stream of an entitlement', () => {
  let world: World;
  let acme: Person;
  let keys = 0;
  beforeAll(async () => {
    world = await startWorld();
    acme = await subscriber(world);
  });
  afterAll(() => world.stop());

  const record = (quantity: number) =>
    run(world.staff(Role.SERVICE), RECORD, {
      ...{ account: 'acme', feature: MEMBERS, quantity, enforceLimit: false, idempotencyKey: `key-${(keys += 1)}` },
    });
  async function usedNow(): Promise<number> {
    const { data } = await acme.ask(`{ viewer { account { entitlement(feature: "${MEMBERS}") { used } } } }`);
    return data.viewer.account.entitlement.used;
  }
  /** Watches until something fits, and answers all messages so far. */
  async function seen(person: Person, fits: (message: Message) => boolean, variables = {}, meanwhile = async () => {}) {
    const live = person.watch<Message>(LIVE, variables);
    await live.until(() => true);
    await meanwhile();
    await live.until(fits);
    live.close();
    return live.messages.map(({ entitlementUpdated }) => entitlementUpdated);
  }
  const usedIs =
    (used: number) =>
    ({ entitlementUpdated }: Message) =>
      entitlementUpdated.entitlement.used === used;

  it('begins with what there is, and goes on with what is counted', async () => {
    const before = await usedNow();
    const [first, ...rest] = await seen(acme, usedIs(before + 3), {}, async () => {
      await record(1);
      await record(2);
    });

    expect(first).toMatchObject({
      kind: 'SNAPSHOT',
      entitlement: { feature: { key: MEMBERS }, used: before, limit: 20 },
    });
    expect(rest.at(-1)).toMatchObject({ kind: 'CHANGED', entitlement: { remaining: 20 - before - 3 } });
    const revisions = [first!, ...rest].map(({ revision }) => revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((left, right) => left - right));
  });

  it('tells what another plan grants, and nothing of what changes nothing of it', async () => {
    const messages = await seen(
      acme,
      ({ entitlementUpdated }) => entitlementUpdated.entitlement.limit !== 20,
      {},
      async () => {
        await run(acme, DETAILS, { name: 'Acme' });
        await run(acme, CHANGE, { plan: 'business' });
      },
    );

    expect(messages.map(({ kind }) => kind)).toEqual(['SNAPSHOT', 'CHANGED']);
  });

  it('with a cursor sends what differs since, and begins anew where the cursor says nothing', async () => {
    const before = await usedNow();
    const [{ cursor }] = (await seen(acme, () => true)) as [Message['entitlementUpdated']];
    const upToDate = acme.watch<Message>(LIVE, { after: cursor });
    const beside = acme.watch<Message>(LIVE);
    await beside.until(() => true);
    await record(1);
    await upToDate.until(usedIs(before + 1));
    [upToDate, beside].forEach((live) => live.close());

    expect(upToDate.messages.map(({ entitlementUpdated }) => entitlementUpdated.kind)).toEqual(['CHANGED']);
    expect(await seen(acme, () => true, { after: cursor })).toMatchObject([{ kind: 'CHANGED' }]);
    expect(await seen(acme, () => true, { after: 'nonsense' })).toMatchObject([{ kind: 'RESYNC' }]);
  });

  it('tells also what another gateway counts, without Redis', async () => {
    const before = await usedNow();
    const other = await world.startAnother();
    const messages = await seen(other.as('acme'), usedIs(before + 1), {}, () => record(1));
    await other.close();

    expect(messages.map(({ kind }) => kind)).toEqual(['SNAPSHOT', 'CHANGED']);
  });
});
