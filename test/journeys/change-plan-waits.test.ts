import { CANCEL_PLAN, CHANGE, LIVE, PREVIEW, run, standing, subscriber, UNDO } from '../support/change-plan-story.js';
import { type Person, startWorld, type World } from '../support/world.js';

describe('an upgrade whose payment does not go through', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('keeps the old plan, is shown with its expiry, and happens once it is paid', async () => {
    const acme = await subscriber(world);
    await chargeTo(world, acme, 'pm_card_chargeCustomerFail');
    const live = acme.watch(LIVE);

    const asked = await run(acme, CHANGE, { plan: 'business' });
    await live.until(({ accountUpdated: { account } }) => account.subscription.pendingChange !== null);
    const good = await chargeTo(world, acme, 'pm_card_visa');
    await world.gateway.parts.stripe.invoices.pay(asked.invoice.id, { payment_method: good });
    await world.settled();

    expect(asked).toMatchObject({
      outcome: 'ACTION_REQUIRED',
      invoice: { status: 'OPEN' },
      paymentAction: { kind: 'NEW_PAYMENT_METHOD' },
      subscription: {
        plan: { key: 'team' },
        status: 'ACTIVE',
        access: { allowed: true },
        pendingChange: { state: 'AWAITING_PAYMENT', kind: 'UPGRADE', toPlan: { key: 'business' }, effectiveAt: null },
      },
    });
    expect(Date.parse(asked.subscription.pendingChange.expiresAt)).toBeGreaterThan(world.sandbox.now());
    const after = await standing(acme);
    expect(after).toMatchObject({ plan: { key: 'business' }, subscription: { pendingChange: null } });
    const told = after.timeline.nodes.map(({ title }: { title: string }) => title);
    expect(told).toContain('A change of plan waits for its payment: Business; nothing changes until then.');
    live.close();
  });

  it('that must be confirmed says so, with the secret to go on with', async () => {
    const acme = await subscriber(world);
    await chargeTo(world, acme, 'pm_card_authenticationRequired');

    const asked = await run(acme, CHANGE, { plan: 'business' });

    expect(asked).toMatchObject({ outcome: 'ACTION_REQUIRED', paymentAction: { kind: 'CONFIRM_PAYMENT' } });
    expect(asked.paymentAction.clientSecret).toMatch(/_secret_/);
    expect((await standing(acme)).plan.key).toBe('team');
  });

  it('is given up after a day, by undoing it, and by a cancellation, and then owes nothing', async () => {
    const acme = await subscriber(world);
    await chargeTo(world, acme, 'pm_card_chargeCustomerFail');
    const stateOf = async () => (await standing(acme)).subscription.pendingChange?.state ?? null;

    await run(acme, CHANGE, { plan: 'business' });
    await world.advance({ by: 'P1D' });
    const expired = await stateOf();
    await run(acme, CHANGE, { plan: 'business' });
    const undone = await run(acme, UNDO);
    await run(acme, CHANGE, { plan: 'business' });
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH', seats: 2 });
    const canceled = await run(acme, CANCEL_PLAN);

    expect(expired).toBeNull();
    expect(undone).toMatchObject({ outcome: 'APPLIED', subscription: { pendingChange: null, plan: { key: 'team' } } });
    expect(preview.notices).toContainEqual(expect.objectContaining({ code: 'PENDING_CHANGE_REPLACED' }));
    expect(canceled).toMatchObject({ outcome: 'SCHEDULED', subscription: { pendingChange: null } });
    const { invoices } = await standing(acme);
    expect(invoices.nodes.map(({ status }: { status: string }) => status).sort()).toEqual([
      'PAID',
      'VOID',
      'VOID',
      'VOID',
    ]);
  });

  it('is refused before it is tried when an earlier payment is overdue', async () => {
    const acme = await subscriber(world);
    await chargeTo(world, acme, 'pm_card_chargeCustomerFail');
    await world.advance({ by: 'P1M2D' });

    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const refused = await run(acme, CHANGE, { plan: 'business' });

    expect(preview).toMatchObject({ allowed: false, blockers: [{ code: 'PAYMENT_OVERDUE', remedy: 'PAY_INVOICE' }] });
    expect(refused.userErrors[0].code).toBe('PAYMENT_OVERDUE');
  });
});

describe('many changes of plan', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('from twenty tabs at once make one change at Stripe for each that was accepted, and one charge', async () => {
    const acme = await subscriber(world);

    const answers = await Promise.all(Array.from({ length: 20 }, () => run(acme, CHANGE, { plan: 'business' })));
    await world.settled();

    const accepted = answers.filter(({ outcome }) => outcome === 'APPLIED' || outcome === 'PROCESSING');
    expect(accepted).toHaveLength(1);
    const rest = answers.filter(({ outcome }) => outcome !== 'APPLIED' && outcome !== 'PROCESSING');
    for (const { outcome, userErrors } of rest)
      expect([outcome, userErrors[0]?.code ?? null]).toEqual(
        outcome === 'NO_OP' ? ['NO_OP', null] : ['REJECTED', 'CONFLICT'],
      );
    const conflict = rest.flatMap(({ userErrors }) => userErrors)[0];
    expect(conflict).toMatchObject({ __typename: 'ConflictError', currentRevision: expect.any(Number) });
    const { invoices, subscription } = await standing(acme);
    expect(invoices.nodes).toHaveLength(2);
    expect((await world.gateway.parts.stripe.subscriptions.retrieve(subscription.id)).items.data).toHaveLength(1);
  });

  it('are refused from the sixth in a minute on, with the time to wait; undoing costs nothing', async () => {
    const acme = await subscriber(world, 'business');
    for (let seats = 2; seats <= 6; seats++) await run(acme, CHANGE, { seats });
    // However long they took: they were made just now.
    const { database, wall } = world.gateway.parts;
    await database.run('UPDATE intents SET finished_at = ? WHERE finished_at IS NOT NULL', [wall.now()]);

    const sixth = await run(acme, CHANGE, { seats: 7, idempotencyKey: 'later' });

    expect(sixth).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ __typename: 'ThrottledError', code: 'TOO_MANY_CHANGES' }],
    });
    expect(sixth.userErrors[0].retryAfterMs).toBeGreaterThan(0);
    expect(sixth.userErrors[0].retryAfterMs).toBeLessThanOrEqual(60_000);
    expect((await standing(acme)).subscription.seats).toBe(6);
  });

  it('are refused with CONFLICT when the account has moved on since it was read', async () => {
    const acme = await subscriber(world);
    const { revision } = await standing(acme);
    await run(acme, CHANGE, { seats: 2 });

    const late = await run(acme, CHANGE, { seats: 3, expectedRevision: revision });

    expect(late.userErrors[0]).toMatchObject({
      code: 'CONFLICT',
      subscription: { id: expect.stringMatching(/^sub_/) },
    });
    expect(late.userErrors[0].currentRevision).toBeGreaterThan(revision);
  });
});

/** From now on charged to that card. Answers its id. */
async function chargeTo(world: World, person: Person, card: string): Promise<string> {
  const { stripe } = world.gateway.parts;
  const { subscription } = await standing(person);
  const { customer } = await stripe.subscriptions.retrieve(subscription.id);
  const method = await stripe.paymentMethods.attach(card, { customer: String(customer) });
  await stripe.subscriptions.update(subscription.id, { default_payment_method: method.id });
  await world.settled();
  return method.id;
}
