import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { readMany, type Tree } from "../read/read.ts";
import { UserSearch, usersWhere } from "./userSearch.ts";

const Input = z.object({ user: UserSearch });

/** The people who match every given value exactly, inside `user` or beside it; everyone when none is given. */
export function users(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  return readMany(ctx, info, "User", usersWhere(parse(Input, args).user, parse(UserSearch, args)));
}
