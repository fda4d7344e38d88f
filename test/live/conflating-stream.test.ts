import { ConflatingStream, stoppable } from '../../src/live/conflating-stream.js';

describe('a conflating stream', () => {
  it('hands a waiting reader what comes next', async () => {
    const stream = new ConflatingStream<number>();
    const next = stream.next();
    stream.offer(1);

    await expect(next).resolves.toEqual({ value: 1, done: false });
  });

  it('keeps one value for a slow reader: the newest', async () => {
    const stream = new ConflatingStream<number>();
    for (let value = 1; value <= 10_000; value++) stream.offer(value);

    await expect(stream.next()).resolves.toEqual({ value: 10_000, done: false });
    const next = stream.next();
    stream.offer(10_001);
    await expect(next).resolves.toEqual({ value: 10_001, done: false });
  });

  it('ends a waiting reader when it is closed', async () => {
    const stream = new ConflatingStream<number>();
    const next = stream.next();
    stream.close();

    await expect(next).resolves.toEqual({ value: undefined, done: true });
    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('forgets what it held, and takes no more, once it is closed', async () => {
    const stream = new ConflatingStream<number>();
    stream.offer(1);
    stream.close();
    stream.offer(2);

    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('tells once that it is closed, however often and by whomever', async () => {
    let closed = 0;
    const stream = new ConflatingStream<number>(() => (closed += 1));
    stream.close();
    stream.close();
    await stream.return();

    expect(closed).toBe(1);
  });

  it('is read by a loop that leaves it closed', async () => {
    let closed = false;
    const stream = new ConflatingStream<number>(() => (closed = true));
    stream.offer(1);
    for await (const value of stream) {
      expect(value).toBe(1);
      break;
    }

    expect(closed).toBe(true);
  });
});

describe('a generator over a stream', () => {
  const reading = () => {
    const stream = new ConflatingStream<number>();
    let finished = false;
    async function* doubled(): AsyncGenerator<number, void> {
      try {
        for await (const value of stream) yield value * 2;
      } finally {
        finished = true;
      }
    }
    return { stream, iterator: stoppable(doubled(), stream), isFinished: () => finished };
  };

  it('is ended at once although it waits', async () => {
    const { iterator, isFinished } = reading();
    const next = iterator.next();
    await iterator.return?.();

    await expect(next).resolves.toMatchObject({ done: true });
    expect(isFinished()).toBe(true);
  });

  it('is ended before it has begun', async () => {
    const { stream, iterator } = reading();
    await iterator.return?.();
    stream.offer(1);

    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('ends when its source is closed', async () => {
    const { stream, iterator } = reading();
    stream.offer(21);
    await expect(iterator.next()).resolves.toEqual({ value: 42, done: false });
    stream.close();

    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true });
  });
});
