import { isDeepStrictEqual } from 'node:util';
import { Account } from '../../src/accounts/account.entity.js';
import { toBillingError } from '../../src/errors.js';
import { createLoaders } from '../../src/graphql/loaders.js';
import { once } from '../../src/intents/once.js';
import type { Parts } from '../../src/parts.js';
import { Refusal, UserErrorCode } from '../../src/refusal.js';
import type { SubscriptionResult } from '../../src/subscriptions/subscription-payload.js';
import type { Fleet } from './fleet.js';
import type { GatewayProcess } from './gateway-process.js';
import { type Ask, ASKS, mutationOf, type Request, verbs } from './verbs.js';
import type { World } from './world.js';

/** Longer than any verb takes that is not frozen or dead. */
const PATIENCE_MS = 15_000;
const TRIES = 4;

interface Told {
  /** Null without an idempotency key. */
  key: string | null;
  account: string;
  answer: SubscriptionResult | null;
  refusal: UserErrorCode | null;
}

/** Browsers that change subscriptions, some in the same moment, and repeat what got no answer. */
export class Tabs {
  /** Requests that still wait for an answer. */
  underWay = 0;
  /** Every answer, in the order of their coming. */
  readonly told: Told[] = [];
  private asked = 0;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
  ) {}

  /** One to three tabs ask at once, for the same thing or for different ones. */
  open(account: string, subscription: string, ask: Ask, variant: number): void {
    const { chance, schedule } = this.world;
    for (let tab = chance.pick([1, 2, 2, 3]); tab > 0; tab--) {
      const wants = tab === 1 || chance.often(0.5) ? ask : chance.pick(ASKS);
      const key = chance.often(0.8) ? `key_${++this.asked}` : null;
      const request: Request = {
        ...{ account, key, ask: wants, at: this.world.billingNow(), token: null },
        subscription: chance.often(0.3) ? subscription : null,
        variant: chance.often(0.5) ? variant : chance.whole(0, 11),
      };
      this.underWay += 1;
      const wait = chance.pick([0, chance.whole(0, 300), chance.whole(0, 3_000)]);
      schedule.after(wait, () => void this.insist(request));
    }
  }

  /** Repeats with its key what may have come to nothing, as the gateway's hint says. */
  private async insist(request: Request): Promise<void> {
    const { schedule, chance, count } = this.world;
    count('mutations asked');
    for (let left = request.key === null ? 1 : TRIES; left > 0; left--) {
      const process = chance.pick(this.fleet.alive());
      if (process && (await this.askOnce(process, request))) break;
      await schedule.sleep(chance.whole(200, 8_000));
      if (left > 1) count('mutations repeated');
    }
    this.underWay -= 1;
  }

  /** False when the same request may be repeated. */
  private async askOnce({ parts }: GatewayProcess, request: Request): Promise<boolean> {
    const { schedule } = this.world;
    const revision = await revisionOf(this.world, request.account);
    const asked = act(parts, request, this.world.chance.often(0.3) ? revision : null);
    const late = schedule.sleep(PATIENCE_MS).then(() => 'late' as const);
    try {
      const answer = await Promise.race([asked, late]);
      if (answer === 'late') return false;
      this.take({ ...request, answer, refusal: null });
      return true;
    } catch (thrown) {
      return this.fails(request, thrown, revision);
    }
  }

  private fails(request: Request, thrown: unknown, before: number): boolean {
    const { count, fail } = this.world;
    if (!(thrown instanceof Refusal)) {
      const { code, retryable, message, cause } = toBillingError(thrown);
      count(`mutation: ${message}${message.startsWith('Stripe refused') ? ` ${(cause as Error).message}` : ''}`);
      if (code === 'INTERNAL' && !retryable && !message.startsWith('Stripe refused'))
        fail(`${request.ask} failed: ${message} ${String((cause as Error | undefined)?.stack)}`);
      return !retryable;
    }
    const { code, details } = thrown;
    count(`mutations refused: ${code}`);
    if (code === UserErrorCode.CONFLICT && !(Number(details.currentRevision) >= before))
      fail(`a conflict of ${request.account} names revision ${details.currentRevision}, and it was at ${before}`);
    if (code === UserErrorCode.IN_PROGRESS) return false;
    this.take({ ...request, answer: null, refusal: code });
    return true;
  }

  /** Whoever asks twice with one key is told the same. */
  private take({ key, account, answer, refusal }: Told): void {
    const earlier = this.told.find((one) => key !== null && one.key === key && one.answer !== null);
    if (earlier && answer && !isDeepStrictEqual(earlier.answer, answer))
      this.world.fail(`${key} was answered ${JSON.stringify(answer)} after ${JSON.stringify(earlier.answer)}`);
    if (answer) this.world.count(`mutations answered ${answer.outcome}`);
    this.told.push({ key, account, answer, refusal });
  }
}

/** As the resolvers do it. */
async function act(parts: Parts, request: Request, expectedRevision: number | null): Promise<SubscriptionResult> {
  const { account: accountId, ask, key: clientKey, subscription, variant } = request;
  const loaders = createLoaders(parts.database);
  const account = (await loaders.account.load(accountId)) as Account;
  const reference = { accountId, actor: 'tab', subscription, expectedRevision, idempotencyKey: clientKey };
  const asked = { accountId, actor: 'tab', mutation: mutationOf(ask), input: { subscription, variant }, clientKey };
  return once(parts, asked, () => verbs[ask](parts, loaders, account, reference, request));
}

async function revisionOf({ store }: World, account: string): Promise<number> {
  const { rows } = store.database.read;
  const [row] = await rows<{ revision: number }>('SELECT revision FROM accounts WHERE id = ?', [account]);
  return Number(row?.revision);
}
