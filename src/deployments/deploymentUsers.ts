import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { readMany, type Tree } from "../read/read.ts";
import { UserSearch, usersWhere } from "../users/userSearch.ts";

const Input = z.object({ deploymentId: IdOf, user: UserSearch });

/** The people with a role in the Deployment itself who match every value of `user`. */
export function deploymentUsers(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { deploymentId, user } = parse(Input, args);
  const member = { table: "RoleBinding", theirs: "userId", ours: "id", where: { deploymentId } };
  return readMany(ctx, info, "User", { ...usersWhere(user), member });
}
