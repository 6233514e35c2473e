import type { ApolloServerPlugin } from "@apollo/server";
import type { GraphQLError } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../../access/context.ts";
import { type RequestRecord, type RootField, rootFields, type Via } from "../http/requestRecord.ts";
import { formatError, isUnexpected, thrownIn } from "./formatError.ts";

/** Key of the record for the access log in the context. Apollo passes a copy of the context to its plugins. */
export const observed = Symbol("operation");

/** Key of the codes of mutations that report a failure in their answer, without an error, by the key of the response. */
export const reported = Symbol("reported");

/** The context of a GraphQL request, with the record for the access log. */
export interface ObservedContext extends Context {
  [observed]?: RequestRecord;
  [reported]?: Map<string | number, string>;
}

/** Called once for each root field: its name, "ok" or the code of its error, and which path the request took. */
export type CountField = (field: string, outcome: string, via: Via) => void;

/** The code the caller sees for this error. */
function codeOf(error: GraphQLError): string {
  const seen = formatError({ message: error.message, extensions: error.extensions }, error);
  return String(seen.extensions?.code);
}

/** Records the root fields of each operation and their outcome, and logs unexpected errors with the request ID. */
export function observe(count: CountField, log: Logger): ApolloServerPlugin<ObservedContext> {
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
          if (!operation) return;
          if (request.operationName) operation.name = request.operationName;
          operation.fields = [...new Set(fields.map(({ name }) => name))];
        },
        async didEncounterErrors({ errors }) {
          for (const error of errors) report(contextValue.log, error);
        },
        async willSendResponse({ errors = [] }) {
          const codes = new Map<string | number | undefined, string>(contextValue[reported]);
          for (const error of errors) codes.set(error.path?.[0], codeOf(error));
          if (operation) operation.codes = [...new Set(codes.values())];
          // An error without a path stopped the whole operation.
          const all = codes.get(undefined);
          if (fields.length === 0) count("none", all ?? "ok", "apollo");
          for (const { name, key } of fields) count(name, all ?? codes.get(key) ?? "ok", "apollo");
        },
      };
    },
  };
}
