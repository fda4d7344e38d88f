import type { Account } from '../account.js';
import type { DeliveryRow } from '../store/tables.js';
import { behaviorOf } from './misbehave.js';
import { payloadFor, targetCount, targetOf } from './targets.js';
import { signatureHeader } from './signature.js';

const IN_FLIGHT_PER_ENDPOINT = 8;

/** Posts the stored events to the endpoints, again and again by wall time, until they are taken or given up. */
export class Deliverer {
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly busy = new Map<string, number>();
  private cancelTimer: (() => void) | null = null;
  private stopped = false;
  private waiting: (() => void)[] = [];
  private pumpPlanned = false;

  constructor(private readonly account: Account) {}

  /** Looks for deliveries that are due. Called after every commit; the work begins once the caller is done. */
  wake(): void {
    if (this.pumpPlanned || this.stopped) return;
    this.pumpPlanned = true;
    setImmediate(() => {
      this.pumpPlanned = false;
      this.pump();
    });
  }

  /** What was pending before is tried at once: the receiver may have come back with us. */
  resume(): void {
    this.account.store.transaction(() => {
      for (const row of this.pending()) this.account.store.put('delivery', { ...row, next_attempt_at: 0 });
    });
    this.wake();
  }

  pendingCount(): number {
    return this.account.store.countWhere('delivery', 'pending', 'yes');
  }

  /** Resolves once every delivery that is due now was attempted at least once; what is held back on purpose is not due. */
  async attemptedOnce(): Promise<void> {
    if (behaviorOf(this.account.store).hold) return;
    const now = this.account.clock.wall.now();
    const awaited = this.pending()
      .filter((row) => row.attempts === 0 && row.next_attempt_at <= now)
      .map((row) => row.id);
    this.wake();
    let next = 0;
    await this.until(() => {
      while (next < awaited.length && this.wasAttempted(awaited[next] ?? '')) next++;
      return next === awaited.length;
    });
  }

  private wasAttempted(id: string): boolean {
    const row = this.account.store.get('delivery', id);
    return !row || row.status !== 'pending' || row.attempts > 0;
  }

  /** Resolves once `met`; looked at after every attempt. */
  async until(met: () => boolean): Promise<void> {
    while (!met() && !this.stopped) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    this.wakeWaiting();
    await Promise.allSettled(this.inFlight.values());
  }

  private pending(): DeliveryRow[] {
    return this.account.store.where('delivery', 'pending', 'yes');
  }

  private pump(): void {
    if (this.stopped) return;
    this.cancelTimer?.();
    this.cancelTimer = null;
    if (behaviorOf(this.account.store).hold) return;
    const now = this.account.clock.wall.now();
    let earliest = Infinity;
    const endpoints = targetCount(this.account.store);
    for (const row of this.account.store.each('delivery', 'pending', 'yes')) {
      if (this.inFlight.size >= endpoints * IN_FLIGHT_PER_ENDPOINT) break;
      if (this.inFlight.has(row.id)) continue;
      if (row.next_attempt_at > now) {
        earliest = Math.min(earliest, row.next_attempt_at);
        continue;
      }
      const busy = this.busy.get(row.endpoint) ?? 0;
      if (busy >= IN_FLIGHT_PER_ENDPOINT) continue;
      this.busy.set(row.endpoint, busy + 1);
      this.inFlight.set(row.id, this.attempt(row));
    }
    if (earliest < Infinity) this.cancelTimer = this.account.clock.wall.after(earliest - now, () => this.pump());
  }

  private async attempt(row: DeliveryRow): Promise<void> {
    const outcome = await this.post(row).catch((error: unknown) =>
      error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    );
    this.inFlight.delete(row.id);
    this.busy.set(row.endpoint, (this.busy.get(row.endpoint) ?? 1) - 1);
    if (this.stopped) return;
    this.account.store.transaction(() => this.record(row, outcome));
    this.wakeWaiting();
    this.wake();
  }

  private async post(row: DeliveryRow): Promise<string> {
    const { store, clock, settings } = this.account;
    const endpoint = targetOf(store, row.endpoint);
    const event = store.get('event', row.event) ?? store.get('thin_event', row.event);
    if (!endpoint?.enabled || !event) return 'stopped';
    const { dead } = behaviorOf(store);
    if (dead.includes(endpoint.id) || dead.includes(endpoint.url)) return 'ECONNREFUSED: made to look dead';
    const payload = JSON.stringify(payloadFor(endpoint, event), null, 2);
    const now = clock.wall.now();
    const secrets = (store.get('endpoint_secret', endpoint.id)?.secrets ?? [])
      .filter((one) => one.expires_at === null || one.expires_at > now)
      .map((one) => one.secret);
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(settings.webhookTimeoutMs),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': signatureHeader(payload, secrets, Math.floor(now / 1000)),
      },
      body: payload,
    });
    await answer.arrayBuffer();
    return String(answer.status);
  }

  private record(row: DeliveryRow, outcome: string): void {
    const { store, clock, settings } = this.account;
    const current = store.get('delivery', row.id);
    if (!current || current.status !== 'pending') return;
    const attempts = current.attempts + 1;
    const backoff = settings.webhookBackoffMs;
    const delivered = /^2\d\d$/.test(outcome);
    const status = delivered
      ? 'delivered'
      : outcome === 'stopped'
        ? 'stopped'
        : attempts >= settings.webhookAttempts
          ? 'failed'
          : 'pending';
    const wait = backoff[Math.min(attempts, backoff.length) - 1] ?? 60_000;
    store.put('delivery', {
      ...current,
      attempts,
      status,
      last_outcome: outcome,
      next_attempt_at: clock.wall.now() + wait,
    });
    const event = store.get('event', row.event);
    if (event && status !== 'pending')
      store.put('event', { ...event, pending_webhooks: Math.max(0, event.pending_webhooks - 1) });
  }

  private wakeWaiting(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
