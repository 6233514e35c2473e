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
import { introspectionAccess } from "./introspectionAccess.ts";
import { limitsFrom } from "./limits.ts";
import { type CountField, type ObservedContext, observe } from "./observe.ts";
import { retryAfter } from "./retryAfter.ts";

/** Parts of the GraphQL server. */
export interface ApolloParts {
  schema: GraphQLSchema;
  config: Config;
  log: Logger;
  count: CountField;
}

/**
 * An Apollo server, not started yet. Batched requests, persisted queries, stack traces, field name suggestions and all
 * reporting to Apollo are disabled. Queries by GET need a header that browsers only send after a CORS preflight.
 */
export function createApollo({ schema, config, log, count }: ApolloParts): ApolloServer<ObservedContext> {
  return new ApolloServer<ObservedContext>({
    schema,
    ...limitsFrom(config.limits),
    // `introspectionAccess` decides.
    introspection: true,
    formatError,
    logger: log,
    // Without it, Apollo reads NODE_ENV and shows stack traces unless that is "production".
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
      introspectionAccess(config),
      retryAfter,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}
