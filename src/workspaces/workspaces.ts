import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { optional } from "../input.ts";
import { readMany, type Tree } from "../read/read.ts";

const Input = z.object({
  label: optional(z.string()),
  workspaceUuid: optional(z.string()),
  userUuid: optional(z.string()),
});

/** The Workspaces the caller may see, narrowed by label, id or a user who has a role in them; all given values must hold. */
export function workspaces(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { label, workspaceUuid, userUuid } = parse(Input, args);
  const member =
    userUuid === undefined
      ? undefined
      : { table: "RoleBinding", theirs: "workspaceId", ours: "id", where: { userId: userUuid } };
  return readMany(ctx, info, "Workspace", { id: workspaceUuid, label, member }, { onlyVisible: true });
}
