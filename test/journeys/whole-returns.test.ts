import type Stripe from 'stripe';
import { run } from '../support/change-plan-story.js';
import { NOTHING, ONE_TEAM } from '../support/checkout-story.js';
import { strangeAddresses } from '../support/strange-addresses.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { told, wholeStory, type WholeStory } from '../support/whole-story.js';
import { startWorld, type World } from '../support/world.js';

const APP = 'https://app.example.com';
const ERRORS = 'userErrors { code field hint }';
const OPEN = `mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { session { id url } ${ERRORS} } }`;
const PORTAL = `mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { session { url } ${ERRORS} } }`;
const TEAM = { plan: 'team', interval: 'MONTH' };

/** Every place where a caller may name an address, and what is asked for besides. */
const places: [field: string, document: string, input: object][] = [
  ['successUrl', OPEN, TEAM],
  ['cancelUrl', OPEN, TEAM],
  ['returnUrl', OPEN, { ...TEAM, ui: 'EMBEDDED' }],
  ['returnUrl', PORTAL, {}],
];

describe('the way back from Stripe, from all sides', () => {
  let world: World;
  let stripe: Stripe;
  let proxy: StripeProxy;
  let story: WholeStory;
  beforeAll(async () => {
    world = await startWorld(async ({ url }) => {
      proxy = await startStripeProxy(url);
      return { STRIPE_API_BASE: proxy.url, RETURN_ORIGINS: `${APP},http://localhost:4000` };
    });
    ({ stripe } = world.gateway.parts);
  });
  beforeEach(async () => {
    story = await wholeStory(world, 'acme');
  });
  afterEach(() => story.close());
  afterAll(async () => {
    await world.stop();
    await proxy.stop();
  });

  it.each(places)(
    'leads by %s to nobody who is not allowed: Stripe is not even asked',
    async (field, document, more) => {
      const { length } = proxy.calls;
      const accepted: string[] = [];
      for (const address of strangeAddresses(APP)) {
        const { data, errors } = await story.person.ask(document, { input: { ...more, [field]: address } });
        const [refused] = Object.values(data ?? {}).flatMap((payload) => (payload as Payload).userErrors);
        const malformed = errors?.[0]?.extensions.code === 'BAD_USER_INPUT';
        const named =
          refused?.field?.join() === `input,${field}` && /^(RETURN_URL_NOT_ALLOWED|INVALID)$/.test(refused.code);
        if (!malformed && !named) accepted.push(address);
      }

      expect(accepted).toEqual([]);
      expect(proxy.calls.slice(length).filter(({ method }) => method === 'POST')).toEqual([]);
      expect(await story.chapter()).toMatchObject({ ...NOTHING, stored: { checkoutSessions: [], subscriptions: [] } });
    },
  );

  it('is what was allowed, written anew as every reader understands it', async () => {
    const given = {
      'https://app.example.com:443/x': `${APP}/x`,
      'HTTPS://APP.EXAMPLE.COM/X': `${APP}/X`,
      [`${APP}/a/../b`]: `${APP}/b`,
      [`${APP}/%2f%2fevil.example`]: `${APP}/%2f%2fevil.example`,
      [`${APP}/ü?s={CHECKOUT_SESSION_ID}`]: `${APP}/%C3%BC?s={CHECKOUT_SESSION_ID}`,
      'http://localhost:4000/done': 'http://localhost:4000/done',
    };
    const atStripe: Record<string, unknown> = {};
    for (const address of Object.keys(given)) {
      const { session } = await run(world.as(`to-${address.length}`), OPEN, { ...TEAM, successUrl: address });
      atStripe[address] = (await stripe.checkout.sessions.retrieve(session.id as string)).success_url;
    }

    expect(atStripe).toEqual(given);
  });

  it('leads home where none was named, and tells there which checkout it was', async () => {
    const home = world.gateway.parts.publicUrl;
    const { session } = await run(story.person, OPEN, TEAM);
    expect(await stripe.checkout.sessions.retrieve(session.id as string)).toMatchObject({
      success_url: `${home}/checkout/success?session={CHECKOUT_SESSION_ID}`,
      cancel_url: `${home}/checkout/cancel`,
    });

    const paid = await fetch(session.url as string, {
      method: 'POST',
      body: new URLSearchParams({ payment_method: 'pm_card_visa' }),
      redirect: 'manual',
    });

    expect(paid.headers.get('location')).toBe(`${home}/checkout/success?session=${session.id}`);
    expect(await story.chapter()).toMatchObject({
      charged: [{ lines: [[ONE_TEAM, 2_000]], paid: 2_000 }],
      stored: { checkoutSessions: [{ id: session.id, status: 'COMPLETE' }], subscriptions: [{ status: 'ACTIVE' }] },
      last: { plan: { key: 'team' } },
      history: expect.arrayContaining([told('stripe', 'The checkout was completed.')]),
    });
  });
});

interface Payload {
  userErrors: { code: string; field: string[] | null }[];
}
