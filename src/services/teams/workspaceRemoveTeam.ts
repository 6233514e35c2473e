import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
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
