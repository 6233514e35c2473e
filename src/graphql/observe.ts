import type { ApolloServerPlugin } from "@apollo/server";
import type { GraphQLError } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../context.ts";
import { formatError, isUnexpected, thrownIn } from "./formatError.ts";
import { type Operation, type RootField, rootFields } from "./operation.ts";
import type { WholeAnswers } from "./wholeAnswers.ts";

/** Where the context carries the record that the access log reads. Apollo hands its plugins a copy of the context. */
export const observed = Symbol("operation");

/** The context of a GraphQL request, with the record of what it asked for. */
export interface ObservedContext extends Context {
  [observed]?: Operation;
}

/** Told once for each root field: its name and "ok" or the code of the error it ended with. */
export type CountField = (field: string, outcome: string) => void;

/** The code the caller sees for this error. */
function codeOf(error: GraphQLError): string {
  const seen = formatError({ message: error.message, extensions: error.extensions }, error);
  return String(seen.extensions?.code);
}

/** Records what was asked and how it ended, remembers documents that one statement can answer, and logs unexpected errors with the id of their request. */
export function observe(
  count: CountField,
  log: Logger,
  wholeAnswers: WholeAnswers,
): ApolloServerPlugin<ObservedContext> {
  const report = (to: Logger, error: unknown) => {
    if (isUnexpected(error)) to.error({ err: thrownIn(error) }, "Unexpected error");
  };
  return {
    async contextCreationDidFail({ error }) {
      report(log, error);
    },
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      report(requestContext.contextValue.log, error);
    },
    async requestDidStart({ contextValue }) {
      const operation = contextValue[observed];
      let fields: RootField[] = [];
      return {
        async didResolveOperation(request) {
          if (!request.operation) return;
          fields = rootFields(request.document, request.operation);
          const asked = { query: request.source, operationName: request.request.operationName ?? undefined };
          wholeAnswers.consider(asked, request.document, request.operation);
          if (!operation) return;
          if (request.operationName) operation.name = request.operationName;
          operation.fields = [...new Set(fields.map(({ name }) => name))];
        },
        async didEncounterErrors({ errors }) {
          for (const error of errors) report(contextValue.log, error);
        },
        async willSendResponse({ errors = [] }) {
          const codes = new Map(errors.map((error) => [error.path?.[0], codeOf(error)]));
          if (operation) operation.codes = [...new Set(codes.values())];
          // An error without a path stopped the whole operation.
          const all = codes.get(undefined);
          if (fields.length === 0) count("none", all ?? "ok");
          for (const { name, key } of fields) count(name, all ?? codes.get(key) ?? "ok");
        },
      };
    },
  };
}
