import type { Row, Stage } from '../stage.js';

const PER_CUSTOMER = 10;
const CALM = 1_000;

/** Events a second, and Stripe's calls for each. */
async function drain({ gateway, stripe, ids }: Stage, events: number, customers: number) {
  await gateway.ask('backlog', { events, customers, ids });
  const before = await stripe.ask<number>('calls');
  const seconds = await gateway.ask<number>('drain');
  const calls = (await stripe.ask<number>('calls')) - before;
  return { perSecond: events / seconds, calls: calls / events };
}

export const apply: Row = {
  name: 'apply',
  meaning: 'stored events applied per second (`--events` of them in bursts), and API calls for each',
  async measure(stage) {
    const { events } = stage.sizes;
    const customers = Math.max(CALM, Math.ceil(events / PER_CUSTOMER));
    stage.tell(`first looks at ${customers} customers`);
    await stage.gateway.ask('accounts', customers);
    await drain(stage, customers, customers);

    const bare = await stage.bare('bare-apply');
    stage.tell(`one event each of ${CALM} customers`);
    const alone = await bare.ask<number>('measure', CALM);
    const calm = await drain(stage, CALM, CALM);
    await bare.end();
    stage.tell(`a backlog of ${events} events`);
    const burst = await drain(stage, events, Math.ceil(events / PER_CUSTOMER));
    return [
      {
        what: 'events applied, each of another customer',
        load: `${CALM} events`,
        ours: { figure: `${Math.round(calm.perSecond)} /s, ${calm.calls.toFixed(2)} calls each` },
        baseline: 'claim and apply by hand, nothing else',
        bare: { figure: `${Math.round(alone)} /s` },
        ratio: calm.perSecond / alone,
        goal: '>= 0.6',
      },
      {
        what: `backlog, ${PER_CUSTOMER} events a customer`,
        load: `${events} events`,
        ours: { figure: `${Math.round(burst.perSecond)} /s, ${burst.calls.toFixed(2)} calls each` },
        baseline: '',
        goal: '<= 0.55 calls each',
      },
    ];
  },
};
