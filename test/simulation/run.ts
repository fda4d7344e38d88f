import { checkAudience, keepWatching } from './audience.js';
import { createChance } from './chance.js';
import { Delivery } from './delivery.js';
import { Fleet } from './fleet.js';
import type { GatewayProcess } from './gateway-process.js';
import { customerAt, isAsk, makePlan, perform, type Plan, type Step, subscriptionAt } from './history.js';
import { checkIntents } from './intents-kept.js';
import { checkAll, type Tenant } from './invariants.js';
import { hasBegunToKeepUp, leftToDo, leftToFind } from './left-to-do.js';
import { Post } from './post.js';
import { Rumours } from './rumours.js';
import type { SentEvent } from './stripe-model.js';
import { aCustomer, catalogue } from './stripe-objects.js';
import { openStore, type Store } from './store.js';
import { Tabs } from './tabs.js';
import { Watcher } from './watcher.js';
import { World } from './world.js';

export interface RunEnd {
  violations: string[];
  /** How often what happened. */
  counts: Map<string, number>;
  /** The longest that an event which no delivery brought stayed without effect, in milliseconds; 0 where there was none. */
  longestDrift: number;
}

export interface RunOptions {
  seed: number;
  /** What happens at Stripe; made from the seed when left out. */
  plan?: Plan;
  /** When an event is delivered, once, after it happened; as it comes when left out. */
  delay?: (event: SentEvent) => number;
  /** Changes what a process is given, to plant a bug. */
  plant?: (process: GatewayProcess) => GatewayProcess;
}

export const planOf = (seed: number): Plan => makePlan(createChance(seed).fork());

const MINUTE = 60_000;
/** Losses are found every seven minutes. */
const limitMs = (losing: boolean) => (losing ? 40 : 15) * MINUTE;
/** Of the runs in which some are lost, and of the events of those. */
const LOSING = { runs: 0.12, events: 0.05 };

/** A few histories, delivered to two processes by everything that can go wrong, until all is quiet; then what must hold. */
export async function runSimulation(store: Store, options: RunOptions): Promise<RunEnd> {
  const run = new Run(store, options);
  return run.play(options.plan ?? planOf(options.seed));
}

const learning: Step = { change: 'create', at: 0, customer: 0, subscription: 0, variant: 0, name: 'first' };

/** A store for many runs, most of which find the catalogue learned. */
export async function openLearnedStore(): Promise<Store> {
  const store = await openStore();
  const second = { ...learning, subscription: 1 };
  const steps = [learning, { ...second, name: 'second' }, { ...second, change: 'changePrice' as const, at: 1_000 }];
  await runSimulation(store, { seed: 0, plan: { customers: 1, steps } });
  await store.keepCatalogue();
  return store;
}

class Run {
  private readonly world: World;
  private readonly watchers: Watcher[] = [];
  private readonly post: Post;
  private readonly fleet: Fleet;
  private readonly delivery: Delivery;
  private readonly tabs: Tabs;

  constructor(store: Store, { seed, plant, delay }: RunOptions) {
    this.world = new World(store, seed, (event) => this.delivery.send(event));
    this.post = new Post(store.database, this.world.fail);
    const rumours = new Rumours(this.world, this.watchers);
    this.fleet = new Fleet(this.world, this.post, rumours, plant ?? ((process) => process));
    this.delivery = new Delivery(this.world, this.fleet, delay);
    this.tabs = new Tabs(this.world, this.fleet);
  }

  async play(plan: Plan): Promise<RunEnd> {
    const { world, fleet, delivery, watchers, tabs } = this;
    const { schedule, chance, store, stripe, violations, counts } = world;
    await schedule.until(store.reset(schedule, chance.often(0.9) ? 'catalogue' : 'nothing'));
    catalogue().forEach((raw) => stripe.put(raw));
    const tenants: Tenant[] = [];
    for (let at = 0; at < plan.customers; at++) tenants.push(await this.addTenant(customerAt(at), plan.steps));
    await this.begin(plan);
    const accounts = tenants.map(({ account }) => account);
    const began = schedule.now;
    for (const step of plan.steps) {
      await schedule.run(began + step.at - schedule.now);
      const { change, customer, variant } = step;
      if (isAsk(change)) tabs.open(accounts[customer] as string, subscriptionAt(step), change, variant);
      else perform(step, stripe, accounts, (second) => world.jumpTo(second * 1000));
    }
    await this.becomeQuiet();
    await checkAll(store.database, stripe, tenants, world.billingNow(), world.fail);
    await checkIntents(store.database, stripe, tabs, world.fail);
    await this.post.check(stripe, world.billingNow());
    if (this.post.letters > 0) world.count('mails', this.post.letters);
    const longestDrift = await delivery.longestDrift();
    await checkAudience(world, watchers);
    fleet.end();
    schedule.clear();
    return { violations: [...violations], counts, longestDrift };
  }

  private async addTenant(customer: string, steps: Plan['steps']): Promise<Tenant> {
    const { schedule, chance, store, stripe, fail } = this.world;
    const account = await schedule.until(store.ensureAccount(`tenant-of-${customer}`));
    // Nobody can tell whose a customer was that is deleted before anybody looked at her.
    const deleted = steps.some((step) => step.change === 'deleteCustomer' && customerAt(step.customer) === customer);
    if (chance.often(0.5) || deleted) await schedule.until(store.link(customer, account));
    stripe.put(aCustomer(customer, account, stripe.seconds()), 'customer.created');
    this.watchers.push(new Watcher(account, schedule, fail));
    return { customer, account };
  }

  /** Starts the processes, and then what goes wrong. */
  private async begin({ customers }: Plan): Promise<void> {
    const { world, fleet, delivery, watchers } = this;
    const { chance, faults, schedule, store } = world;
    const losing = chance.often(LOSING.runs) && delivery.isAsItComes;
    fleet.begin(customers, losing);
    if (losing) {
      // What happens before the list was looked at for the first time is nobody's promise.
      while (!(await hasBegunToKeepUp(store.database))) await schedule.run(1_000);
      delivery.losing = LOSING.events;
    }
    faults.failing = chance.pick([0, 0.02, 0.15]);
    faults.stale = chance.pick([0, 0.2, 0.6]);
    faults.unknown = chance.pick([0, 0, 0.01, 0.05]);
    watchers.forEach((watcher) => keepWatching(world, fleet, watcher));
  }

  private async becomeQuiet(): Promise<void> {
    const { fleet, delivery, tabs, world } = this;
    const { schedule, store, stripe, faults } = world;
    const { database } = store;
    const limit = schedule.now + limitMs(delivery.losing > 0);
    for (let waited = 0; schedule.now < limit; waited++) {
      await schedule.run(1_000);
      if (waited === 20) {
        Object.assign(faults, { failing: 0, unknown: 0 });
        fleet.setClocksRight();
      }
      if (delivery.underWay + tabs.underWay > 0 || !fleet.isWhole()) continue;
      if ((await leftToDo(database, world.billingNow())) > 0) continue;
      if (delivery.losing === 0 || (await leftToFind(database, stripe, delivery.silent)) === 0) return;
    }
    world.fail('it never became quiet');
  }
}
