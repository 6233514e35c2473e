import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { formatError } from "./formatError.ts";
import { limitsFrom } from "./limits.ts";
import { type CountField, type ObservedContext, observe } from "./observe.ts";

/** What the GraphQL server works with. */
export interface ApolloParts {
  schema: GraphQLSchema;
  config: Config;
  log: Logger;
  count: CountField;
}

/**
 * An Apollo server, not started yet. Batches, persisted queries, stack traces, suggestions of field names and every kind of
 * reporting to Apollo are off; queries by GET need a header that browsers only send with permission.
 */
export function createApollo({ schema, config, log, count }: ApolloParts): ApolloServer<ObservedContext> {
  return new ApolloServer<ObservedContext>({
    schema,
    ...limitsFrom(config.limits),
    introspection: config.apollo.introspection,
    formatError,
    logger: log,
    // Without it Apollo reads NODE_ENV, and shows stack traces by default unless that says production.
    nodeEnv: "production",
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    cache: "bounded",
    stopOnTerminationSignals: false,
    plugins: [
      observe(count, log),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}
