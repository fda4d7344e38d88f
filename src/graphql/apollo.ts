import { ApolloServer } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../auth/roles.js';
import type { Metrics } from '../operations/figures.js';
import type { Log } from '../ports.js';
import { presentError } from './present-error.js';
import type { DocumentReader } from './read-document.js';

/** What every context carries, whatever else the resolvers need. */
export interface RequestContext {
  caller: Caller | null;
  requestId: string;
}

export interface ApolloOptions {
  schema: GraphQLSchema;
  documents: DocumentReader;
  publicUrl(): string;
  log: Log;
  metrics?: Metrics;
}

/** Apollo as a bare executor: what it would do beside that is switched off. */
export function createApollo<C extends RequestContext>(options: ApolloOptions): ApolloServer<C> {
  const { schema, documents, log } = options;
  return new ApolloServer<C>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => log.debug({}, String(message)),
      info: (message) => log.info({}, String(message)),
      warn: (message) => log.warn({}, String(message)),
      error: (message) => log.error({}, String(message)),
    },
    // Apollo asks for `<hash of the schema>:<sha256 of the text>` before it parses; the reader has read every document by then.
    documentStore: {
      get: (key) => Promise.resolve(documents.bySha256(key.slice(key.lastIndexOf(':') + 1))),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(true),
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      presentErrors(options),
    ],
  });
}

/** A plugin and not `formatError`, which does not know the request it formats for. */
function presentErrors<C extends RequestContext>({ publicUrl, log, metrics }: ApolloOptions): ApolloServerPlugin<C> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse({ errors, response, contextValue: { requestId } }) {
          if (errors && response.body.kind === 'single') {
            const presentation = { requestId, publicUrl: publicUrl(), log, metrics };
            response.body.singleResult.errors = errors.map((error) => presentError(error, presentation));
          }
          return Promise.resolve();
        },
      }),
  };
}
