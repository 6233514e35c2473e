import type { ApolloServer } from "@apollo/server";
import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from "graphql";
import { LRUCache } from "lru-cache";
import { credentialOf } from "../../access/authenticate.ts";
import { type Client, type Context, createContext, type Services } from "../../access/context.ts";
import { loadCaller } from "../../access/loadCaller.ts";
import { DatabaseTime } from "../../platform/database/databaseTime.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { documentKey } from "../graphql/documentKey.ts";
import { createDocumentCheck } from "../graphql/documentLimits.ts";
import { formatError, isUnexpected, thrownIn } from "../graphql/formatError.ts";
import { limitsFrom } from "../graphql/limits.ts";
import { type CountField, type ObservedContext, observed } from "../graphql/observe.ts";
import { OVERLOADED, type Overload } from "../http/overload.ts";
import { type RequestRecord, rootFields } from "../http/requestRecord.ts";

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
  /** The context of an operation, for the credential and the client of its socket. */
  context(authorization: string | undefined, client: Client): Context;
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
  overload: Overload;
  count: CountField;
}

/** Number of cached documents: many sockets subscribe with the same one. */
const MAX_PREPARED = 200;

/** The executor of one server. */
export function createExecutor({ schema, apollo, services, overload, count }: Parts): Executor {
  const { config, log } = services;
  const { validationOptions } = limitsFrom(config.limits);
  const overLimit = createDocumentCheck(schema, config.limits);
  const cache = new LRUCache<string, Prepared>({ max: MAX_PREPARED });

  const newTime = () => new DatabaseTime(config.database.pool.requestTimeout);
  const shown = (thrown: unknown): GraphQLFormattedError => {
    const error = thrown instanceof GraphQLError ? thrown : new GraphQLError("", { originalError: thrown as Error });
    if (isUnexpected(error)) log.error({ err: thrownIn(error) }, "Unexpected error");
    return formatError(error.toJSON(), error);
  };
  const showing = ({ errors, ...rest }: ExecutionResult): Result => ({
    ...rest,
    ...(errors && { errors: errors.map(shown) }),
  });

  function check(request: SocketRequest): Prepared | GraphQLFormattedError[] {
    const error = overLimit(request.query);
    if (error) return [shown(error)];
    const document = parse(request.query);
    const operation = getOperationAST(document, request.operationName);
    // Apollo validates queries and mutations itself.
    if (operation && operation.operation !== "subscription") return { document, subscription: false };
    const errors = validate(schema, document, specifiedRules, validationOptions);
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
    return { document, subscription: true };
  }

  return {
    shown,
    async identify(authorization) {
      const credential = credentialOf(config, authorization);
      if (credential.kind === "none") return "anonymous";
      const { caller } = await newTime().run(() => loadCaller(services.pool, credential, []));
      return caller && "known";
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
    context(authorization, client) {
      const requestId = newId();
      const origin = { via: "websocket", address: client.address } as const;
      return createContext(services, {
        authorization,
        requestId,
        origin: { ...origin },
        log: log.child({ requestId }),
        client,
      });
    },
    async subscribe({ document }, { variables, operationName }, ctx) {
      if (overload.isOverloaded()) return { errors: [shown(OVERLOADED)] };
      const start = { schema, document, contextValue: ctx, variableValues: variables, operationName };
      const time = newTime();
      const result = await time.run(() => subscribe(start));
      // Only the start is a request. Its timers keep its context.
      time.lift();
      const operation = getOperationAST(document, operationName);
      const [field] = operation ? rootFields(document, operation) : [];
      const events = Symbol.asyncIterator in result ? result : undefined;
      const rejection = events ? undefined : showing(result as ExecutionResult);
      const code = rejection?.errors?.[0]?.extensions?.code;
      count(field?.name ?? "none", events ? "ok" : String(code), "apollo");
      ctx.log.info(
        {
          ...(operationName && { operation: operationName }),
          ...clientOf(ctx),
          fields: [field?.name],
          ...(rejection && { errors: [code] }),
        },
        "Subscription started",
      );
      return events ? showEach(events as AsyncGenerator<ExecutionResult>, showing) : (rejection as Result);
    },
    async execute({ query, variables, operationName }, ctx) {
      if (overload.isOverloaded()) return { errors: [shown(OVERLOADED)] };
      const end = overload.begin();
      const operation: RequestRecord = { via: "apollo", fields: [], codes: [] };
      const contextValue: ObservedContext = { ...ctx, [observed]: operation };
      const request = { query, ...(variables && { variables }), ...(operationName !== undefined && { operationName }) };
      const { body } = await newTime()
        .run(() => apollo.executeOperation(request, { contextValue }))
        .finally(end);
      ctx.log.info({ ...operation, ...clientOf(ctx) }, "Operation over WebSocket");
      return body.kind === "single" ? body.singleResult : body.initialResult;
    },
  };
}

/** Who the log says sent an operation. */
const clientOf = ({ origin: { address, caller } }: Context) => ({ address, ...(caller && { caller }) });

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
