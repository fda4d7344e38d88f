import { createHash } from 'node:crypto';
import type { Transaction } from '../database/database.js';
import { BillingError } from '../errors.js';
import type { Ports } from '../ports.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { isTransient, isOfOtherCall, outcomeUnknown, translateStripeError } from '../stripe/errors.js';
import { ask, lastLookAsked } from '../sync/queue.js';
import type { Sync } from '../sync/sync.js';
import type { Intent, IntentFailure, Procedure, Step } from './intent.js';
import { type Attempt, seenAnew, words } from './seen-anew.js';
import {
  closeIntent,
  intentOfKey,
  LEFT_MS,
  type NewIntent,
  NO_ENTRY,
  openIntent,
  postpone,
  storeStep,
  takeLeftIntent,
  takeOverdueIntent,
} from './intent-store.js';
import { nameOf, type UnderWay } from './once.js';

/** An intent older than this without an outcome is the completer's. */
const OVERDUE_MS = 30_000;

export interface IntentRequest<Data> {
  accountId: string;
  /** The token's subject. */
  actor: string;
  clientKey: string | null;
  expectedRevision?: number | null;
  /** A last question under the account's lock, before anything is stored. Throws Refusal. */
  guard?: (transaction: Transaction, now: number) => Promise<void>;
  /** What was asked; the same key with other arguments is refused. */
  args: unknown;
  data: Data;
}

export interface IntentResult<Data> {
  data: Data;
  /** False when the sync has not shown the result yet: it will come as a push. */
  visible: boolean;
}

export interface IntentRunner {
  /**
   * Stores the intent, does its steps at Stripe and waits until the sync has seen the result. Throws Refusal, or
   * PROVIDER_UNAVAILABLE when the outcome is not known yet; then the completer resolves it.
   */
  run<Data>(procedure: Procedure<Data>, request: IntentRequest<Data>): Promise<IntentResult<Data>>;
  /**
   * What a mutation answered that made an intent with this key, or would have; null when it made none, or none that
   * knows its answer, or where the caller `goesOn` with one that was left unfinished. Throws Refusal, as the mutation did, or
   * IDEMPOTENCY_KEY_REUSED or IN_PROGRESS.
   */
  recall(accountId: string, clientKey: string, asked: string, goesOn?: boolean): Promise<object | null>;
  /** Finishes one intent whose caller is gone, of that account or of any. False when none was due. */
  completeOne(accountId?: string): Promise<boolean>;
}

type Needs = Pick<Ports, 'database' | 'random' | 'log'> & {
  sync: Sync;
  procedures: readonly Procedure<never>[];
  /** By it an intent knows what its mutation was asked; left out where nobody asks by a key. */
  underWay?: UnderWay;
};

export function createIntentRunner(needs: Needs): IntentRunner {
  return new Runner(needs);
}

class Runner implements IntentRunner {
  constructor(private readonly needs: Needs) {}

  async run<Data>(procedure: Procedure<Data>, request: IntentRequest<Data>): Promise<IntentResult<Data>> {
    const { intent, isNew } = await this.begin(procedure, request);
    if (!isNew) return this.repeated(procedure, intent);
    return this.carryOut(procedure, intent);
  }

  async recall(accountId: string, clientKey: string, argumentsHash: string, goesOn = false): Promise<object | null> {
    const { database } = this.needs;
    const intent = await intentOfKey(database, { accountId, clientKey, argumentsHash, goesOn }, await database.now());
    const procedure = intent && this.procedureOf(intent);
    if (!procedure?.answer) return null;
    const { data, visible } = await this.repeated(procedure, intent as Intent<object>);
    return procedure.answer(data, visible);
  }

  /** Goes on with what the same request left unfinished; what another one left is finished first, if that can be told by now. */
  private async begin<Data>(procedure: Procedure<Data>, request: IntentRequest<Data>) {
    try {
      return await this.open(procedure, request);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      const { accountId, clientKey } = request;
      const same = { accountId, clientKey, verb: procedure.verb, argumentsHash: this.argumentsOf(request) };
      const { database } = this.needs;
      const left = await takeLeftIntent<Data>(database, same, await database.now(), OVERDUE_MS);
      if (left) return { intent: left, isNew: true };
      if (await this.completeOne(accountId)) return this.open(procedure, request);
      throw thrown;
    }
  }

  async completeOne(accountId?: string): Promise<boolean> {
    const { database } = this.needs;
    const intent = await takeOverdueIntent(database, await database.now(), OVERDUE_MS, accountId);
    if (!intent) return false;
    const procedure = this.procedureOf(intent);
    if (!procedure) {
      await this.close(intent, {
        code: 'PROVIDER',
        message: `Nothing knows how to finish ${intent.verb}.`,
        details: {},
      });
      return true;
    }
    try {
      // None is left when the process died between its last step and the end.
      const step = nextStep(procedure, intent);
      const effect = await step?.probe(intent.data, intent.id);
      if (step && effect) await this.passed(step, intent, effect);
      // Nothing has happened at Stripe and the caller is gone: doing it now would surprise her.
      else if (step && intent.step === 0) return await this.abandon(intent);
      await this.carryOut(procedure, intent);
    } catch (thrown) {
      this.needs.log.warn({ err: thrown, intent: intent.id, verb: intent.verb }, 'intent could not be completed yet');
    }
    return true;
  }

  private procedureOf(intent: Intent): Procedure<object> | undefined {
    return this.needs.procedures.find(({ verb }) => verb === intent.verb) as Procedure<object> | undefined;
  }

  /** The whole of what the mutation was asked, where it has a key: what it asks of its verb depends on where things stand. */
  private argumentsOf({ accountId, clientKey, args }: IntentRequest<unknown>): string {
    const asked = clientKey === null ? undefined : this.needs.underWay?.get(nameOf(accountId, clientKey))?.asked;
    return asked ?? createHash('sha256').update(JSON.stringify(args)).digest('hex');
  }

  private async open<Data>(procedure: Procedure<Data>, request: IntentRequest<Data>) {
    const { database, random } = this.needs;
    const [id, stripeKey] = [`int_${random.ulid()}`, random.uuid()];
    // Before the transaction, like every time of the store's: in it, that would take a second connection, and whoever holds
    // the last ones would wait for each other.
    const now = await database.now();
    return database.transaction(async (transaction) => {
      const wanted: NewIntent<Data> = {
        id,
        stripeKey,
        accountId: request.accountId,
        verb: procedure.verb,
        clientKey: request.clientKey,
        argumentsHash: this.argumentsOf(request),
        data: request.data,
        actor: request.actor,
        createdAt: now,
      };
      return openIntent(transaction, database, wanted, {
        expectedRevision: request.expectedRevision ?? null,
        guard: request.guard,
        dueAt: now + OVERDUE_MS,
      });
    });
  }

  private async carryOut<Data>(procedure: Procedure<Data>, intent: Intent<Data>): Promise<IntentResult<Data>> {
    for (let step = nextStep(procedure, intent); step; step = nextStep(procedure, intent)) {
      const effect = await this.takeStep(step, intent).catch((thrown: unknown) =>
        this.stepFailed(procedure, step, intent, thrown),
      );
      // What fails from here on is ours and not Stripe's: the intent stays open, and the completer finishes it.
      await this.passed(step, intent, effect);
    }
    return this.finish(procedure, intent);
  }

  /**
   * Whoever goes on with it asks with the first key first: what was done by it and then undone is not done again. If Stripe
   * fails then as well, a fresh key waits for the next attempt: a look just after it may be too old to show what was done.
   */
  private async takeStep<Data>(step: Step<Data>, intent: Intent<Data>): Promise<Partial<Data>> {
    if (intent.attempts > 1) return this.tryStep(step, intent, intent.attempts);
    try {
      return await this.tryStep(step, intent, 0);
    } catch (thrown) {
      if (intent.attempts === 0 || !isOfOtherCall(thrown)) throw thrown;
      return this.tryStep(step, intent, intent.attempts);
    }
  }

  /** After an unknown outcome only a look at Stripe tells whether the step is done. */
  private async tryStep<Data>(step: Step<Data>, intent: Intent<Data>, attempt: number): Promise<Partial<Data>> {
    try {
      return await step.run(intent.data, `${intent.stripeKey}:${step.name}:${attempt}`, intent.id);
    } catch (thrown) {
      if (!outcomeUnknown(thrown)) throw thrown;
      const effect = await step.probe(intent.data, intent.id).catch(() => null);
      if (effect) return effect;
      throw thrown;
    }
  }

  private async passed<Data>(step: Step<Data>, intent: Intent<Data>, effect: Partial<Data>): Promise<void> {
    Object.assign(intent.data as object, effect);
    intent.step += 1;
    const { database } = this.needs;
    const dueAt = (await database.now()) + OVERDUE_MS;
    const kept = await database.transaction(async (transaction) => {
      await step.record?.(transaction, intent);
      return storeStep(transaction, intent, dueAt);
    });
    if (!kept)
      throw new BillingError('IN_PROGRESS', 'This request was finished by another process.', { retryable: true });
  }

  /** Always throws. An unknown outcome leaves the intent open, so that nothing else starts before it is resolved. */
  private async stepFailed<Data>(
    procedure: Procedure<Data>,
    step: Step<Data>,
    intent: Intent<Data>,
    thrown: unknown,
  ): Promise<never> {
    const ends = endsHere(procedure, step, intent, thrown);
    const told = ends ? await seenAnew(this.needs, attemptOf(procedure, intent), thrown) : thrown;
    if (told instanceof Refusal) {
      await this.close(intent, { code: told.code, message: told.message, details: told.details });
    } else if (ends) {
      await this.close(intent, {
        code: 'PROVIDER',
        message: `Stripe refused to ${words(procedure.verb)}.`,
        details: {},
      });
    } else {
      await this.leave(intent);
    }
    const subject = procedure.subject(intent.data);
    if (subject) this.needs.sync.knock(subject, 'look');
    throw translateStripeError(told, words(procedure.verb));
  }

  /** Nobody works on it until it is due again, unless she asks for the same once more. */
  private async leave<Data>(intent: Intent<Data>): Promise<void> {
    const { database } = this.needs;
    await postpone(database, intent, (await database.now()) + LEFT_MS);
  }

  private async finish<Data>(procedure: Procedure<Data>, intent: Intent<Data>): Promise<IntentResult<Data>> {
    const { database, sync } = this.needs;
    const subject = procedure.subject(intent.data);
    const now = await database.now();
    const asked = await database.transaction(async (transaction) => {
      await closeIntent(transaction, intent, null, now, subject ? null : NO_ENTRY);
      return subject ? ask(transaction, database.dialect, subject, now) : 0;
    });
    return { data: intent.data, visible: subject ? await sync.refreshNow(subject, asked) : true };
  }

  /** The same client key again: the stored answer, whatever it was; whoever gave it may have died before it was seen. */
  private async repeated<Data>(
    procedure: Procedure<Data>,
    { data, failure }: Intent<Data>,
  ): Promise<IntentResult<Data>> {
    if (failure) {
      const code = failure.code === 'PROVIDER' ? UserErrorCode.OTHER : failure.code;
      throw new Refusal(code, failure.message, failure.details);
    }
    const { database, sync } = this.needs;
    const subject = procedure.subject(data);
    const asked = subject ? await lastLookAsked(database, subject) : 0;
    return { data, visible: subject ? await sync.refreshNow(subject, asked) : true };
  }

  private async abandon(intent: Intent): Promise<true> {
    await this.close(intent, { code: 'PROVIDER', message: 'The request never reached Stripe.', details: {} });
    return true;
  }

  private async close<Data>(intent: Intent<Data>, failure: IntentFailure): Promise<void> {
    const { database } = this.needs;
    const now = await database.now();
    await database.transaction((transaction) => closeIntent(transaction, intent, failure, now));
  }
}

function attemptOf<Data>({ verb, subject }: Procedure<Data>, intent: Intent<Data>): Attempt {
  const { accountId, data, openedAtRevision: revision } = intent;
  const { subscriptionId = null } = data as { subscriptionId?: string | null };
  return { verb, accountId, customerId: subject(data), subscriptionId, revision };
}

/** The step to take; those that are not needed are passed over. Undefined after the last. */
function nextStep<Data>({ steps }: Procedure<Data>, intent: Intent<Data>): Step<Data> | undefined {
  while (steps[intent.step]?.needed?.(intent.data) === false) intent.step += 1;
  return steps[intent.step];
}

/** Whether one of the steps that are done has changed something at Stripe. */
const hasEffect = <Data>({ steps }: Procedure<Data>, { step, data }: Intent<Data>): boolean =>
  steps.slice(0, step).some(({ onlyReads, needed }) => !onlyReads && needed?.(data) !== false);

/**
 * Whether a failed step ends its intent: nothing has happened at Stripe and nothing more will. What stopped half-way
 * because Stripe was not to be had is finished later.
 */
function endsHere<Data>(procedure: Procedure<Data>, step: Step<Data>, intent: Intent<Data>, thrown: unknown): boolean {
  const begun = hasEffect(procedure, intent);
  if (begun && isTransient(thrown)) return false;
  return (step.onlyReads && !begun) || (!outcomeUnknown(thrown) && !(thrown instanceof BillingError));
}
