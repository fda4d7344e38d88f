import { Role } from '../../src/auth/roles.js';
import { CHANGE, PREVIEW_NEXT, run, standing } from '../support/change-plan-story.js';
import { NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { type MidMonth, startInMidMonth } from '../support/mid-month.js';
import { told, type WholeStory } from '../support/whole-story.js';
import type { World } from '../support/world.js';

/** Who plays, and the plan each begins with; all with half of a month of thirty days left. */
const players = {
  shown: 'team',
  outdated: 'team',
  limited: 'team',
  tabs: 'team',
  shrinks: 'business',
};
type Player = keyof typeof players;

const RECORD = `mutation ($input: RecordUsageInput!) { recordUsage(input: $input) { accepted userErrors { code } } }`;
const USAGE = `{ viewer { account { entitlement(feature: "members-per-team") { limit used overBy remaining } } } }`;
const BUSINESS = { plan: 'business', interval: 'MONTH' };
const TEAM = { plan: 'team', interval: 'MONTH' };

interface Line {
  description: string;
  amount: { minor: number };
}
const asCharged = ({ lines }: { lines: Line[] }) => lines.map(({ description, amount }) => [description, amount.minor]);

describe('a change of plan, from all sides', () => {
  let cast: MidMonth<Player>;
  let world: World;
  let stories: MidMonth<Player>['stories'];
  beforeAll(async () => {
    cast = await startInMidMonth(players);
    ({ world, stories } = cast);
  });
  afterAll(() => cast.stop());

  const change = (story: WholeStory, input: Record<string, unknown>) => run(story.person, CHANGE, input);
  const preview = async (story: WholeStory, input: Record<string, unknown>) =>
    (await run(story.person, PREVIEW_NEXT, input)).preview;
  const subscriptionOf = async (name: Player) => {
    const { id } = (await standing(world.as(name))).subscription;
    return world.gateway.parts.stripe.subscriptions.retrieve(id as string);
  };

  it('can be looked at from every side without a trace, and then costs what was shown', async () => {
    const story = stories.shown;
    const looks = [
      [BUSINESS, { kind: 'UPGRADE', timing: 'NOW', amountDueNow: { minor: 3_950 } }],
      [
        { ...TEAM, seats: 3 },
        { kind: 'SEATS_ONLY', timing: 'NOW', amountDueNow: { minor: 2_000 } },
      ],
      [
        { ...TEAM, interval: 'YEAR' },
        { kind: 'INTERVAL_CHANGE', amountDueNow: { minor: 19_000 } },
      ],
      [
        { ...TEAM, plan: 'free' },
        { kind: 'DOWNGRADE', timing: 'PERIOD_END', amountDueNow: { minor: 0 } },
      ],
      [TEAM, { kind: 'NO_OP', amountDueNow: { minor: 0 } }],
    ] as const;
    for (const [asked, shown] of looks) expect(await preview(story, asked)).toMatchObject({ ...shown, allowed: true });
    expect(await story.chapter()).toMatchObject({
      ...NOTHING,
      stored: { account: { planKey: 'team' }, subscriptions: [{ seats: 1, pendingChange: null }] },
    });

    const shown = await preview(story, BUSINESS);
    expect(asCharged(shown).map(([, amount]) => amount)).toEqual([-1_000, 4_950]);
    expect(await change(story, { previewToken: shown.token })).toMatchObject({ outcome: 'APPLIED', userErrors: [] });

    expect(await story.chapter()).toMatchObject({
      charged: [{ status: 'paid', lines: asCharged(shown), total: 3_950, paid: shown.amountDueNow.minor }],
      stored: { account: { planKey: 'business' }, invoices: [{ total: 3_950, status: 'PAID' }, { total: 2_000 }] },
      last: { plan: { key: 'business' }, access: { allowed: true, reason: 'ACTIVE' } },
      history: expect.arrayContaining([told('user-of-shown', 'The plan changed from Team to Business.', 'changePlan')]),
    });
  });

  it('is not made as it was shown once what it stands on has changed, and costs what the fresh preview shows', async () => {
    const story = stories.outdated;
    const old = await preview(story, BUSINESS);
    const held = await subscriptionOf('outdated');
    await world.gateway.parts.stripe.subscriptions.update(held.id, {
      items: [{ id: held.items.data[0]!.id, quantity: 3 }],
      proration_behavior: 'none',
    });
    const refused = await change(story, { previewToken: old.token });

    expect(refused).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'PREVIEW_OUTDATED' }] });
    expect(await story.chapter()).toMatchObject({
      charged: [],
      stored: { account: { planKey: 'team' }, subscriptions: [{ seats: 3, pendingChange: null }] },
      last: { plan: { key: 'team' }, subscription: { seats: 3 } },
      history: [told('stripe', '3')],
    });

    const [{ freshPreview }] = refused.userErrors;
    const due = freshPreview.amountDueNow.minor as number;
    expect(await change(story, { previewToken: freshPreview.token })).toMatchObject({ outcome: 'APPLIED' });

    const { charged, ...seen } = await story.chapter();
    expect(charged).toMatchObject([{ status: 'paid', total: due, paid: due }]);
    expect([old.amountDueNow.minor, due, charged[0]?.lines.map(([, amount]) => amount)]).toEqual([
      ...[3_950, 13_850],
      [-1_000, 14_850],
    ]);
    expect(seen).toMatchObject({
      stored: { account: { planKey: 'business' }, subscriptions: [{ seats: 3 }], invoices: [{ total: due }, {}] },
      last: { plan: { key: 'business' }, subscription: { seats: 3 } },
      history: expect.arrayContaining([told('user-of-outdated', 'The plan changed from Team to Business.')]),
    });
  });

  it('is one too many within a minute: what was charged stays, and nobody is told of the one that was refused', async () => {
    const story = stories.limited;
    for (let seats = 2; seats <= 6; seats++) expect(await change(story, { seats })).toMatchObject({ userErrors: [] });

    const { charged, ...seen } = await story.chapter();
    expect(charged.map(({ status, paid }) => [status, paid])).toEqual(Array(5).fill(['paid', 1_000]));
    expect(seen).toMatchObject({ stored: { subscriptions: [{ seats: 6 }] }, last: { subscription: { seats: 6 } } });
    expect(seen.history.filter(({ actor }) => actor === 'user-of-limited').length).toBeGreaterThanOrEqual(5);

    const { database, wall } = world.gateway.parts;
    await database.run('UPDATE intents SET finished_at = ? WHERE account_id = ? AND finished_at IS NOT NULL', [
      wall.now(),
      seen.stored.account.id,
    ]);
    const [refused] = (await change(story, { seats: 7 })).userErrors;

    expect(refused).toMatchObject({ code: 'TOO_MANY_CHANGES', message: expect.stringContaining('5 a minute') });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { subscriptions: [{ seats: 6 }] } });
  });

  it('from two tabs that saw the same is made and charged once; the other is told where the account stands', async () => {
    const story = stories.tabs;
    const { revision } = await standing(story.person);
    const asked = [{ seats: 2 }, { seats: 4 }].map((input) => ({ ...input, expectedRevision: revision as number }));
    const answers = await Promise.all(asked.map((input) => change(story, input)));
    const [won, lost] = ['APPLIED', 'REJECTED'].map((outcome) => answers.findIndex((one) => one.outcome === outcome));

    expect([won, lost].sort()).toEqual([0, 1]);
    const { seats } = asked[won!]!;
    const due = (seats - 1) * 1_000;
    const { charged, stored, pushed, last, history } = await story.chapter();
    expect(answers[lost!].userErrors).toMatchObject([{ code: 'CONFLICT', currentRevision: expect.any(Number) }]);
    expect(charged).toMatchObject([{ status: 'paid', total: due, paid: due }]);
    expect(stored).toMatchObject({ subscriptions: [{ seats }], invoices: [{ total: due }, { total: 2_000 }] });
    expect(last).toMatchObject({ subscription: { seats } });
    expect(pushed.every(({ subscription }) => [1, seats].includes(subscription.seats as number))).toBe(true);
    expect(history).toContainEqual(told('user-of-tabs', String(seats), 'changePlan'));

    const late = await change(story, asked[lost!]!);
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT', subscription: { id: stored.subscriptions[0]?.id } }]);
    expect(late.userErrors[0].currentRevision).toBe(last?.revision);
    expect(await story.chapter()).toMatchObject(NOTHING);
  });

  it('to less than is used keeps what is used, blocks what is new, and shows by how much it is over', async () => {
    const story = stories.shrinks;
    const use = (quantity: number, idempotencyKey: string) =>
      run(world.staff(Role.SERVICE), RECORD, {
        ...{ account: 'shrinks', feature: 'members-per-team', quantity, idempotencyKey },
      });
    expect(await use(25, 'before')).toMatchObject({ accepted: true });
    await story.mark();
    world.config.downgradeOverLimit = 'refuse';
    const refused = await change(story, { plan: 'team' });
    world.config.downgradeOverLimit = 'allow';
    expect(refused.outcome).toBe('REJECTED');
    expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { subscriptions: [{ pendingChange: null }] } });

    expect(await change(story, { plan: 'team' })).toMatchObject({ outcome: 'SCHEDULED', userErrors: [] });
    await story.mark();
    await world.advance({ by: 'P16D' });

    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { account: { planKey: 'team' }, subscriptions: [{ planKey: 'team', pendingChange: null }] },
      last: { plan: { key: 'team' }, access: { allowed: true } },
      history: expect.arrayContaining([told('stripe', 'The plan changed from Business to Team.')]),
    });
    expect(await use(1, 'after')).toMatchObject({ accepted: false, userErrors: [{ code: 'USAGE_OVER_LIMIT' }] });
    expect((await story.person.ask(USAGE)).data.viewer.account.entitlement).toEqual({
      ...{ limit: 20, used: 25, overBy: 5, remaining: 0 },
    });
    expect(await story.charged()).toEqual([]);
  });
});
