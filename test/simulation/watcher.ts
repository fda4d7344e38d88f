import type { AccountPush } from '../../src/live/hub.js';
import type { GatewayProcess } from './gateway-process.js';
import type { Schedule } from './schedule.js';

/** A browser that watches an account, leaves and comes back, and believes what it was told last. */
export class Watcher {
  last: AccountPush | null = null;
  process: GatewayProcess | null = null;
  /** When its stream was opened; null while it is not watching. */
  watchingSince: number | null = null;
  private stream: AsyncIterableIterator<AccountPush> | null = null;

  constructor(
    readonly account: string,
    private readonly schedule: Schedule,
    private readonly fail: (violation: string) => void,
  ) {}

  /** Opens a stream; with `resume`, from the cursor it holds. */
  async watch(process: GatewayProcess, resume: boolean): Promise<void> {
    this.leave();
    this.process = process;
    const stream = process.hub.watchAccount(this.account, resume ? (this.last?.cursor ?? null) : null);
    this.stream = stream;
    this.watchingSince = this.schedule.now;
    for await (const push of stream) {
      if (this.stream !== stream) return;
      this.take(push);
    }
  }

  leave(): void {
    void this.stream?.return?.();
    this.stream = null;
    this.watchingSince = null;
  }

  private take(push: AccountPush): void {
    const before = this.last?.revision ?? -1;
    const grows = push.kind === 'CHANGED' ? push.revision > before : push.revision >= before;
    if (!grows) this.fail(`a push went from revision ${before} to ${push.revision}`);
    this.last = push;
  }
}
