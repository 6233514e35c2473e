import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockTeam } from "./lockTeam.ts";
import { changeTeamRole, roleOf } from "./teamRoles.ts";

const Input = z.object({ workspaceUuid: IdOf, teamUuid: IdOf, role: z.enum(Role) });

/**
 * Changes a team's role in a Workspace and returns the new one. Throws NOT_FOUND if it has none there, BAD_USER_INPUT for
 * a role of another level, FORBIDDEN if the old or the new one has permissions that the caller lacks.
 */
export async function workspaceUpdateTeamRole(ctx: Context, input: unknown): Promise<Role> {
  const { workspaceUuid: workspaceId, teamUuid, role } = parse(Input, input);
  assertGrantable(ctx, role, "WORKSPACE", { workspaceId });
  await ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id: teamUuid });
    const held = await roleOf(tx, team.id, { workspaceId }, "in the Workspace");
    await changeTeamRole(ctx, tx, held, role);
    await recordAudit(ctx, tx, {
      action: "workspaceUpdateTeamRole",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { teamId: team.id, role, before: held.role },
    });
  });
  return role;
}
