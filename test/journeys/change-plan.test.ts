import {
  CHANGE,
  linesOf,
  LIVE,
  monthOfThirtyDays,
  PREVIEW,
  PREVIEW_NEXT,
  run,
  sell,
  standing,
  subscriber,
} from '../support/change-plan-story.js';
import { startStillWorld, type World } from '../support/world.js';

describe('a change of plan that costs more', () => {
  let world: World;
  beforeEach(async () => {
    world = await startStillWorld();
  });
  afterEach(() => world.stop());

  it('from $99 to $499 with 15 of 30 days left credits 49.50, charges 249.50, and renews at 499.00', async () => {
    await sell(world, 'enterprise', 3, 49_900);
    await sell(world, 'starter', 1, 9_900);
    const acme = await subscriberInMonthOfThirtyDays(world);
    await world.advance({ by: 'P15D' });

    const { preview } = await run(acme, PREVIEW_NEXT, { plan: 'enterprise', interval: 'MONTH' });
    const done = await run(acme, CHANGE, { previewToken: preview.token });
    const charged = await linesOf(world, done.invoice.id);
    await world.advance({ by: 'P16D' });

    expect(preview).toMatchObject({
      kind: 'UPGRADE',
      timing: 'NOW',
      allowed: true,
      amountDueNow: { minor: 20_000 },
      recurringBefore: { minor: 9_900 },
      recurringAfter: { minor: 49_900 },
      nextInvoice: { amountDue: { minor: 49_900 }, lines: [{ amount: { minor: 49_900 }, proration: false }] },
    });
    expect(preview.lines.map(({ amount }: { amount: { minor: number } }) => amount.minor)).toEqual([-4_950, 24_950]);
    expect(done).toMatchObject({ outcome: 'APPLIED', invoice: { status: 'PAID' }, userErrors: [] });
    expect(charged).toEqual([-4_950, 24_950]);
    const { invoices } = await standing(acme);
    expect(invoices.nodes[0]).toMatchObject({
      reason: 'SUBSCRIPTION_RENEWAL',
      total: { minor: 49_900 },
      status: 'PAID',
    });
    expect(await linesOf(world, invoices.nodes[0].id)).toEqual([49_900]);
  });

  it('is shown before, charged as shown, pushed, and told in the history', async () => {
    const acme = await subscriber(world);
    const live = acme.watch(LIVE);
    await live.until(() => true);
    await world.advance({ by: 'P10D' });

    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const done = await run(acme, CHANGE, { previewToken: preview.token });

    const pushed = await live.until(({ accountUpdated: { account } }) => account.plan.key === 'business');
    expect(pushed.accountUpdated.account.subscription).toMatchObject({
      plan: { key: 'business' },
      pendingChange: null,
    });
    expect(done.subscription).toMatchObject({ plan: { key: 'business' }, status: 'ACTIVE', pendingChange: null });
    const { invoices, timeline } = await standing(acme);
    expect(invoices.nodes[0]).toMatchObject({
      reason: 'SUBSCRIPTION_CHANGE',
      total: preview.amountDueNow,
      status: 'PAID',
    });
    expect(timeline.nodes.map(({ title }: { title: string }) => title)).toContain(
      'The plan changed from Team to Business.',
    );
    live.close();
  });

  it('tells what is gained, what is charged and with which card', async () => {
    const acme = await subscriber(world);

    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });

    expect(preview).toMatchObject({
      paymentMethod: { label: 'Visa ending 4242' },
      blockers: [],
      notices: [],
      summary: 'Change to Business, paid by the month, now, and pay $79.00.',
    });
    const directions = Object.fromEntries(
      preview.features.map(({ feature, direction }: { feature: { key: string }; direction: string }) => [
        feature.key,
        direction,
      ]),
    );
    expect(directions).toMatchObject({ sso: 'GAINED', 'members-per-team': 'RAISED', api: 'SAME' });
  });

  it('answers PREVIEW_OUTDATED with a fresh preview when the subscription has moved on, and charges nothing', async () => {
    const acme = await subscriber(world);
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    await world.advance({ by: 'P1M' });
    const before = (await standing(acme)).invoices.nodes.length;

    const refused = await run(acme, CHANGE, { previewToken: preview.token });

    expect(refused).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ __typename: 'PreviewOutdatedError', code: 'PREVIEW_OUTDATED' }],
    });
    const [{ freshPreview }] = refused.userErrors;
    const done = await run(acme, CHANGE, { previewToken: freshPreview.token });
    expect(done).toMatchObject({ outcome: 'APPLIED', subscription: { plan: { key: 'business' } } });
    const { invoices } = await standing(acme);
    expect(invoices.nodes).toHaveLength(before + 1);
    expect(invoices.nodes.map(({ amountDue }: { amountDue: unknown }) => amountDue)).toContainEqual(
      freshPreview.amountDueNow,
    );
  });

  it('notices what was changed at Stripe a moment ago, before any event has told', async () => {
    const acme = await subscriber(world);
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const { stripe } = world.gateway.parts;
    const { subscription } = await standing(acme);
    const [item] = (await stripe.subscriptions.retrieve(subscription.id)).items.data;
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item!.id, quantity: 3 }],
      proration_behavior: 'none',
    });

    const refused = await run(acme, CHANGE, { previewToken: preview.token });

    expect(refused.userErrors).toEqual([expect.objectContaining({ code: 'PREVIEW_OUTDATED' })]);
    expect((await standing(acme)).subscription.plan.key).toBe('team');
  });

  it('refuses what contradicts the token, and takes what says the same', async () => {
    const acme = await subscriber(world);
    const target = { plan: 'business', interval: 'MONTH', seats: 1 };
    const { preview } = await run(acme, PREVIEW, target);
    const refused = async (beside: object) =>
      (await run(acme, CHANGE, { previewToken: preview.token, ...beside })).userErrors[0];

    expect(await refused({ plan: 'team' })).toMatchObject({ code: 'INVALID', field: ['input', 'plan'] });
    expect(await refused({ ...target, seats: 2 })).toMatchObject({ code: 'INVALID', field: ['input', 'seats'] });
    expect(await refused({ promotionCode: 'LESS' })).toMatchObject({ field: ['input', 'promotionCode'] });
    expect(await refused({ timing: 'PERIOD_END' })).toMatchObject({ field: ['input', 'timing'] });
    expect((await standing(acme)).subscription.plan.key).toBe('team');

    const done = await run(acme, CHANGE, { previewToken: preview.token, ...target, timing: 'NOW' });
    expect(done).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
  });

  it('refuses a token that is forged, or another account’s', async () => {
    const acme = await subscriber(world);
    const other = await subscriber(world, 'team', 'other');
    const { preview } = await run(other, PREVIEW, { plan: 'business', interval: 'MONTH' });

    const foreign = await run(acme, CHANGE, { previewToken: preview.token });
    const forged = await run(acme, CHANGE, { previewToken: `${preview.token.slice(0, -4)}AAAA` });

    expect([foreign, forged].map(({ userErrors }) => userErrors[0].code)).toEqual(['INVALID', 'INVALID']);
  });

  it('to the plan that is there does nothing', async () => {
    const acme = await subscriber(world);

    const { preview } = await run(acme, PREVIEW, { plan: 'team', interval: 'MONTH' });
    const done = await run(acme, CHANGE, { plan: 'team' });

    expect(preview).toMatchObject({ kind: 'NO_OP', amountDueNow: { minor: 0 } });
    expect(done).toMatchObject({ outcome: 'NO_OP', userErrors: [] });
  });

  it('answers the first answer again under the same key', async () => {
    const acme = await subscriber(world);

    const first = await run(acme, CHANGE, { plan: 'business', idempotencyKey: 'one' });
    const again = await run(acme, CHANGE, { plan: 'business', idempotencyKey: 'one' });
    const other = await run(acme, CHANGE, { plan: 'team', idempotencyKey: 'one' });

    expect([first.outcome, again.outcome]).toEqual(['APPLIED', 'APPLIED']);
    expect(again.invoice.id).toBe(first.invoice.id);
    expect(other.userErrors[0].code).toBe('IDEMPOTENCY_KEY_REUSED');
  });
});

/** Subscribed so that the running period has thirty days. */
async function subscriberInMonthOfThirtyDays(world: World) {
  const first = monthOfThirtyDays(world.sandbox.now());
  if (first > world.sandbox.now()) await world.advance({ to: new Date(first).toISOString() });
  return subscriber(world, 'starter');
}
