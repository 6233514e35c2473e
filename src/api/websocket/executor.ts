import type { ApolloServer } from "@apollo/server";
import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { credentialOf } from "../../access/authenticate.ts";
import { type Context, createContext, type Services } from "../../access/context.ts";
import { loadCaller } from "../../access/loadCaller.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { documentKey } from "../graphql/documentKey.ts";
import { documentSizeError } from "../graphql/documentSize.ts";
import { formatError, isUnexpected, thrownIn } from "../graphql/formatError.ts";
import { limitsFrom, MAX_SELECTIONS } from "../graphql/limits.ts";
import { type CountField, type ObservedContext, observed } from "../graphql/observe.ts";
import { type RequestRecord, rootFields } from "../http/requestRecord.ts";
import { countSelections } from "./countSelections.ts";

/** An operation received over a socket. */
export interface SocketRequest {
  query: string;
  variables: Record<string, unknown> | undefined;
  operationName: string | undefined;
}

/** A parsed and validated document. */
export interface Prepared {
  document: DocumentNode;
  subscription: boolean;
}

export type Result = FormattedExecutionResult;
export type Results = AsyncIterableIterator<Result>;

/** Runs the operations of both sub-protocols. All results are formatted for the client. */
export interface Executor {
  /** What kind of caller a credential belongs to; "anonymous" if it is missing, undefined if it is invalid. */
  identify(authorization: string | undefined): Promise<"known" | "anonymous" | undefined>;
  /** Parses and validates a document as HTTP does. Errors are formatted for the client. */
  prepare(request: SocketRequest): Prepared | GraphQLFormattedError[];
  context(authorization: string | undefined): Context;
  /**
   * Starts a subscription. Returns its events, or one result with errors. The events throw the error that ends them.
   */
  subscribe(prepared: Prepared, request: SocketRequest, ctx: Context): Promise<Results | Result>;
  /** Runs a query or mutation exactly as HTTP does. */
  execute(request: SocketRequest, ctx: Context): Promise<Result>;
  /** The error as the caller may see it. Unexpected errors are logged. */
  shown(error: unknown): GraphQLFormattedError;
}

interface Parts {
  schema: GraphQLSchema;
  apollo: ApolloServer<ObservedContext>;
  services: Services;
  count: CountField;
}

/** Number of cached documents: many sockets subscribe with the same one. */
const MAX_PREPARED = 200;

/** The executor of one server. */
export function createExecutor({ schema, apollo, services, count }: Parts): Executor {
  const { config, log } = services;
  const { validationRules = [], validationOptions } = limitsFrom(config.limits);
  const rules = [
    ...specifiedRules,
    ...(config.apollo.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ...validationRules,
  ];
  const cache = new LRUCache<string, Prepared>({ max: MAX_PREPARED });

  const shown = (thrown: unknown): GraphQLFormattedError => {
    const error = thrown instanceof GraphQLError ? thrown : new GraphQLError("", { originalError: thrown as Error });
    if (isUnexpected(error)) log.error({ err: thrownIn(error) }, "Unexpected error");
    const { message, ...rest } = error.toJSON();
    // As over HTTP, suggestions do not reveal names of the schema.
    return formatError({ ...rest, message: message.replace(/ ?Did you mean(.+?)\?$/, "") }, error);
  };
  const showing = ({ errors, ...rest }: ExecutionResult): Result => ({
    ...rest,
    ...(errors && { errors: errors.map(shown) }),
  });

  function check(request: SocketRequest): Prepared | GraphQLFormattedError[] {
    const tooLarge = documentSizeError(request.query, config.limits);
    if (tooLarge) return [shown(tooLarge)];
    const document = parse(request.query);
    const operation = getOperationAST(document, request.operationName);
    // Apollo validates queries and mutations itself.
    if (operation && operation.operation !== "subscription") return { document, subscription: false };
    const errors = validate(schema, document, rules, validationOptions);
    if (errors.length > 0) return errors.map((error) => shown(aboutDocument(error, "GRAPHQL_VALIDATION_FAILED")));
    if (!operation) {
      return [
        shown(
          aboutDocument(
            new GraphQLError("operationName: must be the name of an operation in the document"),
            "BAD_REQUEST",
          ),
        ),
      ];
    }
    if (countSelections(document, operation) > MAX_SELECTIONS) {
      const message = `The document has more than ${MAX_SELECTIONS} fields after expanding its fragments`;
      return [shown(aboutDocument(new GraphQLError(message), "GRAPHQL_VALIDATION_FAILED"))];
    }
    return { document, subscription: true };
  }

  return {
    shown,
    async identify(authorization) {
      const credential = credentialOf(config, authorization);
      if (credential.kind === "none") return "anonymous";
      return (await loadCaller(services.pool, credential, [])).caller && "known";
    },
    prepare(request) {
      const key = documentKey(request);
      const cached = cache.get(key);
      if (cached) return cached;
      try {
        const prepared = check(request);
        if (Array.isArray(prepared)) return prepared;
        if (key.length < 10_000) cache.set(key, prepared);
        return prepared;
      } catch (error) {
        return [shown(aboutDocument(error as GraphQLError, "GRAPHQL_PARSE_FAILED"))];
      }
    },
    context(authorization) {
      const requestId = newId();
      return createContext(services, { authorization, requestId, log: log.child({ requestId }) });
    },
    async subscribe({ document }, { variables, operationName }, ctx) {
      const result = await subscribe({
        schema,
        document,
        contextValue: ctx,
        variableValues: variables,
        operationName,
      });
      const operation = getOperationAST(document, operationName);
      const [field] = operation ? rootFields(document, operation) : [];
      const events = Symbol.asyncIterator in result ? result : undefined;
      const rejection = events ? undefined : showing(result as ExecutionResult);
      const code = rejection?.errors?.[0]?.extensions?.code;
      count(field?.name ?? "none", events ? "ok" : String(code), "apollo");
      ctx.log.info(
        {
          ...(operationName && { operation: operationName }),
          fields: [field?.name],
          ...(rejection && { errors: [code] }),
        },
        "Subscription started",
      );
      return events ? showEach(events as AsyncGenerator<ExecutionResult>, showing) : (rejection as Result);
    },
    async execute({ query, variables, operationName }, ctx) {
      const operation: RequestRecord = { via: "apollo", fields: [], codes: [] };
      const contextValue: ObservedContext = { ...ctx, [observed]: operation };
      const { body } = await apollo.executeOperation(
        { query, ...(variables && { variables }), ...(operationName !== undefined && { operationName }) },
        { contextValue },
      );
      ctx.log.info(operation, "Operation over WebSocket");
      return body.kind === "single" ? body.singleResult : body.initialResult;
    },
  };
}

/** Adds a code for errors about the document, which the caller may see. */
function aboutDocument(error: GraphQLError, code: string): GraphQLError {
  if (!(error instanceof GraphQLError)) return error;
  Object.assign(error.extensions, { code });
  return error;
}

/** The events of a subscription, each formatted for the client. */
function showEach(events: AsyncGenerator<ExecutionResult>, showing: (result: ExecutionResult) => Result): Results {
  const end = () => events.return(undefined);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const { done, value } = await events.next();
      return done ? { done: true, value: undefined } : { done: false, value: showing(value) };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
  };
}
