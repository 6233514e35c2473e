import type { AppError } from "../../platform/errors/appError.ts";
import { toGraphQLError } from "../../platform/errors/toGraphQLError.ts";
import type { RootResolver } from "../graphql/createSchema.ts";
import { isUnexpected, thrownIn } from "../graphql/formatError.ts";
import { type ObservedContext, reported } from "../graphql/observe.ts";

/** What a mutation did; `statusMessage` adds that it succeeded. */
export interface Done {
  message: string;
  id?: string | null;
  token?: string | null;
  decoded?: { id: string; sU: boolean; iat: number; exp: number } | null;
}

/** The answer of a mutation, as in alpha.graphql. */
type Answer = (Done & { success: true }) | { success: false; message: string; code: AppError["code"] };

/**
 * Wraps a mutation of the alpha API: an error, of the guard too, becomes an answer with its message and code. What must
 * not be shown is logged, as GraphQL errors are.
 */
export const statusMessage =
  (resolve: RootResolver): RootResolver =>
  async (source, args, ctx: ObservedContext, info): Promise<Answer> => {
    try {
      const done = (await resolve(source, args, ctx, info)) as Done;
      return { ...done, success: true };
    } catch (thrown) {
      if (isUnexpected(thrown)) ctx.log.error({ err: thrownIn(thrown) }, "Unexpected error");
      const { message, extensions } = toGraphQLError(thrownIn(thrown));
      const code = extensions.code as AppError["code"];
      ctx[reported]?.set(info.path.key, code);
      return { success: false, message, code };
    }
  };
