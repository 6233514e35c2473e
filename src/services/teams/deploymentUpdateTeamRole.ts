import type { Context } from "../../access/context.ts";
import { grantOf, recordTeamRole, teamRoleOf } from "./deploymentTeamRole.ts";
import { changeTeamRole } from "./teamRoles.ts";

/**
 * Changes a team's role in a Deployment. Throws NOT_FOUND if it has none there,
 * BAD_USER_INPUT for a role of another level, FORBIDDEN if the old or the new one has permissions that the caller lacks.
 */
export async function deploymentUpdateTeamRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { role, scope, teamId } = await grantOf(ctx, tx, input);
    const held = await teamRoleOf(tx, teamId, scope);
    await changeTeamRole(ctx, tx, held, role);
    await recordTeamRole(ctx, tx, "deploymentUpdateTeamRole", scope, { teamId, role, before: held.role });
    return { id: held.id };
  });
}
