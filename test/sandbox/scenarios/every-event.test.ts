import { changeScenarios } from '../support/change-scenarios.js';
import { endingScenarios } from '../support/ending-scenarios.js';
import { billsOf, type Scene } from '../support/event-scenario.js';
import { paymentScenarios } from '../support/payment-scenarios.js';
import { startStory, type Story } from '../support/story.js';
import { ToldEvents } from '../support/told-events.js';

const scenarios = [...paymentScenarios, ...changeScenarios, ...endingScenarios];

describe('every scenario tells its events, with what they were before and who caused them:', () => {
  let story: Story;
  beforeEach(async () => (story = await startStory()));
  afterEach(() => story.stop());

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
    const { stripe } = story;
    const told = new ToldEvents(story);
    const feature = await stripe.entitlements.features.create({ name: 'API', lookup_key: 'api' });
    const small = await story.price('Small', 9900);
    const { product } = await stripe.prices.retrieve(small);
    await stripe.products.createFeature(String(product), { entitlement_feature: feature.id });
    const large = await story.price('Large', 49_900);
    const customer =
      scenario.card === null ? (await stripe.customers.create()).id : await story.customer(scenario.card);
    const scene = { story, stripe, customer, small, large, kept: '' } as Scene;
    if (scenario.subscribed)
      scene.subscription = await stripe.subscriptions.create({ customer, items: [{ price: small }] });
    await told.since('call');

    const heard: string[][][] = [];
    for (const [by, act] of scenario.steps) {
      await act(scene);
      heard.push(await told.since(by));
    }

    const expected = scenario.steps.map(([, , seconds]) => seconds.map((types) => [...types].sort()));
    expect(heard).toEqual(expected);
    await scenario.ends(scene);
    expect(await billsOf(scene)).toEqual(scenario.bills);
  });
});
