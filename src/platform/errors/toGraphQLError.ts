import { GraphQLError } from "graphql";
import { asAppError } from "./asAppError.ts";

/** Renders an error for GraphQL. Unexpected errors become an internal error without details. */
export function toGraphQLError(thrown: unknown): GraphQLError {
  const known = asAppError(thrown);
  if (!known) return new GraphQLError("Internal server error", { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  const { code, message, argument, permission, id, retryAfter } = known;
  return new GraphQLError(message, {
    extensions: {
      code,
      ...(argument !== undefined && { argument }),
      ...(permission.length > 0 && { permission }),
      ...(id !== undefined && { id }),
      ...(retryAfter !== undefined && { retryAfter }),
    },
  });
}
