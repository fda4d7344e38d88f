import type { Database } from '../../src/database/database.js';
import type { Step } from '../../src/intents/intent.js';
import type { Decision } from '../../src/sync/decision.js';
import type { PendingEvent, Round } from '../../src/sync/queue.js';
import { NO_TRIES } from '../../src/sync/tries.js';
import type { StripeEvent } from '../../src/webhooks/stripe-event.js';
import type { GatewayProcess } from './gateway-process.js';
import { openLearnedStore, runSimulation } from './run.js';
import type { Store } from './store.js';

type Bug =
  | 'none'
  | 'strictly newer by created'
  | 'events listed after the fetch'
  | 'no fence'
  | 'read before register'
  | 'range of ids'
  | 'publish before commit'
  | 'mail before commit'
  | 'no second look at suspect answers'
  | 'no confirmation after a change'
  | 'a missing object is believed at once'
  | 'unknown outcomes are not looked up'
  | 'two intents at once';

const mockPlanted: { bug: Bug; processes: GatewayProcess[] } = { bug: 'none', processes: [] };

jest.mock('../../src/sync/suspect.js', () => {
  const real = jest.requireActual<typeof import('../../src/sync/suspect.js')>('../../src/sync/suspect.js');
  return {
    ...real,
    denies: (...given: Parameters<typeof real.denies>) =>
      mockPlanted.bug !== 'no second look at suspect answers' && real.denies(...given),
  };
});

jest.mock('../../src/sync/apply.js', () => {
  const real = jest.requireActual<typeof import('../../src/sync/apply.js')>('../../src/sync/apply.js');
  const apply: typeof real.apply = async (database, round, write) => {
    if (mockPlanted.bug === 'no fence') round.fence = await mockFenceNow(database, round);
    return real.apply(
      mockPlanted.bug === 'range of ids' ? mockRanged(database) : database,
      round,
      async (...inside) => {
        const end = await write(...inside);
        if (mockPlanted.bug === 'no confirmation after a change') end.confirmed = true;
        return end;
      },
    );
  };
  return { ...real, apply };
});

jest.mock('../../src/sync/apply-customer.js', () => {
  const real = jest.requireActual<typeof import('../../src/sync/apply-customer.js')>(
    '../../src/sync/apply-customer.js',
  );
  const applyCustomer: typeof real.applyCustomer = async (database, random, round, asked) => {
    const late = mockPlanted.bug === 'events listed after the fetch';
    const events = late ? await mockPending(database, round) : [...asked.events];
    return real.applyCustomer(database, random, { ...round, events }, { ...asked, events });
  };
  return { ...real, applyCustomer };
});

jest.mock('../../src/sync/look.js', () => {
  const real = jest.requireActual<typeof import('../../src/sync/look.js')>('../../src/sync/look.js');
  const createLook: typeof real.createLook = (needs, options) => {
    if (mockPlanted.bug !== 'publish before commit') return real.createLook(needs, options);
    const database: Database = {
      ...needs.database,
      transaction: (work) =>
        needs.database.transaction(async (transaction) => {
          const result = await work(transaction);
          const { account, changes } = (result as { decision?: Decision }).decision ?? {};
          if (account && changes?.length) options.announce({ topic: account.id, revision: account.revision });
          return result;
        }),
    };
    return real.createLook({ ...needs, database }, { ...options, announce: () => {} });
  };
  return { ...real, createLook };
});

jest.mock('../../src/notifications/outbox.js', () => {
  const real = jest.requireActual<typeof import('../../src/notifications/outbox.js')>(
    '../../src/notifications/outbox.js',
  );
  const queueMails: typeof real.queueMails = async (transaction, dialect, mails, now) => {
    await real.queueMails(transaction, dialect, mails, now);
    if (mockPlanted.bug !== 'mail before commit') return;
    const { mailIdOf } = jest.requireActual<typeof import('../../src/notifications/relay.js')>(
      '../../src/notifications/relay.js',
    );
    const mailer = mockPlanted.processes.findLast(({ gate }) => !gate.dead)?.mailer;
    const signal = new AbortController().signal;
    for (const { id } of mails) {
      await transaction.run("UPDATE outbox SET state = 'sent', due_at = NULL WHERE id = ?", [id]);
      void mailer?.send({ id: mailIdOf(id), to: 'a@b.example', subject: '', text: '', html: '' }, signal);
    }
  };
  return { ...real, queueMails };
});

jest.mock('../../src/sync/queue.js', () => {
  const real = jest.requireActual<typeof import('../../src/sync/queue.js')>('../../src/sync/queue.js');
  const claim: typeof real.claim = async (...given) => {
    const round = await real.claim(...given);
    if (round && mockPlanted.bug === 'a missing object is believed at once') round.sinceWritten = null;
    return round;
  };
  return { ...real, claim };
});

jest.mock('../../src/webhooks/inbox.js', () => {
  const real = jest.requireActual<typeof import('../../src/webhooks/inbox.js')>('../../src/webhooks/inbox.js');
  const createInbox: typeof real.createInbox = (database, timers) => {
    const inbox = real.createInbox(database, timers);
    const newest = new Map<string, number>();
    return {
      store(row) {
        if (mockPlanted.bug !== 'strictly newer by created') return inbox.store(row);
        const { object } = (JSON.parse(row.body.toString()) as { data: StripeEvent }).data;
        const id = String(object.id);
        if (row.created <= (newest.get(id) ?? -1)) return inbox.store({ ...row, state: 'ignored' });
        newest.set(id, row.created);
        return inbox.store(row);
      },
    };
  };
  return { ...real, createInbox };
});

jest.mock('../../src/intents/run-intent.js', () => {
  const real = jest.requireActual<typeof import('../../src/intents/run-intent.js')>('../../src/intents/run-intent.js');
  const createIntentRunner: typeof real.createIntentRunner = (needs) => {
    const blind = (step: Step<never>): Step<never> => ({
      ...step,
      probe: (...given) =>
        mockPlanted.bug === 'unknown outcomes are not looked up' ? Promise.resolve(null) : step.probe(...given),
    });
    const procedures = needs.procedures.map((procedure) => ({ ...procedure, steps: procedure.steps.map(blind) }));
    const runner = real.createIntentRunner({ ...needs, procedures });
    return {
      completeOne: () => runner.completeOne(),
      recall: (...asked) => runner.recall(...asked),
      run: (procedure, request) =>
        runner.run({ ...procedure, steps: (procedure.steps as Step<never>[]).map(blind) } as typeof procedure, request),
    };
  };
  return { ...real, createIntentRunner };
});

jest.mock('../../src/intents/intent-store.js', () => {
  const real = jest.requireActual<typeof import('../../src/intents/intent-store.js')>(
    '../../src/intents/intent-store.js',
  );
  const openIntent: typeof real.openIntent = (transaction, ...given) => {
    if (mockPlanted.bug !== 'two intents at once') return real.openIntent(transaction, ...given);
    const OPEN_FOR = 6;
    return real.openIntent(
      {
        ...transaction,
        rows: (sql, parameters) =>
          sql.includes('open_for = ?') ? Promise.resolve([]) : transaction.rows(sql, parameters),
        run: (sql, parameters = []) =>
          transaction.run(
            sql,
            sql.startsWith('INSERT INTO intents')
              ? parameters.map((value, at) => (at === OPEN_FOR ? null : value))
              : parameters,
          ),
      },
      ...given,
    );
  };
  return { ...real, openIntent };
});

async function mockFenceNow({ read }: Database, { subject }: Round): Promise<number> {
  const [row] = await read.rows<{ fence: number }>('SELECT fence FROM subjects WHERE subject = ?', [subject]);
  return Number(row?.fence);
}

async function mockPending({ read }: Database, { subject }: Round): Promise<PendingEvent[]> {
  const { toStripeEvent } = jest.requireActual<typeof import('../../src/webhooks/stripe-event.js')>(
    '../../src/webhooks/stripe-event.js',
  );
  const rows = await read.rows<{ id: string; type: string; attempts: number; received_at: number; body: Buffer }>(
    'SELECT id, type, attempts, received_at, body FROM stripe_events WHERE subject = ? AND pending_at IS NOT NULL',
    [subject],
  );
  return rows.map(({ id, type, attempts, received_at: receivedAt, body }) => ({
    ...{ id, type, attempts, receivedAt, again: false, tries: NO_TRIES },
    event: toStripeEvent(JSON.parse(Buffer.from(body).toString())),
  }));
}

const mockRanged = (database: Database): Database => ({
  ...database,
  transaction: (work) =>
    database.transaction((transaction) =>
      work({
        ...transaction,
        run: (sql, parameters = []) => {
          if (!sql.startsWith('UPDATE stripe_events SET state')) return transaction.run(sql, parameters);
          const ids = parameters.slice(5).map(String).sort();
          const ranged = sql.replace(/WHERE id IN .*/s, 'WHERE id BETWEEN ? AND ?');
          return transaction.run(ranged, [...parameters.slice(0, 5), ids[0], ids.at(-1)]);
        },
      }),
    ),
});

const SLOW_READ_MS = 40;

/** A hub that reads first and registers after: what is committed between is never told. */
function readingFirst(process: GatewayProcess): GatewayProcess {
  const { hub, gate } = process;
  const watchAccount: typeof hub.watchAccount = (account, after) => {
    const first = hub.watchAccount(account, after);
    return (async function* () {
      const snapshot = await first.next();
      await gate.travel(SLOW_READ_MS, 'read');
      void first.return?.();
      if (snapshot.done) return;
      yield snapshot.value;
      for await (const push of hub.watchAccount(account)) if (push.kind === 'CHANGED') yield push;
    })();
  };
  return { ...process, hub: { ...hub, watchAccount } };
}

const SEEDS = 1_000;

describe('the simulation finds a planted bug', () => {
  let store: Store;
  beforeAll(async () => (store = await openLearnedStore()));
  afterAll(() => store.close());
  afterEach(() => void Object.assign(mockPlanted, { bug: 'none', processes: [] }));

  /** With a seed that has found it before and is tried first; the order of the seeds proves nothing. */
  const bugs: [Bug, number][] = [
    ['strictly newer by created', 1],
    ['events listed after the fetch', 3],
    ['no fence', 15],
    ['read before register', 60],
    ['range of ids', 14],
    ['publish before commit', 45],
    ['mail before commit', 68],
    ['no second look at suspect answers', 8],
    ['no confirmation after a change', 123],
    ['a missing object is believed at once', 33],
    ['unknown outcomes are not looked up', 69],
    ['two intents at once', 52],
  ];

  it.each(bugs)(
    '%s',
    async (bug, first) => {
      mockPlanted.bug = bug;
      const plant = (process: GatewayProcess) => {
        mockPlanted.processes.push(process);
        return bug === 'read before register' ? readingFirst(process) : process;
      };
      for (let seed = first; seed < first + SEEDS; seed++) {
        const { violations } = await runSimulation(store, { seed, plant });
        if (violations.length === 0) continue;
        process.stdout.write(`${bug}: found by seed ${seed}: ${violations[0]}\n`);
        return;
      }
      throw new Error(`No seed found '${bug}'.`);
    },
    600_000,
  );
});
