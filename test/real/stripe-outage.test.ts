import type { Pool } from 'mysql2';
import { databaseKind } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.js';
import { BILLING_PAGE, CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

/** `REAL_READS=4000 npx jest test/real/stripe-outage` reads more. */
const READS = Number(process.env.REAL_READS ?? 200);
const READERS = 16;
const ACCOUNTS = 6;
const RENAME = `mutation { updateBillingDetails(input: { name: "Later" }) { account { revision } userErrors { code } } }`;

describe('Stripe, when it answers nobody for a while', () => {
  let world: World;
  let proxy: StripeProxy;
  const people: Person[] = [];
  beforeAll(async () => {
    world = await startWorld(async ({ url }) => {
      proxy = await startStripeProxy(url);
      return { STRIPE_API_BASE: proxy.url };
    });
    for (let at = 0; at < ACCOUNTS; at++) {
      const person = world.as(`tenant-${at}`);
      const { data } = await person.ask(CHECKOUT, { plan: 'team' });
      await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
      people.push(person);
    }
    await world.settled();
  });
  afterAll(async () => {
    await world.stop();
    await proxy.stop();
  });

  /** What each account is shown, and how long the slowest one of a hundred took. */
  async function read(): Promise<{ pages: Set<string>; p99: number }> {
    const [took, pages] = [[] as number[], new Set<string>()];
    let begun = 0;
    const reader = async () => {
      for (let at = begun++; at < READS; at = begun++) {
        const began = performance.now();
        pages.add(JSON.stringify([at % ACCOUNTS, await people[at % ACCOUNTS]?.ask(BILLING_PAGE)]));
        took.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    return { pages, p99: took.sort((one, other) => one - other)[Math.floor(READS * 0.99)] ?? 0 };
  }
  /** Connections that somebody holds; the embedded database has one, which is free when a write of every row goes through. */
  async function held(): Promise<number> {
    const { database } = world.gateway.parts;
    expect(await database.run('UPDATE accounts SET credit = credit')).toBe(ACCOUNTS);
    if (databaseKind !== 'mariadb') return 0;
    const { pool } = database.read.manager.connection.driver as unknown as { pool: Pool };
    const of = pool as unknown as Record<'_allConnections' | '_freeConnections', { length: number }>;
    return of._allConnections.length - of._freeConnections.length;
  }

  it(
    'is waited for without a connection to the database, and everything that is stored is read as before',
    async () => {
      const before = await read();
      let answer = () => {};
      const outage = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
      proxy.instead = () => outage;
      const [calls, over] = [proxy.calls.length, { count: 0 }];
      const changes = people.map((person) => person.ask(RENAME).finally(() => (over.count += 1)));
      await eventually(
        () => Promise.resolve(proxy.calls.length - calls),
        (asked) => asked >= ACCOUNTS,
      );
      await eventually(held, (connections) => connections === 0);
      const during = await read();

      expect(over.count).toBe(0);
      expect([...during.pages].sort()).toEqual([...before.pages].sort());
      expect(during.pages.size).toBe(ACCOUNTS);
      expect([...during.pages].filter((page) => page.includes('"errors"'))).toEqual([]);
      process.stdout.write(
        `${databaseKind}: ${READS} pages while ${ACCOUNTS} mutations wait for Stripe, p99 ${during.p99.toFixed(0)} ms; ` +
          `${before.p99.toFixed(0)} ms before; 0 connections held\n`,
      );
      answer();
      for (const { data } of await Promise.all(changes)) expect(data?.updateBillingDetails.userErrors).toEqual([]);
    },
    600_000 + READS * 100,
  );
});
