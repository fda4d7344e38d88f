/**
 * A stream that holds only the newest value: a slow reader skips what came between and never builds a queue.
 * `offer` after `close` is ignored.
 */
export class ConflatingStream<Value> implements AsyncIterableIterator<Value> {
  private waiting: ((result: IteratorResult<Value>) => void) | null = null;
  private newest: { value: Value } | null = null;
  private closed = false;

  constructor(private readonly onClose: () => void = () => {}) {}

  offer(value: Value): void {
    if (this.closed) return;
    if (this.waiting) {
      const deliver = this.waiting;
      this.waiting = null;
      deliver({ value, done: false });
    } else this.newest = { value };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.newest = null;
    this.waiting?.({ value: undefined, done: true });
    this.waiting = null;
    this.onClose();
  }

  next(): Promise<IteratorResult<Value>> {
    if (this.newest) {
      const { value } = this.newest;
      this.newest = null;
      return Promise.resolve({ value, done: false });
    }
    if (this.closed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<Value>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Ends a generator that is waiting for `source` at once: a generator alone could not be stopped while it waits. */
export function stoppable<Value>(
  generator: AsyncGenerator<Value, void>,
  source: { close(): void },
): AsyncIterableIterator<Value> {
  return {
    next: () => generator.next(),
    return: () => {
      source.close();
      return generator.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
