import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createTokenVerifier } from '../src/auth/verify-token.js';
import { createLog } from '../src/cli/log.js';
import { openConfiguredDatabase } from '../src/cli/open-configured-database.js';
import { openSystemPorts } from '../src/cli/system-ports.js';
import { loadConfig } from '../src/config.js';
import { createGateway } from '../src/gateway.js';
import type { Context } from '../src/graphql/context.js';
import { createLoaders } from '../src/graphql/loaders.js';
import { createSchema } from '../src/graphql/schema.js';
import type { Parts } from '../src/parts.js';
import { answerQuestions } from './child.js';
import { countStatements } from './count-statements.js';
import { drainBacklog, storeAccounts, storeBacklog } from './backlog.js';

/** The gateway in a process of its own, and beside it Apollo's standalone server with the same schema, parts and tokens. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog(config);
  const ports = await openSystemPorts(config, log, openConfiguredDatabase);
  const gateway = await createGateway(config, ports, { port: 0 });
  const { parts } = gateway;
  let stopCounting = () => 0;
  answerQuestions({
    ready: () => ({ port: gateway.port }),
    apollo: async () => ({ port: await startApollo(parts) }),
    residentMb: () => process.memoryUsage().rss / 1_048_576,
    count: () => void (stopCounting = countStatements(parts.database.read.manager.connection)),
    counted: () => stopCounting(),
    accounts: (count) => storeAccounts(parts, count as number),
    backlog: (order) => storeBacklog(parts, order as Parameters<typeof storeBacklog>[1]),
    drain: () => drainBacklog(parts),
  });
}

async function startApollo(parts: Parts): Promise<number> {
  const verifier = createTokenVerifier(parts.config, parts.wall, parts.log);
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
  return Number(new URL(url).port);
}

void main();
