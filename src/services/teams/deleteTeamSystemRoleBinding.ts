import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockTeam } from "./lockTeam.ts";
import { roleOf, takeTeamRoles } from "./teamRoles.ts";

const Input = z.object({ teamUuid: IdOf, role: z.enum(Role) });

/**
 * Takes a system role from a team and ends its members' sessions. Throws NOT_FOUND when it does not have it, BAD_USER_INPUT for
 * a role of another level.
 */
export async function deleteTeamSystemRoleBinding(ctx: Context, input: unknown): Promise<void> {
  const { teamUuid, role } = parse(Input, input);
  assertGrantable(ctx, role, "SYSTEM", {});
  await ctx.db.$transaction(async (tx) => {
    const { id: teamId } = await lockTeam(tx, { id: teamUuid });
    const held = await roleOf(tx, teamId, { role, workspaceId: null, deploymentId: null }, `${role} on the platform`);
    await takeTeamRoles(ctx, tx, teamId, [held]);
    await recordAudit(ctx, tx, {
      action: "deleteTeamSystemRoleBinding",
      entityType: "Team",
      entityId: teamId,
      detail: { role },
    });
  });
}
