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
import { formatError, isUnexpected, thrownIn } from "../graphql/formatError.ts";
import { limitsFrom } from "../graphql/limits.ts";
import { type CountField, type ObservedContext, observed } from "../graphql/observe.ts";
import { type RequestRecord, rootFields } from "../http/requestRecord.ts";
import { countSelections } from "./countSelections.ts";

/** An operation as it came over a socket. */
export interface SocketRequest {
  query: string;
  variables: Record<string, unknown> | undefined;
  operationName: string | undefined;
}

/** A checked document. */
export interface Prepared {
  document: DocumentNode;
  subscription: boolean;
}

export type Result = FormattedExecutionResult;
export type Results = AsyncIterableIterator<Result>;

/** Runs the operations of both sub-protocols. All results are ready to be sent. */
export interface Executor {
  /** Whom a token introduces: nobody in particular when it is missing; undefined when it is no longer good. */
  welcomes(authorization: string | undefined): Promise<"somebody" | "nobody" | undefined>;
  /** Checks a document as HTTP does. Errors are ready to be shown. */
  prepare(asked: SocketRequest): Prepared | GraphQLFormattedError[];
  context(authorization: string | undefined): Context;
  /** Runs a subscription: its events, or the one answer that refuses it. The events throw what ends them. */
  subscribe(prepared: Prepared, asked: SocketRequest, ctx: Context): Promise<Results | Result>;
  /** Answers a query or mutation exactly as HTTP does. */
  execute(asked: SocketRequest, ctx: Context): Promise<Result>;
  /** An error as the caller may see it. What is our fault is logged. */
  shown(error: unknown): GraphQLFormattedError;
}

interface Parts {
  schema: GraphQLSchema;
  apollo: ApolloServer<ObservedContext>;
  services: Services;
  count: CountField;
}

/** Checked documents remembered: many sockets follow with the same one. */
const MAX_PREPARED = 200;

const MAX_SELECTIONS = 10_000;

/** The executor of one server. */
export function createExecutor({ schema, apollo, services, count }: Parts): Executor {
  const { config, log } = services;
  const { validationRules = [], parseOptions, validationOptions } = limitsFrom(config.limits);
  const rules = [
    ...specifiedRules,
    ...(config.apollo.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ...validationRules,
  ];
  const known = new LRUCache<string, Prepared>({ max: MAX_PREPARED });

  const shown = (thrown: unknown): GraphQLFormattedError => {
    const error = thrown instanceof GraphQLError ? thrown : new GraphQLError("", { originalError: thrown as Error });
    if (isUnexpected(error)) log.error({ err: thrownIn(error) }, "Unexpected error");
    const { message, ...rest } = error.toJSON();
    // Names of the schema are not given away by suggestions, over HTTP neither.
    return formatError({ ...rest, message: message.replace(/ ?Did you mean(.+?)\?$/, "") }, error);
  };
  const showing = ({ errors, ...rest }: ExecutionResult): Result => ({
    ...rest,
    ...(errors && { errors: errors.map(shown) }),
  });

  function check(asked: SocketRequest): Prepared | GraphQLFormattedError[] {
    const document = parse(asked.query, parseOptions);
    const operation = getOperationAST(document, asked.operationName);
    // Apollo checks what it answers.
    if (operation && operation.operation !== "subscription") return { document, subscription: false };
    const errors = validate(schema, document, rules, validationOptions);
    if (errors.length > 0) return errors.map((error) => shown(aboutDocument(error, "GRAPHQL_VALIDATION_FAILED")));
    if (!operation) {
      return [
        shown(aboutDocument(new GraphQLError("operationName: names no operation of the document"), "BAD_REQUEST")),
      ];
    }
    if (countSelections(document, operation) > MAX_SELECTIONS) {
      const message = `The document comes to more than ${MAX_SELECTIONS} fields`;
      return [shown(aboutDocument(new GraphQLError(message), "GRAPHQL_VALIDATION_FAILED"))];
    }
    return { document, subscription: true };
  }

  return {
    shown,
    async welcomes(authorization) {
      const credential = credentialOf(config, authorization);
      if (credential.kind === "none") return "nobody";
      return (await loadCaller(services.pool, credential, [])).caller && "somebody";
    },
    prepare(asked) {
      const key = `${asked.operationName ?? ""}\n${asked.query}`;
      const before = known.get(key);
      if (before) return before;
      try {
        const prepared = check(asked);
        if (Array.isArray(prepared)) return prepared;
        if (key.length < 10_000) known.set(key, prepared);
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
      const begun = await subscribe({
        schema,
        document,
        contextValue: ctx,
        variableValues: variables,
        operationName,
      });
      const operation = getOperationAST(document, operationName);
      const [field] = operation ? rootFields(document, operation) : [];
      const events = Symbol.asyncIterator in begun ? begun : undefined;
      const refusal = events ? undefined : showing(begun as ExecutionResult);
      const code = refusal?.errors?.[0]?.extensions?.code;
      count(field?.name ?? "none", events ? "ok" : String(code), "apollo");
      ctx.log.info(
        {
          ...(operationName && { operation: operationName }),
          fields: [field?.name],
          ...(refusal && { errors: [code] }),
        },
        "subscription",
      );
      return events ? showEach(events as AsyncGenerator<ExecutionResult>, showing) : (refusal as Result);
    },
    async execute({ query, variables, operationName }, ctx) {
      const operation: RequestRecord = { via: "apollo", fields: [], codes: [] };
      const contextValue: ObservedContext = { ...ctx, [observed]: operation };
      const { body } = await apollo.executeOperation(
        { query, ...(variables && { variables }), ...(operationName !== undefined && { operationName }) },
        { contextValue },
      );
      ctx.log.info(operation, "operation over a socket");
      return body.kind === "single" ? body.singleResult : body.initialResult;
    },
  };
}

/** The error with a code that says it is about the document, which is the caller's own. */
function aboutDocument(error: GraphQLError, code: string): GraphQLError {
  if (!(error instanceof GraphQLError)) return error;
  Object.assign(error.extensions, { code });
  return error;
}

/** The events of a subscription, each ready to be sent. */
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
