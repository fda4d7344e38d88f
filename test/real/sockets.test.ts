import { follow, type Follower } from '../crash/follower.js';
import { createChance } from '../simulation/chance.js';
import { verifyAudit } from '../support/audit-chain.js';
import { databaseKind } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Gateways, startGateways } from '../support/gateways.js';

/** `REAL_SOCKETS=1000 REAL_CHANGES=300 npx jest test/real/sockets` opens and cuts more. */
const SOCKETS = Number(process.env.REAL_SOCKETS ?? 40);
const CHANGES = Number(process.env.REAL_CHANGES ?? 12);
const ACCOUNTS = 10;
const RENAME = `mutation ($name: String!) { updateBillingDetails(input: { name: $name }) { account { revision } userErrors { code } } }`;

describe('sockets that are cut at random', () => {
  let gateways: Gateways;
  const followers: Follower[] = [];
  beforeAll(async () => {
    gateways = await startGateways({ count: 1, leaseMs: 3_000 });
  });
  afterAll(async () => {
    followers.forEach((follower) => follower.close());
    await gateways.stop();
  });

  it(
    'all end at the revision of the database, are told nothing twice, and learn of what they skip',
    async () => {
      const chance = createChance(Number(process.env.REAL_SEED ?? 1));
      const [gateway] = gateways.all as [(typeof gateways.all)[0]];
      const people = Array.from({ length: ACCOUNTS }, (_person, at) => gateway.as(`account-${at}`));
      for (const person of people) await person.ask(RENAME, { name: 'before' });
      for (let at = 0; at < SOCKETS; at++)
        // One person may hold twenty sockets.
        followers.push(
          follow(gateway.port, gateway.as(`account-${at % ACCOUNTS}`, `user-${at}`), () => Promise.resolve()),
        );
      await eventually(
        () => Promise.resolve(followers.filter((follower) => follower.revision() < 0).length),
        (silent) => silent === 0,
      );

      let cuts = 0;
      for (let change = 0; change < CHANGES; change++) {
        for (const follower of followers)
          if (chance.often(0.2)) {
            follower.cut();
            cuts += 1;
          }
        const { data } = await chance.pick(people).ask(RENAME, { name: `name ${change}` });
        expect(data.updateBillingDetails.userErrors).toEqual([]);
      }

      const accounts = await gateways.database.read.rows<{ id: string; external_id: string; revision: number }>(
        'SELECT id, external_id, revision FROM accounts',
      );
      const revisionOf = new Map(accounts.map(({ external_id, revision }) => [external_id, Number(revision)]));
      for (const [at, follower] of followers.entries())
        await follower.reaches(revisionOf.get(`account-${at % ACCOUNTS}`) ?? 0);
      // Whoever was cut off with nothing to learn comes back in her own time.
      const returns = await eventually(
        () => Promise.resolve(followers.reduce((sum, follower) => sum + follower.returns(), 0)),
        (sum) => sum > SOCKETS / 2,
      );
      process.stdout.write(
        `${databaseKind}: ${SOCKETS} sockets, ${cuts} cuts, ${returns} returns, ${CHANGES} changes\n`,
      );
      expect(followers.flatMap(({ complaints }) => complaints)).toEqual([]);
      for (const { id, revision } of accounts)
        expect(await verifyAudit(gateways.database, id)).toHaveLength(Number(revision));
    },
    600_000 + CHANGES * 2_000 + SOCKETS * 100,
  );
});
