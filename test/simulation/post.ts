import type { Database } from '../../src/database/database.js';
import { mailIdOf } from '../../src/notifications/relay.js';
import type { Mail, Mailer } from '../../src/ports.js';
import type { Chance } from './chance.js';
import type { Gate } from './gate.js';
import type { StripeModel } from './stripe-model.js';

type Fail = (violation: string) => void;

/** The letters that were accepted, whatever became of who sent them. */
export class Post {
  private readonly accepted = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly fail: Fail,
  ) {}

  get letters(): number {
    return this.accepted.size;
  }

  /** The way to the post of one process: it takes a moment, sometimes refuses, and sometimes does not say how it ended. */
  mailerOf(gate: Gate, chance: Chance, faults: { failing: number }): Mailer {
    return {
      destination: 'the post of the simulation',
      send: async (mail) => {
        await gate.travel(chance.whole(1, chance.often(0.1) ? 2_000 : 60), 'other');
        const broken = chance.often(faults.failing);
        if (broken && chance.often(0.5)) return { is: 'refused', permanent: false, reason: 'busy' };
        await this.accept(mail);
        await gate.travel(chance.whole(1, 20), 'other');
        return broken ? { is: 'unclear', reason: 'the connection broke' } : { is: 'accepted' };
      },
    };
  }

  private async accept({ id }: Mail): Promise<void> {
    const times = (this.accepted.get(id) ?? 0) + 1;
    this.accepted.set(id, times);
    if (times > 1) this.fail(`a mail was sent ${times} times`);
    if (!(await this.queued()).some((row) => mailIdOf(row.id) === id)) this.fail('a mail was sent that nobody queued');
  }

  private queued() {
    return this.database.read.rows<{ id: string; state: string }>('SELECT id, state FROM outbox');
  }

  /** Once all is quiet: every mail has come to its end, and every refused renewal that is news has had one. */
  async check(stripe: StripeModel, billingNow: number): Promise<void> {
    const rows = await this.queued();
    for (const { id, state } of rows) {
      const sent = this.accepted.has(mailIdOf(id));
      const fits = sent ? ['sent', 'unclear'] : ['dropped', 'unclear', 'dead'];
      if (!fits.includes(state)) this.fail(`the mail ${id} is ${state} and was ${sent ? '' : 'not '}sent`);
    }
    for (const raw of stripe.all('invoice')) {
      const { finalized_at: finalized } = raw.status_transitions as { finalized_at: number | null };
      const isNews = finalized !== null && billingNow - finalized * 1_000 < NEWS_FOR_MS;
      const failed =
        raw.status === 'open' && raw.billing_reason === 'subscription_cycle' && Number(raw.attempt_count) > 0;
      const id = `payment_failed:${raw.id}:${String(raw.attempt_count)}`;
      if (failed && isNews && !rows.some((row) => row.id === id)) this.fail(`nobody was told of ${id}`);
    }
  }
}

const NEWS_FOR_MS = 3 * 86_400_000;
