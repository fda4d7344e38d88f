import { decodeJwt } from 'jose';
import { type PreviewClaims, signPreview } from '../../src/subscriptions/preview-token.js';
import { CHANGE, PREVIEW, run, standing, subscriber } from '../support/change-plan-story.js';
import { startWorld, type World } from '../support/world.js';

const MINUTE = 60_000;

describe('the limits of a change of plan', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await world.stop();
  });

  const invoices = async () => (await world.gateway.parts.stripe.invoices.list({ limit: 100 })).data.length;
  /** As if everything that was done so far had been done that much earlier. */
  const age = (ms: number) =>
    world.gateway.parts.database.run('UPDATE intents SET finished_at = finished_at - ? WHERE finished_at IS NOT NULL', [
      ms,
    ]);

  it('end a preview after ten minutes by the wall clock, and then nothing is charged', async () => {
    const acme = await subscriber(world);
    const { wall } = world.gateway.parts;
    const asked = wall.now();
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const ends = Date.parse(preview.expiresAt) - 10 * MINUTE;
    expect([asked <= ends + 1_000, ends <= wall.now()]).toEqual([true, true]);
    const before = await invoices();

    const clock = jest.spyOn(wall, 'now').mockReturnValue(Date.parse(preview.expiresAt));
    const late = await run(acme, CHANGE, { previewToken: preview.token });
    clock.mockReturnValue(Date.parse(preview.expiresAt) - 1_000);
    const after = await invoices();
    const early = await run(acme, CHANGE, { previewToken: preview.token });

    expect(late).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'PREVIEW_EXPIRED', field: ['input', 'previewToken'] }],
    });
    expect(after).toBe(before);
    expect(early).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
  });

  it('end a preview when the clock of the sandbox is moved on by ten minutes, and hand out a fresh one', async () => {
    const acme = await subscriber(world);
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    await world.advance({ by: 'P3D' });
    const before = await invoices();

    const late = await run(acme, CHANGE, { previewToken: preview.token });
    const after = await invoices();
    const [{ freshPreview }] = late.userErrors;
    await world.advance({ by: 'PT9M' });
    const done = await run(acme, CHANGE, { previewToken: freshPreview.token });

    expect(late).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'PREVIEW_OUTDATED' }] });
    expect(after).toBe(before);
    expect(freshPreview.amountDueNow.minor).toBeLessThan(preview.amountDueNow.minor);
    expect(done).toMatchObject({ outcome: 'APPLIED', userErrors: [] });
  });

  it('end a preview that another version of the gateway has made, whatever stands beside it', async () => {
    const acme = await subscriber(world);
    const { preview } = await run(acme, PREVIEW, { plan: 'business', interval: 'MONTH' });
    const { asked, ...older } = decodeJwt<PreviewClaims>(preview.token);
    const { token } = await signPreview(world.gateway.parts, older as PreviewClaims);

    const refused = await run(acme, CHANGE, { previewToken: token, plan: 'business', interval: 'YEAR' });

    expect(asked).toBeDefined();
    expect(refused).toMatchObject({ userErrors: [{ code: 'PREVIEW_OUTDATED', field: ['input', 'previewToken'] }] });
  });

  it('are fifteen changes in any day, with the time to wait, and the sixteenth charges nothing', async () => {
    const acme = await subscriber(world);
    for (let seats = 2; seats <= 16; seats++) {
      expect(await run(acme, CHANGE, { seats })).toMatchObject({ userErrors: [] });
      if (seats % 5 === 1) await age(2 * MINUTE);
    }
    const before = await invoices();

    const sixteenth = await run(acme, CHANGE, { seats: 17 });
    const after = await invoices();
    await age(24 * 60 * MINUTE);
    const nextDay = await run(acme, CHANGE, { seats: 17 });

    expect(sixteenth).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'TOO_MANY_CHANGES', message: expect.stringContaining('15 a day') }],
    });
    expect(sixteenth.userErrors[0].retryAfterMs).toBeGreaterThan(23 * 60 * MINUTE);
    expect(after).toBe(before);
    expect(nextDay).toMatchObject({ userErrors: [] });
    expect((await standing(acme)).subscription.seats).toBe(17);
  });
});
