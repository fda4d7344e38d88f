import { createSystemRandom } from '../../src/clock/system-clock.js';
import type { SeenProduct } from '../../src/plans/catalogue.fetch.js';
import { applyCatalogue } from '../../src/sync/apply-catalogue.js';
import { askAll, claim } from '../../src/sync/queue.js';
import { subjectKey } from '../../src/sync/subject.js';
import { type OpenedDatabase } from '../support/database.js';
import { openMigratedDatabase } from '../support/migrated-database.js';

const PAIRS = 20;

const sells = (id: string, key: string): SeenProduct => ({
  id,
  plan: {
    ...{
      id: `plan_${key}`,
      key,
      productId: id,
      productCreatedAt: 0,
      name: key,
      description: null,
      rank: 1,
      highlights: [],
      free: false,
    },
    ...{ archived: false, region: null, tenancy: null, features: [], metadata: {} },
  },
  ...{ addOn: null, prices: [], problems: [], unreadable: false },
});

describe('products that are looked at by two workers at once', () => {
  let opened: OpenedDatabase;
  beforeEach(async () => {
    opened = await openMigratedDatabase();
  });
  afterEach(() => opened.close());

  /** Answers the products to look at again. */
  async function look(seen: SeenProduct): Promise<string[]> {
    const { database } = opened;
    const subject = subjectKey({ kind: 'catalogue', id: seen.id });
    await askAll(database, new Map([[subject, 'look']]));
    const round = await claim(database, createSystemRandom(), {
      owner: seen.id,
      leaseMs: 60_000,
      billingNow: 0,
      subject,
    });
    if (!round) throw new Error(`${subject} could not be claimed.`);
    const { products } = await applyCatalogue(database, round, seen.id, { product: seen, failure: null, jitter: 0 });
    return products;
  }

  it('sell what was made first, whichever is looked at first, and an archived one is told nothing', async () => {
    const made = (id: string, productCreatedAt: number, archived = false): SeenProduct => {
      const seen = sells(id, 'team');
      return { ...seen, plan: { ...seen.plan!, productCreatedAt, archived } };
    };
    const seller = async () => {
      const rows = await opened.database.read.rows<{ product: string }>('SELECT product_id AS product FROM plans');
      return rows.map(({ product }) => product);
    };
    const told = () =>
      opened.database.read.rows<{ product: string }>('SELECT product_id AS product FROM catalogue_problems');

    await look(made('prod_late', 2_000));
    expect(await look(made('prod_early', 1_000))).toEqual(['prod_late']);
    expect(await seller()).toEqual(['prod_early']);
    await look(made('prod_late', 2_000));
    expect([await seller(), await told()]).toEqual([['prod_early'], [{ product: 'prod_late' }]]);
    await look(made('prod_late', 2_000, true));
    expect([await seller(), await told()]).toEqual([['prod_early'], []]);
  });

  it('know of each other: where both sell the same plan, one does and the other is told who does', async () => {
    const keys = Array.from({ length: PAIRS }, (_key, n) => `plan${n}`);
    for (const key of keys) {
      const again = await Promise.all([look(sells(`prod_a_${key}`, key)), look(sells(`prod_b_${key}`, key))]);
      for (const id of again.flat()) await look(sells(id, key));
    }
    const plans = await opened.database.read.rows<{ product: string }>('SELECT product_id AS product FROM plans');
    const told = await opened.database.read.rows<{ product: string; reason: string }>(
      'SELECT product_id AS product, reason FROM catalogue_problems',
    );

    expect(plans).toHaveLength(PAIRS);
    for (const { product } of plans) {
      const [, letter, key] = product.split('_');
      const other = `prod_${letter === 'a' ? 'b' : 'a'}_${key}`;
      expect(told).toContainEqual({ product: other, reason: `plan_id '${key}' is taken by ${product}` });
    }
  });
});
