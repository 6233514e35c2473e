import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { readMany, type Tree } from "../../query/read.ts";
import { UserSearch } from "../users/userSearch.ts";
import { membersWhere } from "./workspaceUsers.ts";

const Input = z.object({ workspaceUuid: IdOf, user: UserSearch });

/**
 * The user of a Workspace who matches every value in `user`, the oldest one if several match; null if none does. Throws
 * BAD_USER_INPUT for a search without values.
 */
export async function workspaceUser(
  _: unknown,
  args: unknown,
  ctx: Context,
  info: GraphQLResolveInfo,
): Promise<Tree<"User"> | null> {
  const { workspaceUuid, user } = parse(Input, args);
  if (Object.values(user).every((value) => value === undefined)) {
    throw badInput(
      "user",
      "must contain at least one of userId, userUuid, username, email, fullName, createdAt and updatedAt",
    );
  }
  const [first] = await readMany(ctx, info, "User", membersWhere(workspaceUuid, user));
  return first ?? null;
}
