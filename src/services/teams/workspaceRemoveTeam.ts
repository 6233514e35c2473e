import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockTeam } from "./lockTeam.ts";
import { revokeTeamRoles, roleOf, rolesOf } from "./teamRoles.ts";

const Input = z.object({ workspaceUuid: IdOf, teamUuid: IdOf });

/**
 * Removes a team from a Workspace with its roles in the Workspace's Deployments. Throws NOT_FOUND if it has no role in the Workspace, FORBIDDEN for a role with permissions that the caller lacks.
 */
export async function workspaceRemoveTeam(ctx: Context, input: unknown): Promise<void> {
  const { workspaceUuid: workspaceId, teamUuid } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id: teamUuid });
    const held = await roleOf(tx, team.id, { workspaceId }, "in the Workspace");
    const inDeployments = await rolesOf(tx, team.id, { deployment: { workspaceId } });
    await revokeTeamRoles(ctx, tx, team.id, [held, ...inDeployments]);
    await recordAudit(ctx, tx, {
      action: "workspaceRemoveTeam",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { teamId: team.id, role: held.role },
    });
  });
}
