import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { readMany, type Tree } from "../read/read.ts";
import type { Where } from "../read/where.ts";
import { UserSearch, usersWhere } from "../users/userSearch.ts";

const Input = z.object({ workspaceUuid: IdOf, user: UserSearch });

/** The people with a role in the Workspace itself who match every value of `user`. */
export function workspaceUsers(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { workspaceUuid, user } = parse(Input, args);
  return readMany(ctx, info, "User", membersWhere(workspaceUuid, user));
}

/** The condition that a user has a role in a Workspace and meets a search. */
export const membersWhere = (workspaceId: string, user: UserSearch): Where => ({
  ...usersWhere(user),
  member: { table: "RoleBinding", theirs: "userId", ours: "id", where: { workspaceId } },
});
