import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockTeam } from "./lockTeam.ts";
import { revokeTeamRoles, roleOf } from "./teamRoles.ts";

const Input = z.object({ teamUuid: IdOf, role: z.enum(Role) });

/**
 * Revokes a team's system role and ends its members' sessions. Throws NOT_FOUND if it does not hold it, BAD_USER_INPUT for
 * a role of another level.
 */
export async function deleteTeamSystemRoleBinding(ctx: Context, input: unknown): Promise<void> {
  const { teamUuid, role } = parse(Input, input);
  assertGrantable(ctx, role, "SYSTEM", {});
  await ctx.db.$transaction(async (tx) => {
    const { id: teamId } = await lockTeam(tx, { id: teamUuid });
    const held = await roleOf(tx, teamId, { role, workspaceId: null, deploymentId: null }, `${role} on the system`);
    await revokeTeamRoles(ctx, tx, teamId, [held]);
    await recordAudit(ctx, tx, {
      action: "deleteTeamSystemRoleBinding",
      entityType: "Team",
      entityId: teamId,
      detail: { role },
    });
  });
}
