import type { Context } from "../../access/context.ts";
import { grantOf, heldThere, recordTeamRole } from "./deploymentTeamRole.ts";
import { changeTeamRole } from "./teamRoles.ts";

/**
 * Changes a team's role in a Deployment; a lower one ends its members' sessions. Throws NOT_FOUND when it has none there,
 * BAD_USER_INPUT for a role of another level, FORBIDDEN when the old or the new one reaches further than the caller's own.
 */
export async function deploymentUpdateTeamRole(ctx: Context, input: unknown): Promise<{ id: string }> {
  return ctx.db.$transaction(async (tx) => {
    const { role, scope, teamId } = await grantOf(ctx, tx, input);
    const held = await heldThere(tx, teamId, scope);
    await changeTeamRole(ctx, tx, held, role);
    await recordTeamRole(ctx, tx, "deploymentUpdateTeamRole", scope, { teamId, role, before: held.role });
    return { id: held.id };
  });
}
