import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createTokenVerifier } from '../src/auth/verify-token.js';
import { openSystemPorts } from '../src/cli/system-ports.js';
import { createLog } from '../src/cli/log.js';
import { loadConfig } from '../src/config.js';
import { createGateway } from '../src/gateway.js';
import type { Context } from '../src/graphql/context.js';
import { createLoaders } from '../src/graphql/loaders.js';
import { createSchema } from '../src/graphql/schema.js';

/** The gateway in a process of its own, and beside it Apollo's standalone server with the same schema, parts and tokens. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config);
  const gateway = await createGateway(config, await openSystemPorts(config, log), { port: 0 });
  process.send?.({ port: gateway.port, ready: true });

  const { parts } = gateway;
  const verifier = createTokenVerifier(config, parts.wall, log);
  const apollo = new ApolloServer<Context>({ schema: createSchema(), csrfPrevention: false });
  const { url } = await startStandaloneServer(apollo, {
    listen: { port: 0, host: '127.0.0.1' },
    context: async ({ req }) => ({
      caller: await verifier.verify(req.headers.authorization),
      requestId: 'bench',
      parts,
      loaders: createLoaders(parts.database),
    }),
  });
  process.send?.({ apolloPort: Number(new URL(url).port) });
  process.on('message', () => process.send?.({ residentMb: process.memoryUsage().rss / 1_048_576 }));
}

process.on('disconnect', () => process.exit());
void main();
