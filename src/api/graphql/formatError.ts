import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { toGraphQLError } from "../../platform/errors/toGraphQLError.ts";

/** Codes of errors that the GraphQL layer itself raises: what they say is about the document, so the caller may read it. */
const protocolCodes = new Set([
  "BAD_REQUEST",
  "BAD_USER_INPUT",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** Characters of a message that quotes what the caller sent. */
const LONGEST_MESSAGE = 1_000;

/** What was thrown, freed of the wrapping that says where in the document it happened. */
export function thrownIn(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}

/** Whether the executor refused a value the caller sent. graphql-js gives those errors no code of their own. */
function isBadValue(error: GraphQLError): boolean {
  if (error.originalError && !(error.originalError instanceof GraphQLError)) return false;
  // Without a path nothing had run yet: the variables were at fault. Else the node says whether a value was.
  if (error.path === undefined) return true;
  const kind = error.nodes?.[0]?.kind;
  return kind === Kind.VARIABLE || kind === Kind.ARGUMENT || kind?.endsWith("Value") === true;
}

/** graphql-js repeats a refused value whole in every error about it. What names the variable and the reason is at the ends. */
function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE
    ? message
    : `${message.slice(0, LONGEST_MESSAGE / 2)} … ${message.slice(-LONGEST_MESSAGE / 2)}`;
}

/** Whether an error is our fault and must be logged, for nothing of it reaches the caller. */
export function isUnexpected(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return !asAppError(error);
  if (protocolCodes.has(String(error.extensions.code)) || isBadValue(error)) return false;
  return !asAppError(thrownIn(error));
}

/** The error as the caller sees it: a message, `extensions.code`, and where in the document it happened. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  if (error instanceof GraphQLError) {
    const message = shortened(formatted.message);
    if (protocolCodes.has(String(error.extensions.code))) return { ...formatted, message };
    if (isBadValue(error)) return { ...formatted, message, extensions: { code: "BAD_USER_INPUT" } };
  }
  const { message, extensions } = toGraphQLError(thrownIn(error)).toJSON();
  const { locations, path } = formatted;
  return { message, ...(locations && { locations }), ...(path && { path }), ...(extensions && { extensions }) };
}
