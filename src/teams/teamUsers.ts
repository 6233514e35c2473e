import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { authorize } from "../auth/authorize.ts";
import type { Context } from "../context.ts";
import { forbidden, parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { readMany, type Tree } from "../read/read.ts";
import { teamNotFound } from "./lockTeam.ts";

const Input = z.object({ teamUuid: IdOf });

/**
 * The people in a team. A team lies in no one scope, so no argument says where a permission must be held: the team's roles
 * and members decide, as in `membership`. Throws FORBIDDEN for a team, there or not, whose members the caller may not see.
 */
export async function teamUsers(_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { teamUuid: teamId } = parse(Input, args);
  await assertMembersVisible(ctx, teamId);
  const member = { table: "TeamMember", theirs: "userId", ours: "id", where: { teamId } };
  return readMany(ctx, info, "User", { member });
}

async function assertMembersVisible({ caller, db, roles }: Context, id: string): Promise<void> {
  const everywhere = authorize(roles, caller, ["system.teams.get"]);
  const team = await db.team.findUnique({
    where: { id },
    select: {
      members: { where: { userId: caller.kind === "user" ? caller.id : "" }, select: { userId: true } },
      roleBindings: { where: { workspaceId: { not: null } }, select: { workspaceId: true } },
    },
  });
  if (!team) throw everywhere ? teamNotFound("teamUuid") : forbidden();
  if (everywhere || team.members.length > 0) return;
  const there = team.roleBindings.some(({ workspaceId }) =>
    authorize(roles, caller, ["workspace.teams.getAll"], { workspaceId }),
  );
  if (!there) throw forbidden();
}
