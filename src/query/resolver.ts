import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../access/context.ts";

/** Resolves a root field. */
export type Resolver<Result, Args = unknown> = (
  source: unknown,
  args: Args,
  ctx: Context,
  info: GraphQLResolveInfo,
) => Promise<Result>;
