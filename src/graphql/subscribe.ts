import { createSourceEventStream, execute } from 'graphql';
import type { ExecutionArgs, ExecutionResult } from 'graphql';

type Results = AsyncGenerator<ExecutionResult, void, void>;

/**
 * graphql-js's `subscribe` with one difference: a payload may bring its own `loaders`. All subscribers of one change get
 * the same payload, so they share what its loaders have already read instead of reading it once each.
 */
export async function subscribe(args: ExecutionArgs): Promise<Results | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  return mapResults(source[Symbol.asyncIterator]() as AsyncIterator<unknown>, (payload) =>
    execute({ ...args, rootValue: payload, contextValue: contextFor(args.contextValue, payload) }),
  );
}

function contextFor(context: unknown, payload: unknown): unknown {
  const loaders = (payload as { loaders?: unknown } | null | undefined)?.loaders;
  return loaders === undefined ? context : { ...(context as object), loaders };
}

/** No generator function: its `return` would wait for the pending `next`, and a stream that is silent would never end. */
function mapResults(
  source: AsyncIterator<unknown>,
  toResult: (payload: unknown) => ExecutionResult | Promise<ExecutionResult>,
): Results {
  async function map(next: IteratorResult<unknown>): Promise<IteratorResult<ExecutionResult, void>> {
    if (next.done) return { value: undefined, done: true };
    try {
      return { value: await toResult(next.value), done: false };
    } catch (error) {
      await source.return?.();
      throw error;
    }
  }
  const results = {
    next: async () => map(await source.next()),
    async return() {
      await source.return?.();
      return { value: undefined, done: true as const };
    },
    async throw(error: unknown): Promise<never> {
      await source.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results as unknown as Results;
}
