import { z } from "zod";
import { recordAudit } from "../audit/recordAudit.ts";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { lockTeam } from "./lockTeam.ts";
import { roleOf, rolesOf, takeTeamRoles } from "./teamRoles.ts";

const Input = z.object({ workspaceUuid: IdOf, teamUuid: IdOf });

/**
 * Takes a team out of a Workspace with its roles in the Workspace's Deployments, and ends its members' sessions. Throws
 * NOT_FOUND when it has no role in the Workspace, FORBIDDEN for a role that reaches further than the caller's own.
 */
export async function workspaceRemoveTeam(ctx: Context, input: unknown): Promise<void> {
  const { workspaceUuid: workspaceId, teamUuid } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id: teamUuid });
    const held = await roleOf(tx, team.id, { workspaceId }, "in the Workspace");
    const below = await rolesOf(tx, team.id, { deployment: { workspaceId } });
    await takeTeamRoles(ctx, tx, team.id, [held, ...below]);
    await recordAudit(ctx, tx, {
      action: "workspaceRemoveTeam",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { teamId: team.id, role: held.role },
    });
  });
}
