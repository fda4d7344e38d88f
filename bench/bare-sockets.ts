import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { makeServer } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answerQuestions } from './child.js';

/** graphql-ws on ws with nothing behind it: whoever subscribes gets every text that is published. */
const schema: GraphQLSchema = buildSchema('type Query { none: Int } type Subscription { published: String! }');

async function main(): Promise<void> {
  const waiting = new Set<(text: string) => void>();
  async function* texts() {
    for (;;) yield { published: await new Promise<string>((resolve) => waiting.add(resolve)) };
  }
  const http = createServer();
  useServer(
    { schema, roots: { subscription: { published: texts } } } satisfies Parameters<typeof makeServer>[0],
    new WebSocketServer({ server: http, perMessageDeflate: false }),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  answerQuestions({
    ready: () => ({ port: (http.address() as AddressInfo).port }),
    watchers: () => waiting.size,
    residentMb: () => process.memoryUsage().rss / 1_048_576,
    publish(text) {
      const watchers = [...waiting];
      waiting.clear();
      watchers.forEach((send) => send(String(text)));
    },
  });
}

void main();
