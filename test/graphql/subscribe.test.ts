import { buildSchema, parse } from 'graphql';
import type { ExecutionResult } from 'graphql';
import { subscribe } from '../../src/graphql/subscribe';

const schema = buildSchema('type Query { a: Int } type Subscription { who: String }');
const document = parse('subscription { who }');

interface Context {
  loaders: { name: string };
}
const who = (_args: unknown, context: Context) => context.loaders.name;

async function run(source: AsyncIterable<unknown>) {
  const args = { schema, document, contextValue: { loaders: { name: 'own' } }, subscribeFieldResolver: () => source };
  return (await subscribe(args)) as AsyncGenerator<ExecutionResult>;
}

describe('subscribe', () => {
  it("uses a payload's loaders, and the operation's own where it brings none", async () => {
    async function* source() {
      yield await Promise.resolve({ who, loaders: { name: 'shared' } });
      yield { who };
    }
    const results = [];
    for await (const { data } of await run(source())) results.push(data?.who);
    expect(results).toEqual(['shared', 'own']);
  });

  it('leaves a silent source at once', async () => {
    let left = false;
    const silent: AsyncIterableIterator<unknown> = {
      next: () => new Promise(() => {}),
      return: () => {
        left = true;
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => silent,
    };
    const results = await run(silent);
    void results.next();
    await results.return(undefined);
    expect(left).toBe(true);
  });

  it('answers errors of opening as a result', async () => {
    const args = {
      schema,
      document,
      subscribeFieldResolver: () => {
        throw new Error('closed');
      },
    };
    expect(await subscribe(args)).toMatchObject({ errors: [{ message: 'closed' }] });
  });
});
