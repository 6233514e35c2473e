import { GraphQLError } from "graphql";
import { asAppError } from "./asAppError.ts";

/** Renders an error for GraphQL. Unexpected errors become an internal error without details. */
export function toGraphQLError(thrown: unknown): GraphQLError {
  const known = asAppError(thrown);
  if (!known) return new GraphQLError("Internal server error", { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  const argument = known.argument === undefined ? {} : { argument: known.argument };
  return new GraphQLError(known.message, { extensions: { code: known.code, ...argument } });
}
