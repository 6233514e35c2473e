import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { lockNamed, Named, recordTeamRole, teamRoleOf } from "./deploymentTeamRole.ts";
import { revokeTeamRoles } from "./teamRoles.ts";

/**
 * Revokes a team's role in a Deployment. Throws NOT_FOUND if it has none there, FORBIDDEN for a role with permissions that the caller lacks.
 */
export async function deploymentRemoveTeamRole(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Named, input);
  await ctx.db.$transaction(async (tx) => {
    const { scope, teamId } = await lockNamed(tx, given);
    const held = await teamRoleOf(tx, teamId, scope);
    await revokeTeamRoles(ctx, tx, teamId, [held]);
    await recordTeamRole(ctx, tx, "deploymentRemoveTeamRole", scope, { teamId, role: held.role });
  });
}
