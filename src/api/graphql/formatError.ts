import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { shortened } from "../../platform/errors/shortened.ts";
import { toGraphQLError } from "../../platform/errors/toGraphQLError.ts";
import { withoutValues } from "./withoutValues.ts";

/** Codes of errors raised by the GraphQL layer: their messages are about the document, so the caller may see them. */
const protocolCodes = new Set([
  "BAD_REQUEST",
  "BAD_USER_INPUT",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/**
 * What graphql-js says when comparing all fields of one name would take too long: it names neither limit nor remedy.
 */
const ABORTED = "Validation aborted.";
const TOO_MANY_FIELDS = "The document selects too many fields of the same name to compare them; select fewer fields.";

/** The original error, without the GraphQLError around it that adds the location in the document. */
export function thrownIn(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}

/** Whether the executor rejected a value of the caller. graphql-js sets no code on those errors. */
function isBadValue(error: GraphQLError): boolean {
  if (error.originalError && !(error.originalError instanceof GraphQLError)) return false;
  // Without a path, nothing had run yet: a variable is invalid. Otherwise the node tells whether a value is.
  if (error.path === undefined) return true;
  const kind = error.nodes?.[0]?.kind;
  return kind === Kind.VARIABLE || kind === Kind.ARGUMENT || kind?.endsWith("Value") === true;
}

/**
 * graphql-js suggests names of the schema, to callers who may not introspect it too. Apollo removes that from errors of
 * documents, but neither from those of variables nor on WebSockets.
 */
const withoutSuggestion = (message: string): string => message.replace(/ ?Did you mean [^?]*\?$/, "");

/** Whether an error is our fault and must be logged, because the caller does not see it. */
export function isUnexpected(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return !asAppError(error);
  if (protocolCodes.has(String(error.extensions.code)) || isBadValue(error)) return false;
  return !asAppError(thrownIn(error));
}

/** The error as the caller sees it: a message, `extensions.code`, and where in the document it happened. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  if (error instanceof GraphQLError) {
    const message =
      formatted.message === ABORTED ? TOO_MANY_FIELDS : shortened(withoutValues(withoutSuggestion(formatted.message)));
    if (protocolCodes.has(String(error.extensions.code))) return { ...formatted, message };
    if (isBadValue(error)) return { ...formatted, message, extensions: { code: "BAD_USER_INPUT" } };
  }
  const { message, extensions } = toGraphQLError(thrownIn(error)).toJSON();
  const { locations, path } = formatted;
  return { message, ...(locations && { locations }), ...(path && { path }), ...(extensions && { extensions }) };
}
